#include "calibration/kernels/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace jevons::calibration {

Verdict Comparison::verdict() const {
  double squares = 0;
  for (const Pair& p : pairs_) squares += p.want * p.want;
  const double rms =
      std::sqrt(squares / static_cast<double>(std::max<std::size_t>(pairs_.size(), 1)));
  const double scale = rms > 0 ? rms : 1;
  Verdict v;
  v.tolerance = tolerance_;
  v.compared = static_cast<std::int64_t>(pairs_.size());
  double worst = -1;
  for (const Pair& p : pairs_) {
    const double error = std::abs(p.got - p.want) / std::max(scale, std::abs(p.want));
    const double shown = std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
    if (shown <= worst) continue;
    worst = shown;
    v.worst = "row " + std::to_string(p.row) + ", column " + std::to_string(p.column) + ": got " +
              std::to_string(p.got) + ", want " + std::to_string(p.want);
  }
  v.max_error = std::max(worst, 0.0);
  v.passed = v.compared > 0 && v.max_error <= tolerance_ && mistake_.empty();
  if (!mistake_.empty()) v.worst = mistake_;
  if (v.compared == 0 && mistake_.empty()) v.worst = "nothing was compared";
  return v;
}

std::vector<std::int64_t> samples(std::int64_t n, std::int64_t most) {
  std::vector<std::int64_t> out;
  const auto put = [&](std::int64_t i) {
    if (i >= 0 && i < n) out.push_back(i);
  };
  put(n - 1);
  for (const std::int64_t edge : {64, 128, 256}) {
    put(edge - 1);
    put(edge);
  }
  const std::int64_t step = std::max<std::int64_t>(1, n / std::max<std::int64_t>(most, 1));
  for (std::int64_t i = 0; i < n; i += step) put(i);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::int64_t> few_samples(std::int64_t n) {
  std::vector<std::int64_t> out{0, n / 2, n - 1};
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace jevons::calibration
