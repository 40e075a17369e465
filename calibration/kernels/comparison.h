#pragma once
// Comparing what a kernel wrote with what it should have written.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

// Collects pairs; the scale of errors, the root mean square of the wanted values, is known at the
// end. The error of a pair is |got - want| / max(rms, |want|): relative for large values, absolute
// for those that cancelled out.
class Comparison {
 public:
  explicit Comparison(double tolerance) : tolerance_{tolerance} {}

  void add(double got, double want, std::int64_t row, std::int64_t column) {
    pairs_.push_back({got, want, row, column});
  }
  // A mistake that no pair shows, such as a wrong index: the comparison fails and says so.
  void fail(const std::string& what) {
    if (mistake_.empty()) mistake_ = what;
  }
  Verdict verdict() const;

 private:
  struct Pair {
    double got, want;
    std::int64_t row, column;
  };
  double tolerance_;
  std::vector<Pair> pairs_;
  std::string mistake_;
};

// Up to about `most` of the numbers 0..n-1: the first, the last, those beside the edges of tiles of
// 64, 128 and 256, and others evenly between.
std::vector<std::int64_t> samples(std::int64_t n, std::int64_t most);

// The first, the middle and the last of 0..n-1, for references that cost much.
std::vector<std::int64_t> few_samples(std::int64_t n);

}  // namespace jevons::calibration
