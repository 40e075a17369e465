#pragma once
// Powers: training under caps against the closure of the clock, and a simulated research cluster of
// A100 nodes beside the distributions that one published.
#include <filesystem>
#include <vector>

#include "studies/comparison.h"

namespace jevons {

// `data` holds power/ and energy/ (or energy/raw/); what is not there is left out. Throws
// ScenarioError.
std::vector<Comparison> validate_power(const std::filesystem::path& data);

}  // namespace jevons
