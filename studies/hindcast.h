#pragma once
// Rolling-origin hindcast of the build-out: what the years model would have said at the end of a
// quarter, knowing only what was public then, against what came and against naive extrapolation.
#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "studies/hindcast_world.h"

namespace jevons {

enum class HindcastMetric { h100e, mw };
template <>
inline constexpr std::array enum_names<HindcastMetric>{
    EnumName{HindcastMetric::h100e, "h100e"},
    EnumName{HindcastMetric::mw, "mw"},
};

// Extrapolations that know no model: the growth of the last year goes on (of the quarters there
// are, where the series is shorter); the last quarter is added again and again; quarterly additions
// grow as in the last year.
enum class Naive { growth, additions, growing_additions };
template <>
inline constexpr std::array enum_names<Naive>{
    EnumName{Naive::growth, "growth of the last year"},
    EnumName{Naive::additions, "last quarter again"},
    EnumName{Naive::growing_additions, "additions grow as last year"},
};
inline constexpr std::size_t naive_count = 3;
double extrapolated(const BuildOutFacts& known, HindcastMetric metric, double date, Naive naive);

// 1 - |error| / |error of the other|: 1 perfect, 0 as good, below 0 worse. 0 where both are exact.
double skill(double error, double other_error);

struct HindcastCell {
  double origin = 0, date = 0;
  HindcastMetric metric = HindcastMetric::h100e;
  Spread forecast;
  double actual = 0;
  std::array<double, naive_count> naive{};
  double error() const { return forecast.p50 / actual - 1; }
  double naive_error(Naive n) const { return naive[static_cast<std::size_t>(n)] / actual - 1; }
  double skill_against(Naive n) const { return skill(error(), naive_error(n)); }
  bool is_covered() const { return forecast.p5 <= actual && actual <= forecast.p95; }
};

// How forecasts move when one input goes over its range, the others at their medians. In
// logarithms, over the year ends of the scored origins.
struct InputEffect {
  const HindcastInput* input = nullptr;
  std::array<double, 3> rms_error{};  // with the input at its 5, 50, 95 %
  double rms_move = 0, largest_move = 0;
  double band = 0;  // rms of ln(p95/p5) of the data at these dates
  bool is_identified() const { return rms_move >= band; }
  bool is_seen_somewhere() const { return largest_move >= band; }
};

struct RegimeShare {
  double origin = 0;
  std::array<double, enum_names<Regime>.size()> share{};  // of ticks, all inputs at their medians
};

struct HindcastReport {
  std::vector<HindcastCell> cells;  // by metric, origin, date: every quarter
  std::vector<InputEffect> effects;
  // The same of the price elasticity, had chips and money not been scarce.
  InputEffect unbound_elasticity;
  std::vector<RegimeShare> regimes;  // of year-end origins
  double until = 0;                  // last quarter of the data
};

struct HindcastQuestion {
  BuildOutFacts facts;
  RatesByChip rates;
  int samples = 400;
  std::uint64_t seed = 1;
};

HindcastReport hindcast(const HindcastQuestion& question);

bool is_year_end(double date);
// Mean |error| of the cells over that of a naive extrapolation, as a skill.
double mean_skill(const std::vector<HindcastCell>& cells, Naive naive);

}  // namespace jevons
