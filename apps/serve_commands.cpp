#include "apps/serve_commands.h"

#include <string>

#include "scenarios/serve_explain.h"
#include "scenarios/serve_size.h"

namespace jevons {
namespace {

ServeScenario load_serve(const CommandLine& line, const Workbench& bench) {
  const Scenario scenario = load_scenario(line, bench);
  if (scenario.kind.name != ServeScenario::name)
    throw ScenarioError{mistake_at(scenario.document, "/kind", in_quotes(ServeScenario::name),
                                   in_quotes(scenario.kind.name),
                                   "jevons " + line.command + " is about serving")};
  return filled<ServeScenario>(scenario.document);
}

}  // namespace

Answer size_command(const CommandLine& line, const Workbench& bench) {
  ServeScenario scenario = load_serve(line, bench);
  if (line.slo) scenario.slo = slo_from(*line.slo, scenario.slo);
  RunContext context{nullptr, bench.progress};
  return size(std::move(scenario), context);
}

Answer explain_command(const CommandLine& line, const Workbench& bench) {
  RunContext context{nullptr, bench.progress};
  return explain(load_serve(line, bench), context);
}

}  // namespace jevons
