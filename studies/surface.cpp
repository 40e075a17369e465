#include "studies/surface.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

// The axis would end at infinity where the share reaches this.
constexpr double axis_end = 1.05;

constexpr std::size_t index_of(Curve c) {
  return static_cast<std::size_t>(c);
}

struct LogFactors {
  std::array<double, factor_count> ln{};
  bool are_one = true;
};

LogFactors logarithms(const ProfileFactors& factors) {
  LogFactors f;
  for (std::size_t i = 0; i < factor_count; ++i) {
    const double value = factors[static_cast<Factor>(i)];
    ensure(value > 0, "a factor on a coefficient is positive");
    if (value == 1) continue;
    f.ln[i] = std::log(value);
    f.are_one = false;
  }
  return f;
}

// One place between two knots, and how the curves are read there.
class Reading {
 public:
  Reading(const std::vector<SurfaceKnot>& knots, double place, const ProfileFactors& factors,
          const LogFactors& logs)
      : factors_{factors}, logs_{logs} {
    std::size_t upper = 1;
    while (upper + 1 < knots.size() && knots[upper].place < place) ++upper;
    low_ = &knots[upper - 1];
    high_ = &knots[upper];
    const double width = high_->place - low_->place;
    const double t = std::clamp((place - low_->place) / width, 0.0, 1.0), r = 1 - t;
    share_ = t;
    weight_ = {(1 + 2 * t) * r * r, t * r * r * width, t * t * (3 - 2 * t), -t * t * r * width};
  }

  double ln(std::size_t c) const {
    return plain(c) + (logs_.are_one ? 0.0 : shift(c, factor_count));
  }
  double value(Curve c) const { return std::exp(ln(index_of(c))); }

  // Joules are linear in their coefficients; time factors act through static power.
  double joules(double lighter) const {
    const std::size_t c = index_of(Curve::energy);
    const auto first_energy = static_cast<std::size_t>(Factor::static_power);
    const double v = plain(c) + (logs_.are_one ? 0.0 : shift(c, first_energy));
    double parts = 1;
    for (std::size_t i = first_energy; i < factor_count; ++i) {
      const double more = factors_[static_cast<Factor>(i)] - 1;
      if (more != 0) parts += more * (more > 0 ? rise(i) : sensitivity(i, c));
    }
    parts += sensitivity(first_energy, c) * factors_[Factor::static_power] * (lighter - 1);
    return std::exp(v) * parts;
  }

  double attainment() const {
    double below = 0;
    for (std::size_t j = 0; j < slack_levels.size(); ++j) {
      const double used = ln(index_of(Curve::slack) + j);
      if (used > 0) {
        if (j == 0) return 0;
        const double t = below / (below - used);
        return slack_levels[j - 1] + t * (slack_levels[j] - slack_levels[j - 1]);
      }
      below = used;
    }
    return 1;
  }

 private:
  double plain(std::size_t c) const {
    return weight_[0] * low_->value[c] + weight_[1] * low_->slope[c] +
           weight_[2] * high_->value[c] + weight_[3] * high_->slope[c];
  }
  double sensitivity(std::size_t factor, std::size_t curve) const {
    const std::size_t i = factor * curve_count + curve;
    return low_->sensitivity[i] + share_ * (high_->sensitivity[i] - low_->sensitivity[i]);
  }
  double rise(std::size_t factor) const {
    return low_->rise[factor] + share_ * (high_->rise[factor] - low_->rise[factor]);
  }
  double shift(std::size_t curve, std::size_t factors) const {
    double sum = 0;
    for (std::size_t i = 0; i < factors; ++i)
      if (logs_.ln[i] != 0) sum += logs_.ln[i] * sensitivity(i, curve);
    return sum;
  }

  const ProfileFactors& factors_;
  const LogFactors& logs_;
  const SurfaceKnot* low_ = nullptr;
  const SurfaceKnot* high_ = nullptr;
  double share_ = 0;
  std::array<double, 4> weight_{};
};

double capacity_with(const LoadSurface& s, const LogFactors& f) {
  if (f.are_one || s.capacity_per_s <= 0) return s.capacity_per_s;
  double sum = 0;
  for (std::size_t i = 0; i < factor_count; ++i) sum += f.ln[i] * s.capacity_sensitivity[i];
  return s.capacity_per_s * std::exp(sum);
}

}  // namespace

double load_place(double share) {
  return std::log(share / (axis_end - share));
}

double share_at(double place) {
  return axis_end / (1 + std::exp(-place));
}

SurfacePoint LoadSurface::at(double requests_per_s, const ProfileFactors& factors) const {
  ensure(requests_per_s > 0, "a load is positive");
  SurfacePoint p;
  if (knots.empty()) return p;
  const LogFactors logs = logarithms(factors);
  const double most = capacity_with(*this, logs);
  p.is_stable = requests_per_s <= most;
  p.requests_per_s = std::min(requests_per_s, most);
  p.output_tokens_per_s = p.requests_per_s * tokens_per_request;
  const double share = p.requests_per_s / most;
  const double lightest = share_at(knots.front().place);
  const double lighter = std::max(1.0, lightest / share);
  const Reading r{knots, load_place(std::max(share, lightest)), factors, logs};
  p.ttft_p50 = r.value(Curve::ttft_p50) * unit::s;
  p.ttft_p95 = r.value(Curve::ttft_p95) * unit::s;
  p.tpot_p50 = r.value(Curve::tpot_p50) * unit::s;
  p.tpot_p95 = r.value(Curve::tpot_p95) * unit::s;
  p.e2e_p50 = r.value(Curve::e2e_p50) * unit::s;
  p.utilization = std::min(1.0, r.value(Curve::utilization) / lighter);
  p.slo_attainment = r.attainment();
  p.gpu_energy_per_token = r.joules(lighter) * unit::J;
  return p;
}

double LoadSurface::capacity(const ProfileFactors& factors) const {
  return capacity_with(*this, logarithms(factors));
}

double LoadSurface::max_load(double attainment, const ProfileFactors& factors) const {
  if (knots.empty()) return 0;
  const double most = capacity(factors);
  const auto holds = [&](double place) {
    return at(most * std::min(1.0, share_at(place)), factors).slo_attainment >= attainment;
  };
  double good = knots.front().place, fails = knots.back().place;
  if (holds(fails)) return most;
  if (!holds(good)) return 0;
  while (fails - good > 1e-3) {
    const double middle = 0.5 * (good + fails);
    (holds(middle) ? good : fails) = middle;
  }
  return most * share_at(good);
}

}  // namespace jevons
