#pragma once
// Simulated time: int64 nanoseconds. Exact, totally ordered, no drift; 292 years fit.
#include <chrono>
#include <cmath>
#include <cstdint>

#include "sim/ensure.h"
#include "sim/quantity.h"

namespace jevons {

struct SimClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};
using Instant = SimClock::time_point;
using Span = SimClock::duration;

// The one place where physics (double seconds) becomes schedule (ticks). Rounds up, so a positive
// duration never becomes a zero-length event that could loop forever.
inline Span to_span(Time t) {
  const double ns = std::ceil(1e9 * t.in(unit::s));
  ensure(ns >= 0 && ns < 9.2e18, "a duration is not negative and fits in 292 years");
  return Span{static_cast<std::int64_t>(ns)};
}

constexpr Time to_time(Span d) {
  return static_cast<double>(d.count()) * 1e-9 * unit::s;
}
constexpr Time since_start(Instant t) {
  return to_time(t.time_since_epoch());
}

}  // namespace jevons
