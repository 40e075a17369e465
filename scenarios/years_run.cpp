// A scenario of years: its three arms and their answer.
#include "scenarios/years_scenario.h"
#include "sim/ensure.h"

namespace jevons {

Answer run(const YearsScenario& scenario, RunContext& context) {
  ensure(static_cast<bool>(context.chip_rates), "a run over years knows the rates of its chips");
  YearsSetup setup{scenario.world, context.chip_rates(scenario.world)};
  context.progress(0.5);
  const Rebound outcome = rebound(setup, !scenario.world.innovations.empty());
  if (context.out != nullptr) write_years_tables(*context.out, scenario, outcome);
  return {years_text(scenario, outcome), years_summary(scenario, outcome)};
}

}  // namespace jevons
