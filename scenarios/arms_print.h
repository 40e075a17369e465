#pragma once
// Arms side by side: as a page, as arms.csv and as summary.json, defined in docs/outputs.md.
#include <string>
#include <vector>

#include "scenarios/arms_answer.h"

namespace jevons {

struct ArmsOutcome {
  std::vector<ArmRun> runs;
  std::vector<Difference> differences;
  std::vector<MetricRow> rows;
  std::vector<std::vector<BreakEvenPoint>> points;  // by break-even
  std::vector<Caveat> caveats;
};

std::string arms_text(const ArmsScenario& scenario, const ArmsOutcome& outcome);
JsonValue arms_summary(const ArmsScenario& scenario, const ArmsOutcome& outcome);
// Throws OutputError.
void write_arms_csv(const ArmsScenario& scenario, const ArmsOutcome& outcome, const OutputDir& out);

}  // namespace jevons
