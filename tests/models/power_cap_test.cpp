#include "models/hardware/power_cap.h"

#include <doctest/doctest.h>

namespace jevons {

namespace {
// 10 ms of arithmetic at 600 W, 100 W of it static.
const ClockedWork arithmetic{
    .seconds = 0.01, .clock_seconds = 0.01, .static_watts = 100, .arithmetic_joules = 5};
}  // namespace

TEST_CASE("a limit above the draw changes nothing") {
  CHECK(clock_under(600, arithmetic, {}) == 1);
}

TEST_CASE("under a limit the mean power meets it") {
  const double f = clock_under(400, arithmetic, {});
  CHECK(f < 1);
  CHECK(joules_at(arithmetic, f, {}) / seconds_at(arithmetic, f) ==
        doctest::Approx(400).epsilon(1e-6));
}

TEST_CASE("a mild limit saves energy and a harsh one below the voltage floor costs it") {
  const auto joules_under = [](double watts) {
    return joules_at(arithmetic, clock_under(watts, arithmetic, {}), {});
  };
  CHECK(joules_under(450) < joules_under(600));
  CHECK(joules_under(150) > joules_under(250));
}

TEST_CASE("memory traffic does not slow down with the clock") {
  const ClockedWork memory{.seconds = 0.01, .static_watts = 100, .other_joules = 5};
  CHECK(seconds_at(memory, 0.5) == 0.01);
  // Nothing that a lower clock could save: the limit pushes to the lowest clock and no further.
  CHECK(clock_under(300, memory, {}) == ClockLaw{}.lowest);
}

}  // namespace jevons
