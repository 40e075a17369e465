#pragma once
// A world of years with ranges: many worlds drawn from it, each run in its arms.
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/economics/spread.h"
#include "scenarios/years_scenario.h"

namespace jevons {

enum class YearsArm { a, b, spread, c };
inline constexpr std::size_t years_arm_count = 4;

// A scenario and what the micro models say of its chips.
struct YearsBench {
  const YearsScenario* scenario = nullptr;
  std::vector<ChipRates> rates;

  bool has_arms() const { return !scenario->world.innovations.empty(); }
  YearsSetup at(World world) const { return {std::move(world), rates, 0, {}}; }
  YearsSetup medians() const { return at(at_medians(scenario->world, scenario->uncertain)); }
  YearsSetup drawn_at(std::span<const double> u) const {
    return at(drawn(scenario->world, scenario->uncertain, u));
  }
};

// Of one drawn world.
struct SampledWorld {
  std::array<std::array<double, burden_count>, years_arm_count> total{};
  std::array<std::vector<double>, years_arm_count> twh;  // [year]

  double of(YearsArm arm, Burden burden) const {
    return total[static_cast<std::size_t>(arm)][static_cast<std::size_t>(burden)];
  }
};

// Draws of a Latin hypercube, [input in the order of names][sample].
std::vector<std::vector<double>> draws(const YearsScenario& scenario, std::size_t count);

// job(i, u) for each draw, on two threads.
void for_each_draw(const std::vector<std::vector<double>>& columns, std::size_t count,
                   const std::function<void(std::size_t, std::span<const double>)>& job);

// Arms of drawn worlds. `progress` is told the share that is done.
std::vector<SampledWorld> sampled_worlds(const YearsBench& bench, std::size_t count,
                                         const std::function<void(double)>& progress);

// Shares of the variance of a result that go back to an input by itself (first order) and together
// with others (total). Sources: Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018 (first order);
// Jansen 1999, doi:10.1016/S0010-4655(98)00154-4 (total).
struct SobolIndex {
  double first = 0, total = 0;
};
// `f` of a draw, [input]; results [result]. Returns [result][input].
std::vector<std::vector<SobolIndex>> sobol_indices(
    const std::vector<std::string>& inputs, std::size_t base, std::uint64_t seed,
    const std::function<std::vector<double>(std::span<const double>)>& f);

}  // namespace jevons
