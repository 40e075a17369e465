#include "calibration/kernels/number_formats.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace jevons::calibration;

namespace {

// The nearest finite code by trying all; of two equally near the one with an even mantissa.
E4m3Bits nearest(float x) {
  E4m3Bits best = 0;
  for (unsigned code = 0; code < 0x7f; ++code) {
    const float old = std::abs(from_e4m3(best) - std::abs(x));
    const float now = std::abs(from_e4m3(static_cast<E4m3Bits>(code)) - std::abs(x));
    if (now < old || (now == old && code % 2 == 0)) best = static_cast<E4m3Bits>(code);
  }
  return static_cast<E4m3Bits>(best | (std::signbit(x) ? 0x80U : 0U));
}

}  // namespace

TEST_CASE("every e4m3 code survives a round trip") {
  for (unsigned code = 0; code < 256; ++code) {
    if ((code & 0x7fU) == 0x7fU) continue;
    CHECK(to_e4m3(from_e4m3(static_cast<E4m3Bits>(code))) == code);
  }
  CHECK(std::isnan(from_e4m3(0x7f)));
  CHECK(from_e4m3(0x7e) == 448.0F);
  CHECK(from_e4m3(0x01) == 0x1p-9F);
}

TEST_CASE("e4m3 rounds to the nearest code and ties to even and saturates") {
  for (int i = -70'000; i <= 70'000; ++i) {
    const float x = static_cast<float>(i) * 0.00731F;
    REQUIRE(to_e4m3(x) == nearest(x));
    const float small = static_cast<float>(i) * 0x1p-21F;
    REQUIRE(to_e4m3(small) == nearest(small));
  }
  for (unsigned code = 0; code < 0x7e; ++code) {
    const float tie = 0.5F * (from_e4m3(static_cast<E4m3Bits>(code)) +
                              from_e4m3(static_cast<E4m3Bits>(code + 1)));
    CHECK(to_e4m3(tie) % 2 == 0);
  }
  CHECK(to_e4m3(1e9F) == 0x7e);
  CHECK(to_e4m3(-1e9F) == 0xfe);
}

TEST_CASE("bf16 keeps what it can hold and rounds to nearest even") {
  for (unsigned bits = 0; bits < 0x7f80; ++bits)
    REQUIRE(to_bf16(from_bf16(static_cast<Bf16Bits>(bits))) == bits);
  CHECK(from_bf16(to_bf16(1.00390625F)) == 1.0F);        // halfway, to even
  CHECK(from_bf16(to_bf16(1.01171875F)) == 1.015625F);   // halfway, to even
  CHECK(from_bf16(to_bf16(1.00390637F)) == 1.0078125F);  // just above halfway
}

TEST_CASE("random operands are uniform and differ by seed and place") {
  double sum = 0, squares = 0;
  constexpr int n = 100'000;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double x = static_cast<double>(random_value(3, i));
    REQUIRE(x >= -1);
    REQUIRE(x < 1);
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / n) < 0.01);
  CHECK(squares / n == doctest::Approx(1.0 / 3).epsilon(0.01));
  CHECK(random_value(3, 7) != random_value(4, 7));
  CHECK(random_value(3, 7) != random_value(3, 8));
}
