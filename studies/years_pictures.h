#pragma once
// Pictures of a study of years, and the numbers behind them as CSV.
#include "scenarios/output_dir.h"
#include "studies/years_report.h"

namespace jevons {

// fans.csv and fans.svg; with maps maps.csv and rebound_map_1.svg, rebound_map_2.svg.
void write_years_pictures(const OutputDir& out, const YearsScenario& scenario,
                          const YearsStudy& study);

}  // namespace jevons
