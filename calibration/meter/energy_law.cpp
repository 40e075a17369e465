#include "calibration/meter/energy_law.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/ensure.h"
#include "sim/rng.h"

namespace jevons::calibration {
namespace {

constexpr int resamples = 400;

struct Weighed {
  CaseKind kind{};
  EnergyRow row{};
  double watts = 0;
  std::vector<double> windows{};
};

std::vector<Weighed> weighed_in(const Evidence& evidence) {
  std::vector<Weighed> points;
  for (const EnergyPoint& p : evidence.energies) {
    const KernelCase c = case_of(*p.row);
    if (c.kind == CaseKind::moe_layer) continue;
    points.push_back(
        {c.kind, energy_row(c, p.seconds, voltage_of(p, evidence)), p.watts.value, p.window_watts});
  }
  return points;
}

EnergyRow fitted(const std::vector<Weighed>& points) {
  std::vector<EnergyRow> rows;
  std::vector<double> watts;
  for (const Weighed& p : points) {
    rows.push_back(p.row);
    watts.push_back(p.watts);
  }
  return least_relative_squares(rows, watts);
}

// Points drawn again, each with one of its windows.
std::vector<Weighed> drawn(const std::vector<Weighed>& points, Rng& rng) {
  std::vector<Weighed> sample;
  for (std::size_t i = 0; i < points.size(); ++i) {
    sample.push_back(points[rng.below(points.size())]);
    sample.back().watts = sample.back().windows[rng.below(sample.back().windows.size())];
  }
  return sample;
}

// Resamples of n points spread as if their residuals were errors; five coefficients were fitted to
// them, so that errors are larger, and their size is known from n - 5 of them alone: Student's t
// over the normal, by its first term in 1/(n - 5). Source: Davison, Hinkley 1997, Bootstrap Methods
// and their Application, section 6.2.
double few_points_factor(std::size_t n) {
  const double free = static_cast<double>(n) - energy_terms;
  return std::sqrt(static_cast<double>(n) / free) * (1 + (1.96 * 1.96 + 1) / (4 * free));
}

void add_intervals(EnergyLaw& law, const std::vector<Weighed>& points) {
  const double wider = few_points_factor(points.size());
  std::vector<EnergyRow> samples;
  Rng rng{1, "calibration/energy"};
  for (int i = 0; i < resamples; ++i) samples.push_back(fitted(drawn(points, rng)));
  EnergyRow mean{};
  for (std::size_t j = 0; j < mean.size(); ++j) {
    std::vector<double> values;
    for (const EnergyRow& s : samples) values.push_back(s[j]);
    std::sort(values.begin(), values.end());
    law.low[j] = std::max(0.0, law.value[j] + wider * (quantile(values, 0.025) - law.value[j]));
    law.high[j] = law.value[j] + wider * (quantile(values, 0.975) - law.value[j]);
    for (const double v : values) mean[j] += v / resamples;
  }
  std::array<EnergyRow, energy_terms> covariance{};
  for (const EnergyRow& s : samples)
    for (std::size_t j = 0; j < mean.size(); ++j)
      for (std::size_t k = 0; k < mean.size(); ++k)
        covariance[j][k] += (s[j] - mean[j]) * (s[k] - mean[k]) / (resamples - 1);
  for (std::size_t j = 0; j < mean.size(); ++j) law.standard_error[j] = std::sqrt(covariance[j][j]);
  for (std::size_t j = 0; j < mean.size(); ++j)
    for (std::size_t k = 0; k < mean.size(); ++k) {
      const double scale = law.standard_error[j] * law.standard_error[k];
      law.correlation[j][k] = j == k ? 1 : scale > 0 ? covariance[j][k] / scale : 0;
    }
}

// Each kind from the others: does one set of coefficients serve them all?
void add_left_out(EnergyLaw& law, const std::vector<Weighed>& points) {
  std::set<CaseKind> kinds;
  for (const Weighed& p : points) kinds.insert(p.kind);
  std::vector<double> ratios;
  for (const CaseKind kind : kinds) {
    std::vector<Weighed> others;
    for (const Weighed& p : points)
      if (p.kind != kind) others.push_back(p);
    const EnergyRow without = fitted(others);
    for (const Weighed& p : points) {
      double watts = 0;
      bool is_known = true;
      for (std::size_t j = 0; j < without.size(); ++j) {
        watts += without[j] * p.row[j];
        is_known = is_known && (without[j] > 0 || p.row[j] == 0);
      }
      if (p.kind == kind && is_known) ratios.push_back(p.watts / watts);
    }
  }
  if (ratios.empty()) return;
  for (const double r : ratios)
    law.left_out_mape += std::abs(1 / r - 1) / static_cast<double>(ratios.size());
  std::sort(ratios.begin(), ratios.end());
  law.left_out_low = std::min(1.0, quantile(ratios, 0.05));
  law.left_out_high = std::max(1.0, quantile(ratios, 0.95));
}

}  // namespace

double voltage_of(const EnergyPoint& point, const Evidence& evidence) {
  if (evidence.full_sm_mhz <= 0) return 1;
  return std::clamp(point.sm_mhz / evidence.full_sm_mhz, voltage_floor, 1.0);
}

double watts_of(const EnergyLaw& law, const EnergyRow& row) {
  double watts = 0;
  for (std::size_t j = 0; j < row.size(); ++j) watts += law.value[j] * row[j];
  return watts;
}

bool can_fit_energy(const Evidence& evidence) {
  const std::vector<Weighed> points = weighed_in(evidence);
  std::set<CaseKind> kinds;
  for (const Weighed& p : points) kinds.insert(p.kind);
  return points.size() >= 8 && kinds.size() >= 3;
}

EnergyLaw pooled_energy(const Evidence& evidence) {
  ensure(can_fit_energy(evidence), "energy is fitted to at least eight points of three kinds");
  const std::vector<Weighed> points = weighed_in(evidence);
  EnergyLaw law;
  law.value = fitted(points);
  law.points = static_cast<int>(points.size());
  for (const Weighed& p : points)
    law.mape += std::abs(watts_of(law, p.row) / p.watts - 1) / law.points;
  add_intervals(law, points);
  add_left_out(law, points);
  return law;
}

}  // namespace jevons::calibration
