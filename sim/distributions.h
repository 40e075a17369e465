#pragma once
// Random variables as plain values: describe once, draw with `sample(rng)`. Ours, because the
// standard's differ between libraries; with portable_math.h the same seed gives the same draws on
// every machine. A draw keeps no state besides the stream it is given.
//
// Parameters are laws to us (ensure); what a user writes is checked where it is read.
#include <cstdint>
#include <span>
#include <vector>

#include "sim/rng.h"

namespace jevons {

struct Exponential {
  double mean = 1;  // > 0
  [[nodiscard]] double sample(Rng& rng) const;
};

struct Normal {
  double mean = 0;
  double deviation = 1;  // >= 0
  [[nodiscard]] double sample(Rng& rng) const;
};

struct Lognormal {
  double median = 1;  // > 0
  double sigma = 1;   // >= 0, deviation of the logarithm
  [[nodiscard]] double sample(Rng& rng) const;
  [[nodiscard]] double mean() const;
  // The one with this mean and this coefficient of variation (deviation / mean).
  static Lognormal from_mean(double mean, double variation);
};

// Mean shape * scale, variance shape * scale^2. As a gap between arrivals, a shape below 1 is
// burstier than Poisson: coefficient of variation 1 / sqrt(shape).
struct Gamma {
  double shape = 1, scale = 1;  // > 0
  [[nodiscard]] double sample(Rng& rng) const;
};

struct Weibull {
  double shape = 1, scale = 1;  // > 0; P(X > x) = exp(-(x / scale)^shape)
  [[nodiscard]] double sample(Rng& rng) const;
};

struct Pareto {
  double minimum = 1, exponent = 1;  // > 0; P(X > x) = (minimum / x)^exponent
  [[nodiscard]] double sample(Rng& rng) const;
};

// Integers from `first` to `last`, both included.
struct UniformInt {
  std::int64_t first = 0, last = 0;
  [[nodiscard]] std::int64_t sample(Rng& rng) const;
};

// Number of events of rate 1 in a span of `mean`; mean in [0, 1e15].
struct Poisson {
  double mean = 1;
  [[nodiscard]] std::int64_t sample(Rng& rng) const;
};

// Ranks 1..n with P(k) proportional to k^-exponent; exponent > 0, 1 <= n <= 2^52. No table.
class Zipf {
 public:
  Zipf(std::int64_t n, double exponent);
  [[nodiscard]] std::int64_t sample(Rng& rng) const;

 private:
  [[nodiscard]] double area(double x) const;
  [[nodiscard]] double area_inverse(double a) const;

  std::int64_t n_;
  double exponent_;
  double area_first_, area_last_, sure_;
};

// One of the given values, with the given weights: O(1) a draw, O(n) to set up (alias method).
class Empirical {
 public:
  // At least one weight is positive, none is negative.
  Empirical(std::span<const double> values, std::span<const double> weights);
  [[nodiscard]] double sample(Rng& rng) const { return values_[index(rng)]; }
  [[nodiscard]] std::size_t index(Rng& rng) const;  // of the value drawn
  [[nodiscard]] double mean() const { return mean_; }

 private:
  struct Cell {
    double stays;         // probability of the cell's own index rather than its alias
    std::uint32_t alias;  // where the rest of the cell belongs
  };
  std::vector<double> values_;
  std::vector<Cell> cells_;
  double mean_ = 0;
};

}  // namespace jevons
