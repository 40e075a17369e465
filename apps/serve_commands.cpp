#include "apps/serve_commands.h"

#include <string>

#include "scenarios/serve_explain.h"
#include "scenarios/serve_size.h"
#include "scenarios/train_explain.h"
#include "scenarios/train_size.h"

namespace jevons {
namespace {

bool is_training(const Scenario& scenario) {
  return scenario.kind.name == TrainScenario::name;
}

ServeScenario serving(const Scenario& scenario, const CommandLine& line) {
  if (scenario.kind.name != ServeScenario::name)
    throw ScenarioError{
        mistake_at(scenario.document, "/kind",
                   in_quotes(ServeScenario::name) + " or " + in_quotes(TrainScenario::name),
                   in_quotes(scenario.kind.name),
                   "jevons " + line.command + " is about serving and training")};
  return filled<ServeScenario>(scenario.document);
}

Time deadline_of(const CommandLine& line) {
  if (line.deadline) return deadline_from(*line.deadline);
  throw ScenarioError{Mistake{"jevons size", 0, "", "a deadline for a training run", "none",
                              "write --deadline 60day"}};
}

}  // namespace

Answer size_command(const CommandLine& line, const Workbench& bench) {
  const Scenario loaded = load_scenario(line, bench);
  if (is_training(loaded)) return size(filled<TrainScenario>(loaded.document), deadline_of(line));
  ServeScenario scenario = serving(loaded, line);
  if (line.slo) scenario.slo = slo_from(*line.slo, scenario.slo);
  RunContext context{nullptr, bench.progress};
  return size(std::move(scenario), context);
}

Answer explain_command(const CommandLine& line, const Workbench& bench) {
  RunContext context{nullptr, bench.progress};
  const Scenario loaded = load_scenario(line, bench);
  if (is_training(loaded)) return explain(filled<TrainScenario>(loaded.document), context);
  return explain(serving(loaded, line), context);
}

}  // namespace jevons
