#pragma once
// bf16, fp8 (e4m3) and the random numbers that fill operands: the same bits on CPU and GPU, since
// both run these lines (nvcc takes constexpr functions on the device).
#include <bit>
#include <cstdint>

#include "sim/rng.h"

namespace jevons::calibration {

using Bf16Bits = std::uint16_t;
using E4m3Bits = std::uint8_t;

inline constexpr float e4m3_max = 448.0F;
inline constexpr int scale_block =
    128;  // values that share a scale, along k (weights: and along n)

// Round to nearest, ties to even. Finite inputs only.
constexpr Bf16Bits to_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<Bf16Bits>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}
constexpr float from_bf16(Bf16Bits x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}

// e4m3: sign, 4 exponent bits (bias 7), 3 mantissa bits, no infinity, 0x7f is NaN. To nearest, ties
// to even; beyond 448 saturates. Source: Micikevicius et al. 2022, arXiv:2209.05433.
constexpr E4m3Bits to_e4m3(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = (bits >> 24) & 0x80U, magnitude = bits & 0x7fffffffU;
  const auto a = std::bit_cast<float>(magnitude);
  if (a >= e4m3_max) return static_cast<E4m3Bits>(sign | 0x7eU);
  if (a < 0x1p-6F) {
    // Adding 2^14 leaves units of 2^-9, those of the subnormals, in the last mantissa bit.
    const float shifted = a + 0x1p14F;
    return static_cast<E4m3Bits>(sign | (std::bit_cast<std::uint32_t>(shifted) & 0xfU));
  }
  const std::uint32_t rounded = magnitude + 0x7ffffU + ((magnitude >> 20) & 1U);
  return static_cast<E4m3Bits>(sign | ((rounded >> 20) - ((127U - 7U) << 3)));
}
constexpr float from_e4m3(E4m3Bits x) {
  const std::uint32_t sign = (x & 0x80U) << 24, exponent = (x >> 3) & 0xfU, mantissa = x & 7U;
  if ((x & 0x7fU) == 0x7fU) return std::bit_cast<float>(sign | 0x7fc00000U);
  if (exponent == 0) {
    const float subnormal = static_cast<float>(mantissa) * 0x1p-9F;
    return sign != 0 ? -subnormal : subnormal;
  }
  return std::bit_cast<float>(sign | ((exponent + 120U) << 23) | (mantissa << 20));
}

// Value i of stream `seed`, uniform in [-1, 1), a multiple of 2^-23: no state, any order.
constexpr float random_value(std::uint64_t seed, std::uint64_t i) {
  const std::uint64_t bits = mix(mix(seed) + 0x9e3779b97f4a7c15U * (i + 1));
  return static_cast<float>(bits >> 40) * 0x1p-23F - 1.0F;
}

// How an operand is filled; the reference recomputes single values from this.
constexpr Bf16Bits random_bf16(std::uint64_t seed, std::uint64_t i, float amplitude) {
  return to_bf16(amplitude * random_value(seed, i));
}
constexpr E4m3Bits random_e4m3(std::uint64_t seed, std::uint64_t i) {
  return to_e4m3(e4m3_max * random_value(seed, i));
}
// In [amplitude / 2, 3/2 amplitude) / 448: a scale that brings e4m3 codes back to about amplitude.
constexpr float random_scale(std::uint64_t seed, std::uint64_t i, float amplitude) {
  return amplitude * (1.0F + 0.5F * random_value(seed, i)) * (1.0F / e4m3_max);
}

}  // namespace jevons::calibration
