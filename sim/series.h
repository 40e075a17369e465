#pragma once
// The course of a level over time in a bounded number of points: mean, least and greatest value per
// bin. When the bins run out, each two become one of double width, so a second and a decade fit the
// same memory and no length of run has to be known beforehand.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/time.h"

namespace jevons {

class Series {
 public:
  struct Point {
    Instant begin;
    Span width;  // of the last point: as far as time has been settled
    double mean, min, max;
  };

  Series() : Series(Instant{}, std::chrono::milliseconds{1}) {}
  // `max_bins` is even and at least 2.
  Series(Instant start, Span bin_width, std::size_t max_bins = 512, double level = 0);

  // The level is `level` from `now` on. A level that lasts no time leaves no trace.
  void set(Instant now, double level) {
    settle(now);
    level_ = level;
  }
  void settle(Instant now);

  [[nodiscard]] double level() const { return level_; }
  [[nodiscard]] Span bin_width() const { return width_; }
  [[nodiscard]] std::vector<Point> points() const;

 private:
  struct Bin {
    double integral;  // level x ns
    double min, max;
  };

  [[nodiscard]] std::size_t bin_of(Instant t) const {
    return static_cast<std::size_t>((t - start_) / width_);
  }
  [[nodiscard]] Instant begin_of(std::size_t bin) const {
    return start_ + static_cast<std::int64_t>(bin) * width_;
  }
  void add(std::size_t bin, Span lasted);
  void coarsen();

  Instant start_, settled_;
  Span width_;
  std::size_t max_bins_;
  double level_;
  std::vector<Bin> bins_;
};

}  // namespace jevons
