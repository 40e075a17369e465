#include "models/jobs/lengths.h"

#include <algorithm>
#include <cmath>

namespace jevons {

namespace {

std::int32_t to_tokens(double x, int longest) {
  return static_cast<std::int32_t>(
      std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(longest)));
}

}  // namespace

LengthPair LognormalLengths::sample(Rng& rng) const {
  const double p = Lognormal{prompt_median, prompt_sigma}.sample(rng);
  const double o = Lognormal{output_median, output_sigma}.sample(rng);
  return {to_tokens(p, longest), to_tokens(o, longest)};
}

double LognormalLengths::mean_output() const {
  return Lognormal{output_median, output_sigma}.mean();
}

LengthPair EmpiricalLengths::sample(Rng& rng) const {
  constexpr int longest = 10'000'000;
  return {to_tokens(prompt->sample(rng), longest), to_tokens(output->sample(rng), longest)};
}

std::int32_t Reasoning::sample(Rng& rng) const {
  if (rng.uniform() >= share) return 0;
  return to_tokens(Lognormal{median_tokens, sigma}.sample(rng), longest);
}

}  // namespace jevons
