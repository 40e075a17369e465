#include "sim/sketch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "sim/distributions.h"
#include "sim/rng.h"

namespace jevons {
namespace {

using IntSketch = QuantileSketch<std::int64_t>;
using DoubleSketch = QuantileSketch<double>;

constexpr std::array quantiles{0.0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0};

// Every quantile lies within the stated error of the value that has its rank.
template <class Value>
void check_quantiles(std::vector<Value> values, const QuantileSketch<Value>& sketch) {
  std::sort(values.begin(), values.end());
  REQUIRE(sketch.count() == values.size());
  for (const double q : quantiles) {
    const double rank = std::ceil(q * static_cast<double>(values.size()) - 1e-6);
    const double exact =
        static_cast<double>(values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1]);
    CAPTURE(q);
    // Beyond the bound only the rounding of the answer itself.
    CHECK(std::abs(sketch.quantile(q) - exact) <= exact * (sketch.relative_error + 1e-15));
  }
}

// Two sketches that cannot be told apart.
template <class Value>
void check_same(const QuantileSketch<Value>& a, const QuantileSketch<Value>& b) {
  REQUIRE(a.count() == b.count());
  CHECK(a.sum() == doctest::Approx(b.sum()).epsilon(1e-12));
  CHECK(a.min() == b.min());
  CHECK(a.max() == b.max());
  for (int i = 0; i <= 1000; ++i) REQUIRE(a.quantile(i / 1000.0) == b.quantile(i / 1000.0));
}

TEST_CASE("every quantile is within the stated error over sixty octaves") {
  Rng rng{1, "latencies"};
  for (const double sigma : {0.0, 0.1, 1.0, 4.0}) {
    CAPTURE(sigma);
    const Lognormal latency{1e6, sigma};
    std::vector<std::int64_t> values;
    std::vector<double> seconds;
    IntSketch sketch;
    DoubleSketch seconds_sketch;
    for (int i = 0; i < 20'000; ++i) {
      const double draw = latency.sample(rng);
      values.push_back(static_cast<std::int64_t>(std::min(draw, 9e18)));
      seconds.push_back(draw * 1e-9);
      sketch.insert(values.back());
      seconds_sketch.insert(seconds.back());
    }
    check_quantiles(values, sketch);
    check_quantiles(seconds, seconds_sketch);
  }
}

TEST_CASE("the stated error is reached and not passed at the edges of a bucket") {
  // The first bucket of an octave is the widest: [128, 129) holds 128 and everything up to 129.
  for (const double value : {128.0, std::nextafter(129.0, 0.0), 129.0, 254.999, 1e-300, 1e300}) {
    DoubleSketch sketch;
    sketch.insert(value / 2);
    sketch.insert(value);
    sketch.insert(value * 2);
    const double error = std::abs(sketch.quantile(0.5) / value - 1);
    CAPTURE(value);
    CHECK(error <= DoubleSketch::relative_error * (1 + 1e-12));
    if (value == 128.0) CHECK(error > 0.99 * DoubleSketch::relative_error);
  }
}

TEST_CASE("small integers come back exactly to within the middle of their bucket") {
  IntSketch sketch;
  for (const std::int64_t v : {0, 0, 1, 2, 3}) sketch.insert(v);
  CHECK(sketch.quantile(0.4) == 0);
  CHECK(sketch.quantile(0.41) == doctest::Approx(1).epsilon(IntSketch::relative_error));
  CHECK(sketch.min() == 0);
  CHECK(sketch.max() == 3);
  CHECK(sketch.sum() == 6);
}

TEST_CASE("integers beyond the precision of doubles keep their buckets and their sum") {
  IntSketch sketch;
  const std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 1000; ++i) sketch.insert(greatest);
  sketch.insert(greatest - 1);
  CHECK(sketch.max() == greatest);
  CHECK(sketch.quantile(0.5) == doctest::Approx(0x1p63).epsilon(IntSketch::relative_error));
  CHECK(sketch.sum() == 1001 * 0x1p63);
}

TEST_CASE("a weight counts as that many insertions") {
  IntSketch once, often;
  for (const std::int64_t v : {5, 700, 90'000}) {
    once.insert(v, 7);
    for (int i = 0; i < 7; ++i) often.insert(v);
  }
  check_same(once, often);
}

TEST_CASE("merging sketches equals inserting everything into one") {
  Rng rng{1, "merge"};
  IntSketch whole;
  std::array<IntSketch, 3> parts;
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t part = rng.below(3);
    const auto value = static_cast<std::int64_t>(rng.bits() >> (8 + 16 * part + rng.below(12)));
    whole.insert(value);
    parts[part].insert(value);
  }
  IntSketch merged;
  for (const IntSketch& part : parts) merged.merge(part);
  merged.merge(IntSketch{});
  check_same(merged, whole);
}

TEST_CASE("a progression of integers equals its values inserted one by one") {
  Rng rng{1, "progressions"};
  IntSketch closed, single;
  for (int i = 0; i < 400; ++i) {
    const auto first = static_cast<std::int64_t>(rng.bits() >> (20 + rng.below(44)));
    const auto step = static_cast<std::int64_t>(rng.bits() >> (40 + rng.below(24)));
    const std::uint64_t count = rng.below(300), weight = 1 + rng.below(64);
    closed.insert_progression(first, step, count, weight);
    for (std::uint64_t k = 0; k < count; ++k)
      single.insert(first + static_cast<std::int64_t>(k) * step, weight);
    if (!single.empty()) check_same(closed, single);
  }
}

TEST_CASE("a progression of doubles keeps count and sum and the stated error") {
  DoubleSketch closed;
  std::vector<double> values;
  closed.insert_progression(0.013, 1e-6, 20'000);
  for (int k = 0; k < 20'000; ++k) values.push_back(0.013 + k * 1e-6);
  check_quantiles(values, closed);
  CHECK(closed.sum() == doctest::Approx(20'000 * 0.013 + 1e-6 * 20'000 * 19'999.0 / 2));
}

TEST_CASE("a progression from nothing and one that stands still are progressions too") {
  IntSketch closed, single;
  closed.insert_progression(0, 1, 300);
  closed.insert_progression(17, 0, 5, 3);
  closed.insert_progression(17, 9, 0);
  for (std::int64_t v = 0; v < 300; ++v) single.insert(v);
  single.insert(17, 15);
  check_same(closed, single);
}

TEST_CASE("the sum of doubles does not drift") {
  DoubleSketch sketch;
  sketch.insert(1e16);
  for (int i = 0; i < 1'000'000; ++i) sketch.insert(0.1);
  CHECK(sketch.sum() == doctest::Approx(1e16 + 1e5).epsilon(1e-15));
}

TEST_CASE("a sketch refuses what has no place in it") {
  DoubleSketch sketch;
  CHECK_THROWS_AS(sketch.insert(-1), BrokenInvariant);
  CHECK_THROWS_AS(sketch.insert(std::nan("")), BrokenInvariant);
  CHECK_THROWS_AS(sketch.insert(std::numeric_limits<double>::infinity()), BrokenInvariant);
  CHECK_THROWS_AS(static_cast<void>(sketch.quantile(0.5)), BrokenInvariant);
  CHECK(sketch.empty());
  IntSketch overflow;
  CHECK_THROWS_AS(overflow.insert_progression(1, std::int64_t{1} << 60, 100), BrokenInvariant);
}

}  // namespace
}  // namespace jevons
