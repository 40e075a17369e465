#pragma once
// Values that hold for an hour each, one after another, and then from the beginning again: a year
// of a grid, a year of weather. A constant is one value.
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/ensure.h"
#include "sim/time.h"

namespace jevons {

inline constexpr std::int64_t hours_per_year = 8760;  // without 29 February

class Hourly {
 public:
  Hourly() : values_{0.0} {}
  explicit Hourly(double constant) : values_{constant} {}
  // `first`: which value holds in the hour in which simulated time begins.
  explicit Hourly(std::vector<double> values, std::int64_t first = 0)
      : values_{std::move(values)}, first_{first} {
    ensure(!values_.empty() && first >= 0, "an hourly series has values and begins in one of them");
  }

  double at(Instant now) const { return values_[place(now, 0)]; }
  // Of the hour that begins `hours` after the hour of `now`.
  double ahead(Instant now, std::int64_t hours) const { return values_[place(now, hours)]; }
  bool is_constant() const { return values_.size() == 1; }
  const std::vector<double>& values() const { return values_; }
  void begin_at(std::int64_t hour) { first_ = hour; }

 private:
  std::size_t place(Instant now, std::int64_t hours) const {
    if (is_constant()) return 0;
    const std::int64_t hour = now.time_since_epoch() / std::chrono::hours{1} + hours + first_;
    return static_cast<std::size_t>(hour % static_cast<std::int64_t>(values_.size()));
  }

  std::vector<double> values_;
  std::int64_t first_ = 0;
};

// The first whole hour after `now`.
inline Instant next_hour(Instant now) {
  return Instant{(now.time_since_epoch() / std::chrono::hours{1} + 1) * std::chrono::hours{1}};
}

}  // namespace jevons
