#include "apps/policy_commands.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/access_answer.h"
#include "scenarios/catalogue.h"
#include "scenarios/policy_answer.h"
#include "scenarios/rulebook_io.h"
#include "studies/policy_design.h"

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
  auto chip = read<ChipSpec>(document);
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

template <class E>
E named(const std::string& word, const std::string& option, const std::string& place) {
  std::vector<std::string> names;
  for (const auto& entry : enum_names<E>) {
    if (entry.name == word) return entry.value;
    names.emplace_back(entry.name);
  }
  refuse(place, option + " as one of " + joined(names), word.empty() ? "nothing" : in_quotes(word),
         word.empty() ? "" : did_you_mean(word, names, "words"));
}

// The rule that --rule names; null: none is named.
const Rule* rule_of(const CommandLine& line, const Rulebook& book, const std::string& place) {
  if (!line.has("rule")) return nullptr;
  const std::string id = line.choice("rule");
  std::vector<std::string> ids;
  for (const Rule& rule : book.rules()) ids.push_back(rule.id);
  const Rule* rule = book.find(id);
  if (rule == nullptr)
    refuse(place, "--rule as the id of a rule", in_quotes(id), did_you_mean(id, ids, "rules"));
  if (rule->part != RulePart::exporter || rule->is_about_memory || !rule->exporters.empty() ||
      !rule->end_uses.empty() || rule->dates.effective.empty())
    refuse(place, "--rule as one on exports of chips that was in force", in_quotes(id),
           "such as 2023-10-17");
  return rule;
}

Answer design_command(const CommandLine& line, const Workbench& bench,
                      const Catalogues& catalogues) {
  const std::string place = "jevons policy design";
  if (line.words.size() > 1)
    refuse(place, "nothing more", in_quotes(line.words[1]), "write --die for the chip to cut down");
  const Rulebook book = load_rulebook(catalogues);
  DesignQuestion q;
  q.book = &book;
  q.goal = named<DesignGoal>(line.choice("max"), "--max", place);
  q.most = named<PolicyStatus>(line.choice("status", "not_controlled"), "--status", place);
  q.rule = rule_of(line, book, place);
  DealWords words = words_of(line);
  if (words.date.empty() && q.rule != nullptr) words.date = q.rule->dates.effective;
  q.deal = deal_from(words, book, place);
  if (q.rule != nullptr && q.deal.date < q.rule->dates.effective)
    refuse(place, "--date not before --rule is in force (" + q.rule->dates.effective + ")",
           in_quotes(q.deal.date), "leave --date out");
  q.model =
      read_entry<ModelCard>(catalogues, line.choice("model", std::string{usual_model(q.goal)}));
  q.catalogue = read_all<ChipSpec>(catalogues);
  if (line.has("die"))
    q.dies = {chip_of(line, catalogues, line.choice("die"))};
  else
    q.dies = measured_dies(q.catalogue, q.deal.date);
  for (const ChipSpec& die : q.dies)
    if (!die.peak.bf16 || !die.memory || !die.memory_bandwidth || !die.tdp)
      refuse(place, "--die as a chip whose rates, memory and power are known", in_quotes(die.id),
             "jevons list chips shows them");
  return design_answer(q, bench.progress);
}

}  // namespace

namespace {

// Flags that only some topics understand; the others are of the deal.
void refuse_flags_of_others(const CommandLine& line, const std::string& topic) {
  struct Flag {
    const char* name;
    std::string_view topic;
  };
  constexpr std::array flags{Flag{"max", "design"},   Flag{"rule", "design"},
                             Flag{"die", "design"},   Flag{"status", "design"},
                             Flag{"model", "design"}, Flag{"region", "access"},
                             Flag{"all", "chip"},     Flag{"chips", "timeline"}};
  for (const Flag& flag : flags)
    if (line.has(flag.name) && flag.topic != topic)
      refuse("jevons policy " + topic, "only flags of policy " + topic,
             "--" + std::string{flag.name}, "that one is for policy " + std::string{flag.topic});
}

}  // namespace

Answer policy_command(const CommandLine& line, const Workbench& bench) {
  const Catalogues catalogues = catalogues_in({bench.parts});
  const std::string& topic = line.words.front();
  const std::vector<std::string> topics{"chip", "timeline", "access", "design"};
  if (std::find(topics.begin(), topics.end(), topic) == topics.end())
    refuse("jevons policy", "one of " + joined(topics), in_quotes(topic),
           did_you_mean(topic, topics, "topics"));
  refuse_flags_of_others(line, topic);
  if (topic == "chip") return chip_command(line, catalogues);
  if (topic == "timeline") return timeline_command(line, catalogues);
  if (topic == "access") return access_command(line, catalogues);
  return design_command(line, bench, catalogues);
}

}  // namespace jevons
