#pragma once
// A scenario of years, studied: its arms at the medians of the inputs, worlds drawn from their
// ranges, what would turn the answer, and, if asked for, levers and maps.
#include "studies/years_report.h"

namespace jevons {

YearsStudy study_years(const YearsScenario& scenario, const std::function<void(double)>& progress);

// The same as page, tables and summary.
Answer years_answer(const YearsScenario& scenario, RunContext& context);

}  // namespace jevons
