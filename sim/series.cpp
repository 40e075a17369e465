#include "sim/series.h"

#include <algorithm>

#include "sim/ensure.h"

namespace jevons {

Series::Series(Instant start, Span bin_width, std::size_t max_bins, double level)
    : start_{start}, settled_{start}, width_{bin_width}, max_bins_{max_bins}, level_{level} {
  ensure(bin_width > Span{}, "a bin has a width");
  ensure(max_bins >= 2 && max_bins % 2 == 0, "bins can be joined in pairs");
}

void Series::settle(Instant now) {
  ensure(now >= settled_, "a series does not run backwards");
  if (now == settled_) return;
  const Instant last = now - Span{1};
  while (bin_of(last) >= max_bins_) coarsen();
  const std::size_t last_bin = bin_of(last);
  for (std::size_t bin = bin_of(settled_); bin < last_bin; ++bin) {
    const Instant end = begin_of(bin + 1);
    add(bin, end - settled_);
    settled_ = end;
  }
  add(last_bin, now - settled_);
  settled_ = now;
}

void Series::add(std::size_t bin, Span lasted) {
  if (bin == bins_.size()) bins_.push_back({0, level_, level_});
  Bin& b = bins_[bin];
  b.integral += level_ * static_cast<double>(lasted.count());
  b.min = std::min(b.min, level_);
  b.max = std::max(b.max, level_);
}

void Series::coarsen() {
  for (std::size_t i = 0; i < bins_.size(); i += 2) {
    Bin joined = bins_[i];
    if (i + 1 < bins_.size()) {
      const Bin& right = bins_[i + 1];
      joined.integral += right.integral;
      joined.min = std::min(joined.min, right.min);
      joined.max = std::max(joined.max, right.max);
    }
    bins_[i / 2] = joined;
  }
  bins_.resize((bins_.size() + 1) / 2);
  width_ *= 2;
}

std::vector<Series::Point> Series::points() const {
  std::vector<Point> points;
  points.reserve(bins_.size());
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    const Instant begin = begin_of(bin);
    const Span width = std::min(width_, settled_ - begin);
    const double mean = bins_[bin].integral / static_cast<double>(width.count());
    points.push_back({begin, width, mean, bins_[bin].min, bins_[bin].max});
  }
  return points;
}

}  // namespace jevons
