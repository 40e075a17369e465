#pragma once
// Exact integrals of what is constant between changes, in integers: power in mW over time in ns is
// energy in pJ, and 2^127 pJ outlast any run. No rounding, so books balance to the last unit.
#include <algorithm>
#include <cstdint>

#include "sim/ensure.h"
#include "sim/int128.h"
#include "sim/time.h"

namespace jevons {

// Integral of a rate over time. Every read or change names its instant: the past is settled at the
// old rate first, because the interval that just ended was spent in the old state.
class Meter {
 public:
  Meter() = default;
  explicit Meter(Instant start, std::int64_t rate = 0) : settled_{start}, rate_{rate} {}

  void set_rate(Instant now, std::int64_t rate) {
    settle(now);
    rate_ = rate;
  }
  void change_rate(Instant now, std::int64_t by) { set_rate(now, rate_ + by); }
  // A lump at once, in units of rate x ns.
  void add(Int128 amount) { total_ += amount; }

  void settle(Instant now) {
    total_ = total(now);
    settled_ = now;
  }
  // Units of rate x ns since the start; `now` is not before the last change.
  [[nodiscard]] Int128 total(Instant now) const {
    ensure(now >= settled_, "a meter does not run backwards");
    return total_ + Int128{rate_} * (now - settled_).count();
  }
  [[nodiscard]] std::int64_t rate() const { return rate_; }
  [[nodiscard]] Instant settled() const { return settled_; }

 private:
  Int128 total_ = 0;
  Instant settled_{};
  std::int64_t rate_ = 0;
};

// Energy of a meter whose rate is in mW.
inline Energy energy_of(Int128 milliwatt_ns) {
  return to_double(milliwatt_ns) * 1e-12 * unit::J;
}

// Mean, least and greatest value of a level (a batch size, blocks in use) over time. A level that
// lasts no time counts neither in the mean nor in the extremes.
class TimeWeighted {
 public:
  TimeWeighted() = default;
  explicit TimeWeighted(Instant start, std::int64_t level = 0)
      : start_{start}, meter_{start, level} {}

  void set(Instant now, std::int64_t level) {
    settle(now);
    meter_.set_rate(now, level);
  }
  void settle(Instant now) {
    if (now > meter_.settled()) {
      min_ = has_lasted() ? std::min(min_, level()) : level();
      max_ = has_lasted() ? std::max(max_, level()) : level();
    }
    meter_.settle(now);
  }

  [[nodiscard]] std::int64_t level() const { return meter_.rate(); }
  // Of the time settled so far; the present level where no time has passed.
  [[nodiscard]] double mean() const {
    if (!has_lasted()) return static_cast<double>(level());
    return to_double(meter_.total(meter_.settled())) /
           static_cast<double>((meter_.settled() - start_).count());
  }
  [[nodiscard]] std::int64_t min() const { return has_lasted() ? min_ : level(); }
  [[nodiscard]] std::int64_t max() const { return has_lasted() ? max_ : level(); }

 private:
  [[nodiscard]] bool has_lasted() const { return meter_.settled() > start_; }

  Instant start_{};
  Meter meter_;
  std::int64_t min_ = 0, max_ = 0;
};

}  // namespace jevons
