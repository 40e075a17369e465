#include "models/jobs/arrivals.h"

#include <limits>
#include <numbers>

#include "sim/distributions.h"
#include "sim/portable_math.h"

namespace jevons {

namespace {

constexpr double end_of_time = std::numeric_limits<double>::infinity();

// cos(2 pi x) from + - * alone, so that one seed gives the same arrivals on every machine. Error
// below 1e-9: Taylor's series on a quarter turn.
double cosine_of_turn(double x) {
  x -= static_cast<double>(static_cast<std::int64_t>(x));
  if (x < 0) x += 1;
  if (x > 0.5) x = 1 - x;
  const double sign = x > 0.25 ? -1 : 1;
  if (x > 0.25) x = 0.5 - x;
  const double y = 4 * std::numbers::pi * std::numbers::pi * x * x;
  double series = 0;
  for (int n = 14; n > 0; n -= 2) series = (1 + series) * -y / (n * (n - 1));
  return sign * (1 + series);
}

}  // namespace

double PoissonArrivals::next(double t, Rng& rng) const {
  return t + Exponential{1 / requests_per_s}.sample(rng);
}

double GammaArrivals::next(double t, Rng& rng) const {
  const double shape = 1 / (gap_variation * gap_variation);
  return t + Gamma{shape, 1 / (requests_per_s * shape)}.sample(rng);
}

// Thinning: candidates at the highest rate, each kept with the share the rate has of it.
double DiurnalArrivals::next(double t, Rng& rng) const {
  const double day = unit::day.in(unit::s);
  const Exponential gap{1 / (requests_per_s * (1 + swing))};
  for (;;) {
    t += gap.sample(rng);
    const double phase = (t - peak.in(unit::s)) / day;
    if (rng.uniform() * (1 + swing) < 1 + swing * cosine_of_turn(phase)) return t;
  }
}

// A draw that falls beyond the next step is dropped there and drawn anew: gaps have no memory.
double StepArrivals::next(double t, Rng& rng) const {
  std::size_t i = 0;
  while (i < steps.size() && steps[i].at.in(unit::s) <= t) ++i;
  for (;; ++i) {
    const double rate = i == 0 ? 0 : steps[i - 1].requests_per_s;
    const double until = i < steps.size() ? steps[i].at.in(unit::s) : end_of_time;
    if (rate > 0) {
      const double at = t + Exponential{1 / rate}.sample(rng);
      if (at < until) return at;
    }
    if (until == end_of_time) return end_of_time;
    t = until;
  }
}

}  // namespace jevons
