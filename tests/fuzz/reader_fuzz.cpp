#include "tests/fuzz/reader_fuzz.h"

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "scenarios/json_text.h"
#include "scenarios/kinds.h"
#include "scenarios/utf8.h"
#include "tests/scenarios/small_plant.h"

namespace jevons {

Answer run(const SmallPlant&, RunContext&) {
  return {};
}

namespace {

std::optional<JsonDocument> parsed(const std::string& text, std::string& complaint) {
  try {
    return parse_json("fuzz.json", text);
  } catch (const ScenarioError& error) {
    complaint = error.what();
    return std::nullopt;
  }
}

// Where we are stricter than the standard.
bool is_stricter_law(const std::string& complaint) {
  for (const char* law : {"expected each key once", "expected at most 64 levels",
                          "expected UTF-8 text", "expected at most 8 MiB"})
    if (complaint.find(law) != std::string::npos) return true;
  return false;
}

// Our parser and another one agree on what is JSON, and on its content.
void agrees_with_library(const std::string& text) {
  // The other one ends a comment at a zero byte.
  if (text.find('\0') != std::string::npos) return;
  std::string complaint;
  const auto ours = parsed(text, complaint);
  const auto theirs = nlohmann::ordered_json::parse(text, nullptr, false, true);
  if (!ours) {
    ensure(theirs.is_discarded() || is_stricter_law(complaint), "what is JSON is accepted");
    return;
  }
  ensure(!theirs.is_discarded(), "what is no JSON is refused");
  const std::string printed = to_text(ours->root);
  ensure(nlohmann::ordered_json::parse(printed) == nlohmann::ordered_json::parse(theirs.dump()),
         "both parsers read the same values");
  ensure(to_text(parse_json("again", printed).root) == printed, "printed JSON reads back the same");
}

// A plant that was accepted has only sane values.
void is_sane(const SmallPlant& plant) {
  ensure(plant.pue >= 1 && plant.pue <= 3, "pue is in its range");
  ensure(plant.chip.tdp >= 1 * unit::W && plant.chip.tdp <= 10 * unit::kW, "tdp is in its range");
  ensure(plant.warmup.count() >= 0 && plant.warmup <= std::chrono::hours{1}, "warmup is in range");
  for (const SmallPool& pool : plant.pools)
    ensure(pool.gpus >= 1 && pool.gpus <= 1024, "gpus are in their range");
  for (const auto& [tenant, share] : plant.shares)
    ensure(share >= 0 && share <= 1, "shares are in their range");
}

// As a scenario that may extend another one and itself: accepted ones are sane and survive being
// written and read again.
void reads_as_scenario(const std::string& text) {
  const std::vector<Kind> known{kind_of<SmallPlant>()};
  const auto load = [&known](const std::string& scenario) {
    return load_scenario(
        "fuzz.json", {},
        {in_memory({{"fuzz.json", scenario}, {"base.json", R"({"kind": "plant", "chip": "c"})"}}),
         {[](std::string_view, std::string_view id) {
            return id == "c" ? std::optional<std::string>{"base.json"} : std::nullopt;
          },
          [](std::string_view) { return std::vector<std::string>{"c"}; }},
         known});
  };
  try {
    const Scenario scenario = load(text);
    is_sane(filled<SmallPlant>(scenario.document));
    JsonValue resolved = scenario.kind.resolve(scenario.document);
    // The id stands for an entry whose file is no chip here.
    *resolved.find("chip")->find("id") = JsonValue{std::string{}, {}};
    const Scenario again = load(to_text(resolved));
    ensure(to_text(again.kind.resolve(again.document)) == to_text(resolved),
           "a resolved scenario resolves to itself");
  } catch (const ScenarioError& error) {
    ensure(!error.mistakes().empty(), "a refusal says why");
    for (const Mistake& mistake : error.mistakes().list()) {
      const std::string sentence = to_text(mistake);
      ensure(sentence.find('\n') == std::string::npos, "a mistake is told in one line");
      ensure(first_invalid_utf8(sentence) == sentence.size(), "a mistake is told in UTF-8");
    }
  }
}

void reads_as_override(const std::string& text) {
  JsonDocument document = parse_json("a.json", R"({"chip": "c", "pools": [{}]})");
  try {
    override_value(document, {text});
    to_text(document.root);
  } catch (const ScenarioError&) {
  }
}

void reads_as_quantity(std::string_view text) {
  for (const Dim dim : {Dim{.s = -1, .J = 1}, Dim{.J = -1, .usd = 1}, Dim{.s = 1}}) {
    const auto read = read_quantity(text, dim);
    if (const auto* base = std::get_if<double>(&read))
      ensure(std::get<double>(read_quantity(print_quantity(*base, dim), dim)) == *base,
             "a printed quantity reads back the same");
  }
  const auto span = read_span(text);
  if (const auto* value = std::get_if<Span>(&span))
    ensure(std::get<Span>(read_span(print_span(*value))) == *value,
           "a printed span reads back the same");
}

}  // namespace
}  // namespace jevons

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  jevons::agrees_with_library(text);
  jevons::reads_as_scenario(text);
  jevons::reads_as_override(text);
  jevons::reads_as_quantity(text);
  return 0;
}
