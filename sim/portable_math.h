#pragma once
// Logarithm, exponential and power from + - * / alone. The C library's differ between machines in
// the last bit, which would let one seed give two results; these give the same bits wherever
// doubles are IEEE 754 and products are not fused (-ffp-contract=off).
//
// Relative error under 3e-16 for log and exp (checked by test); for pow under
// 3e-16 (1 + |y ln x|). Used where results are random draws; formulas of physics use <cmath>.
#include <bit>
#include <cstdint>

namespace jevons::portable {

inline constexpr double infinity = std::bit_cast<double>(std::uint64_t{0x7ff} << 52);
// ln 2 in two parts: the first has 21 trailing zero bits, so that k * ln2_high is exact.
inline constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;

// x normal and positive. ln x = k ln 2 + 2 atanh(s), s = (m - 1) / (m + 1), m in [sqrt 1/2, sqrt
// 2).
constexpr double log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t sqrt_half = 0x3fe6a09e667f3bcdU;
  const auto k = static_cast<std::int64_t>(bits - sqrt_half) >> 52;
  const auto m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(k) << 52));
  const double f = m - 1, s = f / (2 + f), z = s * s;
  // |s| < 0.1716: the first term left out is below 2^-56 of the sum.
  double series = 0;
  for (int n = 21; n >= 3; n -= 2) series = z * (series + 1.0 / n);
  // 2 s = f - s f, which keeps the leading term exact.
  const auto kd = static_cast<double>(k);
  return kd * ln2_high + (f - (s * f - (2 * s * series + kd * ln2_low)));
}

// e^x = 2^k e^r, |r| <= ln 2 / 2, by Taylor's series; 0 or infinity beyond the range of doubles.
constexpr double exp(double x) {
  if (x > 709.7) return infinity;
  if (x < -708) return 0;
  const double scaled = x * 1.4426950408889634;
  const auto k = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const double r = (x - static_cast<double>(k) * ln2_high) - static_cast<double>(k) * ln2_low;
  double series = 0;
  for (int n = 14; n >= 2; --n) series = (series + 1) * (r * (1.0 / n));
  const double mantissa = 1 + (r + r * series);
  // In two steps, because 2^1024 is not a double where the result still is.
  return 2 * mantissa * std::bit_cast<double>(static_cast<std::uint64_t>(k - 1 + 1023) << 52);
}

// x^y for normal positive x.
constexpr double pow(double x, double y) {
  return exp(y * log(x));
}

}  // namespace jevons::portable
