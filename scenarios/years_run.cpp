// A scenario of years is a study of many runs, of which this layer knows nothing.
#include "scenarios/years_scenario.h"
#include "sim/ensure.h"

namespace jevons {

Answer run(const YearsScenario& scenario, RunContext& context) {
  ensure(context.years != nullptr, "whoever runs years brings the study of them");
  return context.years(scenario, context);
}

}  // namespace jevons
