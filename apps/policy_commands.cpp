#include "apps/policy_commands.h"

#include <sstream>
#include <string>
#include <vector>

#include "scenarios/access_answer.h"
#include "scenarios/catalogue.h"
#include "scenarios/policy_answer.h"
#include "scenarios/rulebook_io.h"

namespace jevons {

namespace {

[[noreturn]] void refuse(const std::string& place, std::string expected, std::string got,
                         std::string hint = "") {
  throw ScenarioError{Mistake{place, 0, "", std::move(expected), std::move(got), std::move(hint)}};
}

DealWords words_of(const CommandLine& line) {
  return {.date = line.choice("date"),
          .destination = line.choice("dest", "CN"),
          .parent = line.choice("parent"),
          .end_use = line.choice("end-use", "civil"),
          .exporter = line.choice("exporter", "vendor"),
          .is_attested = line.has("attested"),
          .is_reexport = line.has("reexport")};
}

// A chip of the catalogue, with what --set changes of it.
ChipSpec chip_of(const CommandLine& line, const Catalogues& catalogues, const std::string& id) {
  JsonDocument document = load_document(entry_file(catalogues, ChipSpec::catalogue, id), disk());
  for (const Setting& setting : line.settings) override_value(document, setting);
  ChipSpec chip = read<ChipSpec>(document);
  chip.id = id;
  return chip;
}

std::vector<ChipSpec> chips_of(const CommandLine& line, const Catalogues& catalogues) {
  if (!line.has("chips")) return read_all<ChipSpec>(catalogues);
  std::vector<ChipSpec> chips;
  std::istringstream ids{line.choice("chips")};
  for (std::string id; std::getline(ids, id, ',');) chips.push_back(chip_of(line, catalogues, id));
  return chips;
}

Answer chip_command(const CommandLine& line, const Catalogues& catalogues) {
  const std::string place = "jevons policy chip";
  const bool is_for_all = line.has("all");
  const bool has_id = line.words.size() > 1;
  if (is_for_all == has_id)
    refuse(place, "either a chip or --all", has_id ? "both" : "neither",
           "jevons list chips shows the ids");
  if (line.has("chips")) refuse(place, "one chip or --all", "--chips", "write policy timeline");
  const Rulebook book = load_rulebook(catalogues);
  const Deal deal = deal_from(words_of(line), book, place);
  if (has_id) return policy_chip_answer(book, chip_of(line, catalogues, line.words[1]), deal);
  return policy_chips_answer(book, read_all<ChipSpec>(catalogues), deal);
}

Answer timeline_command(const CommandLine& line, const Catalogues& catalogues) {
  const std::string place = "jevons policy timeline";
  if (line.has("date"))
    refuse(place, "every day", "--date", "for one day write jevons policy chip");
  if (line.words.size() > 1)
    refuse(place, "nothing more", in_quotes(line.words[1]), "write --chips");
  const Rulebook book = load_rulebook(catalogues);
  DealWords words = words_of(line);
  words.date = book.first_day();
  return policy_timeline_answer(book, chips_of(line, catalogues), deal_from(words, book, place));
}

Answer access_command(const CommandLine& line, const Catalogues& catalogues) {
  if (line.words.size() > 1)
    refuse("jevons policy access", "nothing more", in_quotes(line.words[1]), "write --region");
  return access_answer(read_entry<RegionAccess>(catalogues, line.choice("region", "CN")));
}

}  // namespace

Answer policy_command(const CommandLine& line, const Workbench& bench) {
  const Catalogues catalogues = catalogues_in({bench.parts});
  const std::string& topic = line.words.front();
  if (topic == "chip") return chip_command(line, catalogues);
  if (topic == "timeline") return timeline_command(line, catalogues);
  if (topic == "access") return access_command(line, catalogues);
  const std::vector<std::string> topics{"chip", "timeline", "access"};
  refuse("jevons policy", "one of " + joined(topics), in_quotes(topic),
         did_you_mean(topic, topics, "topics"));
}

}  // namespace jevons
