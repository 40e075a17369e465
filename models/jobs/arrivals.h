#pragma once
// When requests arrive, where no trace says so. Each process is a plain value; `next` gives the
// arrival after `t`, in seconds from the start.
#include <string_view>
#include <variant>
#include <vector>

#include "sim/fields.h"
#include "sim/quantity.h"
#include "sim/rng.h"

namespace jevons {

inline constexpr Range<double> rate_range{1e-9, 1e9};

struct PoissonArrivals {
  static constexpr std::string_view name = "poisson";
  double requests_per_s = 1;
  double next(double t, Rng& rng) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("requests_per_s", requests_per_s, rate_range, "mean rate");
  }
};

// Gaps are gamma distributed: the coefficient of variation says how bursty.
struct GammaArrivals {
  static constexpr std::string_view name = "gamma";
  double requests_per_s = 1;
  double gap_variation = 2;  // deviation / mean of the gaps; 1: Poisson
  double next(double t, Rng& rng) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("requests_per_s", requests_per_s, rate_range, "mean rate");
    field("gap_variation", gap_variation, Range{0.01, 100.0},
          "deviation of the gaps over their mean; 1: Poisson, above: bursts");
  }
};

// A rate that swings once a day: mean (1 + swing cos(2 pi (t - peak) / day)).
struct DiurnalArrivals {
  static constexpr std::string_view name = "diurnal";
  double requests_per_s = 1;
  double swing = 0.5;
  Time peak = 15 * unit::h;
  double next(double t, Rng& rng) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("requests_per_s", requests_per_s, rate_range, "mean rate over a day");
    field("swing", swing, Range{0.0, 1.0}, "amplitude of the daily swing over the mean");
    field("peak", peak, Range{0 * unit::s, 1 * unit::day}, "time of day of the highest rate");
  }
};

// A rate that jumps at given times. The last one holds to the end.
struct RateStep {
  Time at = 0 * unit::s;
  double requests_per_s = 1;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("at"), at, Range{0 * unit::s, 100 * unit::year}, "from this time on");
    field(required("requests_per_s"), requests_per_s, Range{0.0, 1e9}, "mean rate");
  }
};
struct StepArrivals {
  static constexpr std::string_view name = "step";
  std::vector<RateStep> steps;  // ascending; the rate is zero before the first
  double next(double t, Rng& rng) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("steps"), steps, "rates and the times from which they hold, ascending");
  }
};

// A fixed number of requests is always outstanding, as benchmarks drive an engine.
struct ClosedLoop {
  static constexpr std::string_view name = "closed_loop";
  int concurrency = 64;
  double next(double t, Rng&) const { return t; }

  template <class Visitor>
  void fields(Visitor&& field) {
    field("concurrency", concurrency, Range{1, 10'000'000}, "requests always outstanding");
  }
};

using Arrivals =
    std::variant<PoissonArrivals, GammaArrivals, DiurnalArrivals, StepArrivals, ClosedLoop>;

}  // namespace jevons
