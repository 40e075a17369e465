#include "sim/series.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "sim/ensure.h"
#include "sim/rng.h"

namespace jevons {
namespace {

using namespace std::chrono_literals;

Instant at(Span since_start) {
  return Instant{since_start};
}

TEST_CASE("a series keeps mean and extremes of each bin") {
  Series series{at(0s), 10ns, 4, 1.0};
  series.set(at(5ns), 3.0);
  series.set(at(12ns), 0.5);
  series.settle(at(15ns));
  const auto points = series.points();
  REQUIRE(points.size() == 2);
  CHECK(points[0].mean == doctest::Approx(2));
  CHECK(points[0].min == 1);
  CHECK(points[0].max == 3);
  CHECK(points[1].begin == at(10ns));
  CHECK(points[1].width == 5ns);
  CHECK(points[1].mean == doctest::Approx((2 * 3 + 3 * 0.5) / 5));
}

TEST_CASE("bins double in width when they run out") {
  Series series{at(0s), 1ns, 4};
  for (int i = 0; i < 16; ++i) series.set(at(Span{i}), i);
  series.settle(at(16ns));
  CHECK(series.bin_width() == 4ns);
  const auto points = series.points();
  REQUIRE(points.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(points[i].min == 4.0 * static_cast<double>(i));
    CHECK(points[i].max == points[i].min + 3);
    CHECK(points[i].mean == points[i].min + 1.5);
  }
}

TEST_CASE("a long silence costs no more than the bins there are") {
  Series series{at(0s), 1ns, 8, 2.0};
  series.settle(at(std::chrono::hours{24 * 3650}));
  const auto points = series.points();
  CHECK(points.size() <= 8);
  CHECK(points.size() > 4);
  for (const auto& p : points) CHECK(p.mean == doctest::Approx(2));
}

TEST_CASE("the integral of a series does not depend on its resolution") {
  Series coarse{at(0s), 1s, 16};
  Series fine{at(0s), 1us, 4096};
  Rng rng{1, "levels"};
  Instant now{};
  double integral = 0, level = 0;
  for (int i = 0; i < 5000; ++i) {
    const Span lasted{static_cast<std::int64_t>(rng.below(1'000'000'000))};
    integral += level * static_cast<double>(lasted.count());
    now += lasted;
    level = rng.uniform();
    coarse.set(now, level);
    fine.set(now, level);
  }
  for (const Series* series : {&coarse, &fine}) {
    double sum = 0;
    Instant end{};
    for (const auto& p : series->points()) {
      CHECK(p.begin == end);
      CHECK(p.min <= p.mean);
      CHECK(p.mean <= p.max);
      sum += p.mean * static_cast<double>(p.width.count());
      end = p.begin + p.width;
    }
    CHECK(end == now);
    CHECK(sum == doctest::Approx(integral).epsilon(1e-9));  // thousands of sums of doubles
  }
}

TEST_CASE("a series refuses to run backwards") {
  Series series{at(0s), 1ns, 4};
  series.settle(at(3ns));
  CHECK_THROWS_AS(series.set(at(2ns), 1.0), BrokenInvariant);
}

}  // namespace
}  // namespace jevons
