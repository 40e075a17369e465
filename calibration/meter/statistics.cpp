#include "calibration/meter/statistics.h"

#include <algorithm>

#include "sim/ensure.h"
#include "sim/rng.h"

namespace jevons::calibration {

double median(std::vector<double> values) {
  ensure(!values.empty(), "a median is of at least one value");
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

double quantile(const std::vector<double>& sorted, double share) {
  ensure(!sorted.empty(), "a quantile is of at least one value");
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Estimate estimate(const std::vector<double>& values, std::string_view name) {
  constexpr int resamples = 2000;
  Estimate e{.value = median(values), .count = static_cast<int>(values.size())};
  Rng rng{1, name};
  std::vector<double> medians, drawn(values.size());
  medians.reserve(resamples);
  for (int i = 0; i < resamples; ++i) {
    for (double& v : drawn) v = values[rng.below(values.size())];
    medians.push_back(median(drawn));
  }
  std::sort(medians.begin(), medians.end());
  e.low = quantile(medians, 0.025);
  e.high = quantile(medians, 0.975);
  return e;
}

}  // namespace jevons::calibration
