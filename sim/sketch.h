#pragma once
// Quantiles of millions of values in a few kilobytes, mergeable, with a stated error.
//
// Buckets split each octave [2^e, 2^(e+1)) into 128 equal parts: a bucket is [a, a + w) with
// w = 2^e / 128 and a >= 2^e, hence a/w >= 128. A quantile is answered by the bucket's harmonic
// middle 2ab/(a+b), b = a + w, off by at most (b-a)/(b+a) = 1/(2a/w + 1) <= 1/257 of any value in
// the bucket. So: every quantile is within 0.39 % of a value that truly has this rank. The bucket
// of a double is its leading 19 bits; no logarithm is taken. This is DDSketch (Masson et al. 2019,
// doi:10.14778/3352063.3352135) with octaves cut evenly.
//
// Memory: 8 bytes a bucket from the least to the greatest value seen; 1 us to 1 h spans 32 octaves,
// 32 KiB. Never more than 2 MiB (double) or 64 KiB (int64).
#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "sim/ensure.h"
#include "sim/int128.h"

namespace jevons {

template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double>
class QuantileSketch {
 public:
  static constexpr double relative_error = 1.0 / 257;

  // `value` is finite and not negative, `weight` positive. A zero is kept apart and is exact; so
  // are, as zeros, doubles below 2.3e-308.
  void insert(Value value, std::uint64_t weight = 1) {
    ensure_valid(value);
    if (value < smallest())
      zeros_ += weight;
    else
      add(bucket_of(value), weight);
    note(value, value, weight);
    if constexpr (std::same_as<Value, double>)
      add_to_sum(value * static_cast<double>(weight));
    else  // of unsigned words: one multiplication
      add_to_sum(Int128{static_cast<std::uint64_t>(value)} * weight);
  }

  // `count` values first, first + step, ..., each with `weight`, at the cost of the buckets they
  // fall in. For integers the same as one by one; for doubles up to rounding at bucket edges.
  void insert_progression(Value first, Value step, std::uint64_t count, std::uint64_t weight = 1);

  void merge(const QuantileSketch& other);

  // The value of rank ceil(q count), q in [0, 1]; q = 0 and q = 1 are exact. Not of an empty
  // sketch.
  [[nodiscard]] double quantile(double q) const;

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Exact for integers (rounded once); within 1e-15 relative for doubles.
  [[nodiscard]] double sum() const;
  [[nodiscard]] double mean() const { return empty() ? 0 : sum() / static_cast<double>(count_); }
  [[nodiscard]] Value min() const { return empty() ? Value{} : min_; }
  [[nodiscard]] Value max() const { return empty() ? Value{} : max_; }

 private:
  using Exact = std::conditional_t<std::same_as<Value, double>, double, Int128>;

  // Leading 12 + 7 bits of a double: monotone in the value for all that is not negative.
  static constexpr unsigned dropped_bits = 45;

  // Of a value of at least smallest().
  static std::uint32_t bucket_of(Value value) {
    if constexpr (std::same_as<Value, double>) {
      return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value) >> dropped_bits);
    } else {  // the same bits, without rounding beyond 2^53
      const auto v = static_cast<std::uint64_t>(value);
      const auto zeros = static_cast<unsigned>(std::countl_zero(v));
      return (1023 + 63 - zeros) << 7 | static_cast<std::uint32_t>((v << zeros) >> 56 & 127);
    }
  }
  // The least value that has a bucket: 1, or the least normal double.
  static constexpr Value smallest() {
    return std::same_as<Value, double> ? std::numeric_limits<Value>::min() : Value{1};
  }
  static double lower_edge(std::uint32_t bucket) {
    return std::bit_cast<double>(std::uint64_t{bucket} << dropped_bits);
  }
  // Number of values of the progression below `edge`, among the `count` first.
  static std::uint64_t count_below(double edge, Value first, Value step, std::uint64_t count);

  void add(std::uint32_t bucket, std::uint64_t weight) {
    const std::uint32_t place = bucket - first_bucket_;  // wraps around below the first
    if (place >= counts_.size()) [[unlikely]]
      return add_outside(bucket, weight);
    counts_[place] += weight;
  }
  void note(Value least, Value greatest, std::uint64_t weight) {
    count_ += weight;
    min_ = std::min(min_, least);
    max_ = std::max(max_, greatest);
  }
  void add_outside(std::uint32_t bucket, std::uint64_t weight);
  void add_to_sum(Exact more) {
    if constexpr (std::same_as<Value, double>) {
      const double sum = sum_ + more, taken = sum - sum_;
      lost_ += (sum_ - (sum - taken)) + (more - taken);
      sum_ = sum;
    } else {
      sum_ += more;
    }
  }
  void ensure_valid(Value value) const {
    ensure(value >= 0 && value <= std::numeric_limits<Value>::max(),
           "a value in a sketch is finite and not negative");
  }

  std::vector<std::uint64_t> counts_;  // of buckets first_bucket_, first_bucket_ + 1, ...
  std::uint32_t first_bucket_ = 0;
  std::uint64_t zeros_ = 0;
  std::uint64_t count_ = 0;
  Value min_ = std::numeric_limits<Value>::max(), max_ = 0;
  // Integers: exact. Doubles: the sum and what rounding took from it (Knuth, TAOCP 2, 4.2.2).
  Exact sum_ = 0;
  double lost_ = 0;
};

extern template class QuantileSketch<std::int64_t>;
extern template class QuantileSketch<double>;

}  // namespace jevons
