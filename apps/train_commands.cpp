#include "apps/train_commands.h"

#include <optional>
#include <string>
#include <vector>

#include "scenarios/catalogue.h"
#include "scenarios/train_plan.h"
#include "scenarios/train_twin.h"

namespace jevons {
namespace {

PlanWish wish_of(const CommandLine& line) {
  const std::string text = line.wish.value_or(std::string{name_of(PlanWish::fastest)});
  std::vector<std::string> names;
  for (const auto& entry : enum_names<PlanWish>) {
    if (entry.name == text) return entry.value;
    names.emplace_back(entry.name);
  }
  throw ScenarioError{Mistake{"--for", 0, "", "one of " + joined(names), in_quotes(text),
                              did_you_mean(text, names, "wishes")}};
}

template <class T>
T entry_of(const Catalogues& catalogues, const std::string& place, const std::string& id) {
  if (!catalogues.find(T::catalogue, id)) {
    const std::vector<std::string> known = catalogues.ids(T::catalogue);
    throw ScenarioError{Mistake{place, 0, "", "an entry of " + std::string{T::catalogue},
                                in_quotes(id), did_you_mean(id, known, T::catalogue)}};
  }
  return read_entry<T>(catalogues, id);
}

void refuse_unless_known(const ChipSpec& chip) {
  if (chip.peak.bf16 && chip.memory && chip.memory_bandwidth && chip.tdp && chip.link_bandwidth)
    return;
  throw ScenarioError{Mistake{"--chip", 0, "",
                              "a chip whose bf16 rate, memory, its rate, link and TDP are known",
                              in_quotes(chip.id), ""}};
}

}  // namespace

Answer plan_command(const CommandLine& line, const Workbench& bench) {
  const Scenario scenario = load_scenario(line, bench);
  if (scenario.kind.name != TrainScenario::name)
    throw ScenarioError{mistake_at(scenario.document, "/kind", in_quotes(TrainScenario::name),
                                   in_quotes(scenario.kind.name), "jevons plan is about training")};
  return plan(filled<TrainScenario>(scenario.document), wish_of(line));
}

Answer twin_command(const CommandLine& line, const Workbench& bench) {
  const Catalogues catalogues = catalogues_in({bench.parts});
  const auto card = entry_of<ModelCard>(catalogues, "jevons twin", line.words.front());
  std::optional<ChipSpec> chip;
  if (line.chip) {
    chip = entry_of<ChipSpec>(catalogues, "--chip", *line.chip);
    refuse_unless_known(*chip);
  }
  return twin(card, chip);
}

}  // namespace jevons
