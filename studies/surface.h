#pragma once
// A fleet under any steady load without simulating it again: what it delivers, how long requests
// take and what a token costs in joules, as smooth curves through a modest number of serving
// windows, with the error of those curves on other windows and the sensitivity of each to the
// coefficients of the hardware profile.
//
//   const LoadSurface s = build_surface({fleet, load});
//   const SurfacePoint p = s.at(12.5);                     // requests per second
//   ProfileFactors slow;
//   slow[Factor::memory_rate] = 0.9;
//   const SurfacePoint q = s.at(12.5, slow);
//
// Curves run over the load as a share of capacity, because a faster or slower chip mostly stretches
// that axis. See docs/model.md, "Load surface".
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/jobs/inference/window.h"
#include "studies/profile_factors.h"

namespace jevons {

struct SurfaceInputs {
  ServingConfig fleet;  // with the objective of its requests
  WindowLoad load;      // lengths; the rate is not used
  // Windows grow beyond it where requests stay long: at least ten times those outstanding.
  WindowEffort effort{.requests = 3000, .seed = 1};
  // Seven knots and nothing else: no refinement, no gradients, no errors. For those who ask many
  // surfaces for round figures.
  bool is_coarse = false;
  // Windows that are no knots, only to say how wrong the curves are. A fifth of the time.
  bool has_errors = true;
};

// SHA-256 over everything a surface depends on: equal keys, equal surfaces.
std::string surface_key(const SurfaceInputs& inputs);
// The same over a profile or a pool alone.
std::string surface_key(const HardwareProfile& profile);
std::string surface_key(const PoolConfig& pool);

struct SurfacePoint {
  bool is_stable = false;  // false: the queue grows without end; the rest is that of capacity
  double requests_per_s = 0, output_tokens_per_s = 0;  // completed
  Time ttft_p50, ttft_p95, tpot_p50, tpot_p95, e2e_p50;
  double utilization = 0;       // share of time that engines run
  double slo_attainment = 0;    // share of requests within the objective
  Energy gpu_energy_per_token;  // per output token, GPUs only
};

// ln of these, but the quantiles of how much of its objective a request uses up (1: just meets it)
// come last, one for each of slack_levels.
enum class Curve { ttft_p50, ttft_p95, tpot_p50, tpot_p95, e2e_p50, utilization, energy, slack };
inline constexpr std::array slack_levels{0.0,  0.05, 0.1,  0.25,  0.5,   0.75, 0.9,
                                         0.95, 0.98, 0.99, 0.995, 0.999, 1.0};
inline constexpr std::size_t curve_count =
    static_cast<std::size_t>(Curve::slack) + slack_levels.size();

// One simulated load.
struct SurfaceKnot {
  double place = 0;                  // on the axis of loads
  std::vector<double> value, slope;  // [curve_count], slope: per unit of place
  // [factor_count][curve_count]: d ln curve / d ln factor at a constant share of capacity.
  // Of joules to energy coefficients: their share, as it is when they fall.
  std::vector<double> sensitivity;
  // [factor_count]: that share when they rise; less, where the board's power limit binds.
  std::vector<double> rise;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("place"), place, "place on the axis of loads");
    field(required("value"), value, "ln of each curve");
    field(required("slope"), slope, "its change per unit of place");
    field(required("sensitivity"), sensitivity, "d ln curve / d ln factor, factor by factor");
    field(required("rise"), rise, "share of the joules that rise with each energy coefficient");
  }
};

// |surface / window - 1| over windows that are not knots; for slo_attainment the difference itself.
struct CurveError {
  std::string curve;
  double median = 0, worst = 0;  // windows with the same random numbers: interpolation alone
  double other_seed = 0;         // median, windows with others: how much a window itself scatters

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("curve"), curve, "what is compared");
    field(required("median"), median, "median error of interpolation");
    field(required("worst"), worst, "largest error of interpolation");
    field(required("other_seed"), other_seed, "median error against other random numbers");
  }
};

struct LoadSurface {
  std::string key;            // surface_key of its inputs
  double capacity_per_s = 0;  // highest stable load; 0: the fleet serves nothing
  double tokens_per_request = 0;
  std::vector<double> capacity_sensitivity;  // [factor_count]
  std::vector<SurfaceKnot> knots;            // from light to full load
  std::vector<CurveError> errors;
  int windows = 0;  // simulated to build it

  // No allocation. Loads below the lightest knot keep its latency, and their static joules are
  // those of that knot spread over fewer tokens.
  SurfacePoint at(double requests_per_s, const ProfileFactors& factors = {}) const;
  // Highest stable load with other coefficients, requests per second.
  double capacity(const ProfileFactors& factors) const;
  // Highest load at which at least `attainment` of the requests meet the objective; 0: none.
  double max_load(double attainment = 0.95, const ProfileFactors& factors = {}) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("key"), key, "SHA-256 of the inputs");
    field(required("capacity_per_s"), capacity_per_s, "highest stable load, requests per second");
    field(required("tokens_per_request"), tokens_per_request, "mean output tokens");
    field(required("capacity_sensitivity"), capacity_sensitivity, "d ln capacity / d ln factor");
    field(required("knots"), knots, "simulated loads");
    field(required("errors"), errors, "error on windows that are not knots");
    field(required("windows"), windows, "windows simulated");
  }
};

LoadSurface build_surface(const SurfaceInputs& inputs);
// The same under a key of the caller, who knows a shorter one.
LoadSurface build_surface(const SurfaceInputs& inputs, std::string key);

// The error table as text.
std::string to_text(const std::vector<CurveError>& errors);

// Place of a share of capacity on the axis of loads: logarithmic at light load, spread out again
// near capacity, where queues grow.
double load_place(double share_of_capacity);
double share_at(double place);

}  // namespace jevons
