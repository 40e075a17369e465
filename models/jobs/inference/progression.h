#pragma once
// Iterations whose cost grows by the same amount each time: first, first + step, first + 2 step ...
// Sums over n of them are exact integers, and so is the number needed to reach a point in time.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "sim/int128.h"

namespace jevons {

struct Progression {
  std::int64_t first = 0, step = 0;

  constexpr Int128 sum(std::int64_t n) const {
    return Int128{n} * first + Int128{step} * (Int128{n} * (n - 1) / 2);
  }

  // The smallest n >= 1 whose sum is at least `target`. first > 0, step >= 0.
  std::int64_t reach(Int128 target) const {
    if (target <= first) return 1;
    // Positive root of step/2 n^2 + (first - step/2) n = target, then mended by whole steps.
    const double b = static_cast<double>(first) - 0.5 * static_cast<double>(step);
    const double t = to_double(target);
    const double root = 2 * t / (b + std::sqrt(b * b + 2 * static_cast<double>(step) * t));
    auto n = std::max<std::int64_t>(1, std::llround(root));
    while (sum(n) < target) ++n;
    while (n > 1 && sum(n - 1) >= target) --n;
    return n;
  }
};

}  // namespace jevons
