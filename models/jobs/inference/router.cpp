#include "models/jobs/inference/router.h"

#include <algorithm>

namespace jevons {

int Router::least_loaded(std::span<const int> serving, std::span<const std::int64_t> load) const {
  int best = serving.front();
  for (const int r : serving)
    if (load[static_cast<std::size_t>(r)] < load[static_cast<std::size_t>(best)]) best = r;
  return best;
}

// Two different replicas at random, the less loaded one of them (Mitzenmacher 2001).
int Router::power_of_two(std::span<const int> serving, std::span<const std::int64_t> load) {
  const auto n = serving.size();
  const auto i = static_cast<std::size_t>(rng_.uniform() * static_cast<double>(n));
  auto j = static_cast<std::size_t>(rng_.uniform() * static_cast<double>(n - 1));
  if (j >= i) ++j;
  const int a = serving[std::min(i, j)];
  const int b = serving[std::max(i, j)];
  return load[static_cast<std::size_t>(b)] < load[static_cast<std::size_t>(a)] ? b : a;
}

}  // namespace jevons
