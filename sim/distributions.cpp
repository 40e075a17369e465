#include "sim/distributions.h"

#include <algorithm>
#include <cmath>  // sqrt, floor, abs: exact by IEEE 754; nothing else is used

#include "sim/ensure.h"
#include "sim/portable_math.h"

namespace jevons {
namespace {

// Marsaglia's polar method; its second value is dropped, so that a draw keeps no state.
double standard_normal(Rng& rng) {
  while (true) {
    const double x = 2 * rng.uniform_open() - 1, y = 2 * rng.uniform_open() - 1;
    const double r = x * x + y * y;
    if (r < 1 && r > 0) return x * std::sqrt(-2 * portable::log(r) / r);
  }
}

// ln k! by Stirling's series; exact enough (1e-13 relative) once k >= 10, the product below.
double log_factorial(double k) {
  if (k < 10) {
    double product = 1;
    for (int i = 2; i <= static_cast<int>(k); ++i) product *= i;
    return portable::log(product);
  }
  const double half_log_two_pi = 0.91893853320467274;
  const double inverse = 1 / k, square = inverse * inverse;
  const double series =
      inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
  return (k + 0.5) * portable::log(k) - k + half_log_two_pi + series;
}

// Multiplies uniforms until they pass e^-mean: takes mean + 1 draws.
std::int64_t poisson_by_product(double mean, Rng& rng) {
  const double limit = portable::exp(-mean);
  double product = rng.uniform_open();
  std::int64_t count = 0;
  while (product > limit) {
    product *= rng.uniform_open();
    ++count;
  }
  return count;
}

// Transformed rejection, under 1.2 tries a draw. Algorithm PTRS and its constants: Hoermann 1993,
// doi:10.1016/0167-6687(93)90997-4; for mean >= 10.
std::int64_t poisson_by_rejection(double mean, Rng& rng) {
  const double log_mean = portable::log(mean);
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), sure = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = rng.uniform_open() - 0.5, v = rng.uniform_open();
    const double tail = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / tail + b) * u + mean + 0.43);
    if (tail >= 0.07 && v <= sure) return static_cast<std::int64_t>(k);
    if (k < 0 || (tail < 0.013 && v > tail)) continue;
    const double height = portable::log(v * inverse_alpha / (a / (tail * tail) + b));
    if (height <= k * log_mean - mean - log_factorial(k)) return static_cast<std::int64_t>(k);
  }
}

// (e^x - 1) / x and ln(1 + x) / x, steady around 0, where both are 1.
double expm1_ratio(double x) {
  if (std::abs(x) > 1e-5) return (portable::exp(x) - 1) / x;
  return 1 + x / 2 * (1 + x / 3);
}
double log1p_ratio(double x) {
  if (std::abs(x) > 1e-5) return portable::log(1 + x) / x;
  return 1 - x * (0.5 - x / 3);
}

}  // namespace

double Exponential::sample(Rng& rng) const {
  return -mean * portable::log(rng.uniform_open());
}

double Normal::sample(Rng& rng) const {
  return mean + deviation * standard_normal(rng);
}

double Lognormal::sample(Rng& rng) const {
  return median * portable::exp(sigma * standard_normal(rng));
}

double Lognormal::mean() const {
  return median * portable::exp(sigma * sigma / 2);
}

Lognormal Lognormal::from_mean(double mean, double variation) {
  const double spread = 1 + variation * variation;
  return {.median = mean / std::sqrt(spread), .sigma = std::sqrt(portable::log(spread))};
}

// Marsaglia, Tsang 2000, doi:10.1145/358407.358414; a shape below 1 is lifted by one and scaled
// back with a uniform's power (their section 6).
double Gamma::sample(Rng& rng) const {
  ensure(shape > 0 && scale > 0, "shape and scale of a gamma variable are positive");
  const double lifted = shape < 1 ? shape + 1 : shape;
  const double d = lifted - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  double v = 0;
  while (true) {
    const double x = standard_normal(rng);
    v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v > 0 && portable::log(rng.uniform_open()) < x * x / 2 + d - d * v + d * portable::log(v))
      break;
  }
  const double lowered = shape < 1 ? portable::pow(rng.uniform_open(), 1 / shape) : 1;
  return d * v * lowered * scale;
}

double Weibull::sample(Rng& rng) const {
  return scale * portable::pow(-portable::log(rng.uniform_open()), 1 / shape);
}

double Pareto::sample(Rng& rng) const {
  return minimum * portable::pow(rng.uniform_open(), -1 / exponent);
}

std::int64_t UniformInt::sample(Rng& rng) const {
  ensure(first <= last, "a range of integers is not empty");
  const auto count = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
  const std::uint64_t step = count == 0 ? rng.bits() : rng.below(count);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + step);
}

std::int64_t Poisson::sample(Rng& rng) const {
  ensure(mean >= 0 && mean <= 1e15, "a mean count lies in [0, 1e15]");
  return mean < 10 ? poisson_by_product(mean, rng) : poisson_by_rejection(mean, rng);
}

// Rejection-inversion: draw from the area under the continuous curve x^-s, keep the integer it
// falls to if it lies under that integer's step. Hoermann, Derflinger 1996,
// doi:10.1145/235025.235029.
Zipf::Zipf(std::int64_t n, double exponent) : n_{n}, exponent_{exponent} {
  ensure(n >= 1 && n <= std::int64_t{1} << 52 && exponent > 0, "ranks 1..n, falling");
  area_first_ = area(1.5) - 1;
  area_last_ = area(static_cast<double>(n) + 0.5);
  // Whoever lies this close above the curve's start is under the step without computing it.
  sure_ = 2 - area_inverse(area(2.5) - portable::pow(2, -exponent));
}

// Integral of t^-s from 1 to x, which is ln x for s = 1.
double Zipf::area(double x) const {
  const double log_x = portable::log(x);
  return expm1_ratio((1 - exponent_) * log_x) * log_x;
}

double Zipf::area_inverse(double a) const {
  const double t = std::max(a * (1 - exponent_), -1 + 0x1p-53);  // -1 is x = infinity
  return portable::exp(log1p_ratio(t) * a);
}

std::int64_t Zipf::sample(Rng& rng) const {
  while (true) {
    const double a = area_last_ + rng.uniform_open() * (area_first_ - area_last_);
    const double x = area_inverse(a);
    const double k = std::min(std::max(std::floor(x + 0.5), 1.0), static_cast<double>(n_));
    if (k - x <= sure_ || a >= area(k + 0.5) - portable::pow(k, -exponent_))
      return static_cast<std::int64_t>(k);
  }
}

// Vose 1991, doi:10.1109/32.92917: every cell holds 1/n of the probability, shared by two indices.
Empirical::Empirical(std::span<const double> values, std::span<const double> weights)
    : values_(values.begin(), values.end()), cells_(weights.size()) {
  ensure(values.size() == weights.size() && !values.empty(), "every value has one weight");
  double total = 0;
  for (const double w : weights) {
    ensure(w >= 0, "a weight is not negative");
    total += w;
  }
  ensure(total > 0 && total < portable::infinity, "some weight is positive");

  std::vector<std::uint32_t> poor, rich;
  for (std::uint32_t i = 0; i < cells_.size(); ++i) {
    mean_ += values_[i] * (weights[i] / total);
    cells_[i] = {weights[i] / total * static_cast<double>(cells_.size()), i};
    (cells_[i].stays < 1 ? poor : rich).push_back(i);
  }
  while (!poor.empty() && !rich.empty()) {
    const std::uint32_t taker = poor.back(), giver = rich.back();
    poor.pop_back();
    cells_[taker].alias = giver;
    cells_[giver].stays -= 1 - cells_[taker].stays;
    if (cells_[giver].stays < 1) {
      rich.pop_back();
      poor.push_back(giver);
    }
  }
  // What is left is whole but for rounding.
  for (const std::uint32_t i : poor) cells_[i].stays = 1;
}

std::size_t Empirical::index(Rng& rng) const {
  const std::uint64_t cell = rng.below(cells_.size());
  return rng.uniform() < cells_[cell].stays ? cell : cells_[cell].alias;
}

}  // namespace jevons
