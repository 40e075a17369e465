#include "sim/meter.h"

#include <array>

#include <doctest/doctest.h>

#include "sim/rng.h"

namespace jevons {
namespace {

using namespace std::chrono_literals;

Instant at(Span since_start) {
  return Instant{since_start};
}

TEST_CASE("a meter integrates each rate over the time it lasted") {
  Meter power;
  power.set_rate(at(0s), 700'000);  // mW
  power.set_rate(at(2s), 100'000);
  power.add(5);
  CHECK(power.total(at(3s)) == Int128{1'500'000} * 1'000'000'000 + 5);
  CHECK(energy_of(power.total(at(3s))).in(unit::J) == doctest::Approx(1500).epsilon(1e-12));
}

TEST_CASE("parts of a meter sum to the whole without rounding") {
  Rng rng{1, "power"};
  Meter whole;
  std::array<Meter, 3> part;
  Instant now{};
  for (int i = 0; i < 10'000; ++i) {
    now += Span{static_cast<std::int64_t>(rng.below(1'000'000'000'000))};
    const auto change = static_cast<std::int64_t>(rng.below(1'000'000));
    part[rng.below(3)].change_rate(now, change);
    whole.change_rate(now, change);
  }
  // Rates of 5e9 mW over months: far beyond what a double holds exactly.
  CHECK(whole.total(now) > Int128{1} << 70);
  CHECK(part[0].total(now) + part[1].total(now) + part[2].total(now) == whole.total(now));
}

TEST_CASE("reading a meter often changes nothing") {
  Meter rare{at(0s), 3};
  Meter often{at(0s), 3};
  for (int i = 1; i <= 1000; ++i) often.settle(at(i * 7ns));
  CHECK(often.total(at(7000ns)) == rare.total(at(7000ns)));
}

TEST_CASE("a meter refuses to run backwards") {
  Meter meter;
  meter.set_rate(at(5s), 1);
  CHECK_THROWS_AS(meter.settle(at(4s)), BrokenInvariant);
  CHECK_THROWS_AS(static_cast<void>(meter.total(at(4s))), BrokenInvariant);
}

TEST_CASE("the mean of a level counts each value for as long as it lasted") {
  TimeWeighted batch{at(10s)};
  batch.set(at(11s), 8);
  batch.set(at(13s), 100);  // replaced at once: it never was
  batch.set(at(13s), 2);
  batch.settle(at(14s));
  CHECK(batch.mean() == doctest::Approx((0 * 1 + 8 * 2 + 2 * 1) / 4.0));
  CHECK(batch.min() == 0);
  CHECK(batch.max() == 8);
  CHECK(batch.level() == 2);
}

TEST_CASE("a level that has lasted no time is its own mean") {
  TimeWeighted level{at(1s), 4};
  level.set(at(1s), 6);
  CHECK(level.mean() == 6);
  CHECK(level.min() == 6);
  CHECK(level.max() == 6);
}

}  // namespace
}  // namespace jevons
