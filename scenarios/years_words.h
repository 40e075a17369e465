#pragma once
// Words and shorthands that every page about years uses.
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "scenarios/years_scenario.h"

namespace jevons {

// By Burden.
inline constexpr std::array<std::string_view, burden_count> burden_words{
    "energy, TWh", "carbon (average), Mt", "carbon (marginal), Mt", "water, GL"};

// Without innovations there is one arm, and nothing to compare.
inline bool has_arms(const YearsScenario& scenario) {
  return !scenario.world.innovations.empty();
}

// "2027" of the third year from 2024 on, counted from 0.
inline std::string year_of(const YearsScenario& scenario, std::size_t index) {
  return std::to_string(std::lround(scenario.world.start) + static_cast<long>(index));
}

}  // namespace jevons
