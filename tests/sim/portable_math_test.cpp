#include "sim/portable_math.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "sim/rng.h"

namespace jevons {
namespace {

double error_of(double ours, double theirs) {
  return std::abs(ours - theirs) / std::abs(theirs);
}

// The C library is itself within half a unit in the last place, 1.1e-16.
constexpr double allowed = 3e-16 + 1.2e-16;

TEST_CASE("logarithm and exponential agree with the library to the last bits") {
  Rng rng{1, "values"};
  double log_error = 0, exp_error = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double near_one = 0.3 + 3 * rng.uniform(), x = 1400 * rng.uniform() - 700;
    log_error = std::max(log_error, error_of(portable::log(near_one), std::log(near_one)));
    log_error = std::max(log_error, error_of(portable::log(std::exp(x)), std::log(std::exp(x))));
    exp_error = std::max(exp_error, error_of(portable::exp(x), std::exp(x)));
    exp_error = std::max(exp_error, error_of(portable::exp(x * 1e-3), std::exp(x * 1e-3)));
  }
  CHECK(log_error < allowed);
  CHECK(exp_error < allowed);
}

TEST_CASE("logarithm and exponential are exact where they can be") {
  static_assert(portable::log(1) == 0);
  static_assert(portable::exp(0) == 1);
  CHECK(portable::exp(-1000) == 0);
  CHECK(portable::exp(1000) == portable::infinity);
  CHECK(portable::exp(709.5) < portable::infinity);
  CHECK(portable::log(0x1p-1022) == std::log(0x1p-1022));
}

TEST_CASE("powers agree with the library within their stated error") {
  Rng rng{1, "powers"};
  for (int i = 0; i < 20'000; ++i) {
    const double x = portable::exp(20 * rng.uniform() - 10), y = 20 * rng.uniform() - 10;
    const double bound = 3e-16 * (1 + std::abs(y * std::log(x))) + 1.2e-16;
    REQUIRE(error_of(portable::pow(x, y), std::pow(x, y)) < bound);
  }
}

}  // namespace
}  // namespace jevons
