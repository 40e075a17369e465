#pragma once
// A level that is known for equal steps of time, such as carbon intensity by the hour, and its
// means. Beyond its end it begins anew: a year of hours serves for several.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/ensure.h"
#include "sim/time.h"

namespace jevons {

class Signal {
 public:
  Signal() = default;
  Signal(Span step, std::span<const double> values) : step_{step} {
    ensure(step > Span{} && !values.empty(), "a signal has steps and values");
    sums_.assign(1, 0);
    for (const double v : values) sums_.push_back(sums_.back() + v);
  }

  [[nodiscard]] bool empty() const { return sums_.size() < 2; }
  [[nodiscard]] Span step() const { return step_; }
  [[nodiscard]] double at(Instant t) const {
    const auto i = static_cast<std::size_t>((t.time_since_epoch() / step_) % count());
    return sums_[i + 1] - sums_[i];
  }
  [[nodiscard]] double mean(Instant begin, Instant end) const {
    if (end <= begin) return at(begin);
    const double steps =
        static_cast<double>((end - begin).count()) / static_cast<double>(step_.count());
    return (integral(end) - integral(begin)) / steps;
  }
  // Among `begin` and every step's begin up to `latest`, the first start with the least mean over
  // `length`.
  [[nodiscard]] Instant best_start(Instant begin, Instant latest, Span length) const {
    Instant best = begin;
    double least = mean(begin, begin + length);
    for (Instant t = next_step(begin); t <= latest; t += step_) {
      const double m = mean(t, t + length);
      if (m >= least) continue;
      least = m;
      best = t;
    }
    return best;
  }
  [[nodiscard]] Instant next_step(Instant t) const {
    return Instant{(t.time_since_epoch() / step_ + 1) * step_};
  }

  template <class Archive>
  void archive(Archive& a) {
    a(step_, sums_);
  }

 private:
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(sums_.size()) - 1; }
  // In units of value x step.
  [[nodiscard]] double integral(Instant t) const {
    const std::int64_t ns = t.time_since_epoch().count(), step = step_.count();
    const std::int64_t steps = ns / step, rounds = steps / count();
    const auto i = static_cast<std::size_t>(steps % count());
    const double part = static_cast<double>(ns % step) / static_cast<double>(step);
    return static_cast<double>(rounds) * sums_.back() + sums_[i] + part * (sums_[i + 1] - sums_[i]);
  }

  Span step_{1};
  std::vector<double> sums_;
};

}  // namespace jevons
