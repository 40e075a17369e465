#include "studies/surface_gradients.h"

#include <algorithm>
#include <cmath>

#include "studies/surface_window.h"

namespace jevons {

namespace {

constexpr std::size_t knots_simulated = 5;
constexpr double time_step = 0.1;  // of ln factor, both ways
constexpr double energy_fall = -0.2, energy_rise = 0.25;
constexpr double nearly_always_busy = 0.9;
// Differences between windows with the same random numbers need fewer requests than the windows.
constexpr std::int64_t fewer = 2;

// The place of load_place moves by this per ln of share.
double place_per_ln_share(double place) {
  return 1 + std::exp(place);
}

using Values = std::array<double, curve_count>;
constexpr auto energy = static_cast<std::size_t>(Curve::energy);
constexpr auto utilization = static_cast<std::size_t>(Curve::utilization);

class Gradients {
 public:
  Gradients(LoadSurface& surface, const SurfaceInputs& inputs,
            const std::vector<std::int64_t>& requests)
      : out_{surface}, in_{inputs}, requests_{requests} {}

  void of_capacity();
  void at_knot(std::size_t knot);
  // Linear between two knots that were simulated.
  void between(std::size_t low, std::size_t high);
  int windows() const { return windows_; }

 private:
  bool matters(Factor f) const;
  double saturated(Factor f, double value) const;
  Values simulate(std::size_t knot, Factor f, double value);
  double at_load(std::size_t knot, std::size_t factor, std::size_t curve) const;
  double stretch(std::size_t knot, std::size_t factor, std::size_t curve) const;

  LoadSurface& out_;
  const SurfaceInputs& in_;
  const std::vector<std::int64_t>& requests_;
  int windows_ = 0;
};

bool Gradients::matters(Factor f) const {
  if (f != Factor::link_rate && f != Factor::link_energy) return true;
  return std::any_of(in_.fleet.pools.begin(), in_.fleet.pools.end(),
                     [](const PoolConfig& p) { return p.model.parallelism.gpus() > 1; });
}

double Gradients::saturated(Factor f, double value) const {
  ProfileFactors factors;
  factors[f] = value;
  return saturated_rate(scaled(in_.fleet, factors), in_.load, in_.effort);
}

// Joules move capacity only through a power cap.
void Gradients::of_capacity() {
  const bool is_capped = std::any_of(in_.fleet.pools.begin(), in_.fleet.pools.end(),
                                     [](const PoolConfig& p) { return bool{p.engine.power_cap}; });
  out_.capacity_sensitivity.assign(factor_count, 0.0);
  for (std::size_t i = 0; i < factor_count; ++i) {
    const auto f = static_cast<Factor>(i);
    if (!matters(f) || (is_energy(f) && !is_capped)) continue;
    const double ratio = saturated(f, std::exp(time_step)) / saturated(f, std::exp(-time_step));
    out_.capacity_sensitivity[i] = std::log(ratio) / (2 * time_step);
  }
}

// At the knot's share of the capacity that goes with the factor.
Values Gradients::simulate(std::size_t knot, Factor f, double value) {
  ++windows_;
  ProfileFactors factors;
  factors[f] = value;
  WindowLoad load = in_.load;
  load.requests_per_s = out_.capacity(factors) * share_at(out_.knots[knot].place);
  const WindowEffort effort{.requests = requests_[knot] / fewer, .seed = in_.effort.seed};
  return surface_window(scaled(in_.fleet, factors), load, effort).ln;
}

void Gradients::at_knot(std::size_t knot) {
  SurfaceKnot& k = out_.knots[knot];
  const Values now = simulate(knot, Factor::matrix_rate, 1);
  for (std::size_t i = 0; i < factor_count; ++i) {
    const auto f = static_cast<Factor>(i);
    if (!matters(f)) continue;
    double* row = &k.sensitivity[i * curve_count];
    const Values less = simulate(knot, f, is_energy(f) ? 1 + energy_fall : std::exp(-time_step));
    const Values more = is_energy(f) ? now : simulate(knot, f, std::exp(time_step));
    const double step = is_energy(f) ? -std::log1p(energy_fall) : 2 * time_step;
    for (std::size_t c = 0; c < curve_count; ++c) row[c] = (more[c] - less[c]) / step;
    if (!is_energy(f)) continue;
    row[energy] = std::expm1(less[energy] - now[energy]) / energy_fall;  // linear, not a power
    const Values rising = simulate(knot, f, 1 + energy_rise);
    k.rise[i] = std::expm1(rising[energy] - now[energy]) / energy_rise;
  }
}

// What the sensitivity at a constant share of capacity owes to the load that moves along.
double Gradients::stretch(std::size_t knot, std::size_t factor, std::size_t curve) const {
  const SurfaceKnot& k = out_.knots[knot];
  return out_.capacity_sensitivity[factor] * k.slope[curve] * place_per_ln_share(k.place);
}

double Gradients::at_load(std::size_t knot, std::size_t factor, std::size_t curve) const {
  return out_.knots[knot].sensitivity[factor * curve_count + curve] - stretch(knot, factor, curve);
}

// Everything that waits changes evenly at a constant share of capacity. Where engines idle at
// times, joules and utilisation depend on the load alone and change evenly at a constant load.
void Gradients::between(std::size_t low, std::size_t high) {
  const SurfaceKnot &a = out_.knots[low], &b = out_.knots[high];
  const bool has_idle_time = a.value[utilization] < std::log(nearly_always_busy);
  for (std::size_t m = low + 1; m < high; ++m) {
    SurfaceKnot& k = out_.knots[m];
    const double t = (k.place - a.place) / (b.place - a.place);
    for (std::size_t i = 0; i < factor_count; ++i) {
      k.rise[i] = (1 - t) * a.rise[i] + t * b.rise[i];
      for (std::size_t c = 0; c < curve_count; ++c) {
        const std::size_t at = i * curve_count + c;
        k.sensitivity[at] = (1 - t) * a.sensitivity[at] + t * b.sensitivity[at];
      }
      if (!has_idle_time) continue;
      for (const std::size_t c : {energy, utilization})
        k.sensitivity[i * curve_count + c] =
            (1 - t) * at_load(low, i, c) + t * at_load(high, i, c) + stretch(m, i, c);
    }
  }
}

}  // namespace

int add_gradients(LoadSurface& surface, const SurfaceInputs& inputs,
                  const std::vector<std::int64_t>& requests) {
  Gradients gradients{surface, inputs, requests};
  gradients.of_capacity();
  const std::size_t last = surface.knots.size() - 1;
  std::size_t before = 0;
  for (std::size_t j = 0; j < knots_simulated; ++j) {
    const std::size_t knot = j * last / (knots_simulated - 1);
    gradients.at_knot(knot);
    if (j > 0) gradients.between(before, knot);
    before = knot;
  }
  return gradients.windows();
}

}  // namespace jevons
