#pragma once
// A training plan and broken laws of a setup, as people read them.
#include <string>

#include "models/jobs/training/plan.h"
#include "models/jobs/training/setup_laws.h"

namespace jevons {

// The best plans, one a line, and in which phases the second loses against the first.
std::string to_text(const PlanAnswer& answer);

// "layout.tp: expected a divisor of the attention heads, got 3 (hint: 2)"
std::string to_text(const SetupMistake& mistake);

}  // namespace jevons
