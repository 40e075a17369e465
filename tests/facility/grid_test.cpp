#include "models/facility/grid.h"

#include <doctest/doctest.h>

#include "sim/rng.h"

namespace jevons {

TEST_CASE("the wet bulb is that of the published formula and never above the dry bulb") {
  CHECK(wet_bulb_c(20, 50) == doctest::Approx(13.7).epsilon(0.002));  // the example of Stull 2011
  for (double t = 0; t <= 40; t += 5)
    for (double rh = 10; rh <= 95; rh += 5) CHECK(wet_bulb_c(t, rh) <= t + 0.3);
}

TEST_CASE("a series repeats from its beginning and begins where it is told to") {
  Hourly series{std::vector<double>{1, 2, 3}, 1};
  CHECK(series.at(Instant{}) == 2);
  CHECK(series.at(Instant{std::chrono::minutes{59}}) == 2);
  CHECK(series.at(Instant{std::chrono::minutes{60}}) == 3);
  CHECK(series.at(Instant{std::chrono::hours{2}}) == 1);
  CHECK(series.ahead(Instant{}, 4) == 3);
  CHECK(next_hour(Instant{std::chrono::minutes{60}}) == Instant{std::chrono::hours{2}});
}

TEST_CASE("water of a mix is the mean of its fuels") {
  Mix gas{};
  gas[static_cast<std::size_t>(Fuel::gas)] = 10;
  CHECK(water_l_per_kwh(gas) == doctest::Approx(0.776).epsilon(0.001));
  Mix half = gas;
  half[static_cast<std::size_t>(Fuel::wind)] = 10;
  CHECK(water_l_per_kwh(half) == doctest::Approx(0.388).epsilon(0.001));
  CHECK(water_l_per_kwh(Mix{}) == 0);
}

TEST_CASE("the marginal intensity is that of the stations which follow demand") {
  Rng rng{1, "grid"};
  std::vector<Mix> mix;
  std::vector<double> carbon;
  for (int h = 0; h < 8760; ++h) {
    Mix m{};
    const double gas = 100 + 50 * rng.uniform(), wind = 200 * rng.uniform();
    m[static_cast<std::size_t>(Fuel::gas)] = gas;
    m[static_cast<std::size_t>(Fuel::wind)] = wind;
    m[static_cast<std::size_t>(Fuel::nuclear)] = 80;
    mix.push_back(m);
    carbon.push_back(450 * gas / (gas + wind + 80));
  }
  for (const double g : marginal_g_per_kwh(mix, carbon)) CHECK(g == doctest::Approx(450));
}

TEST_CASE("a grid without stations that follow demand has no marginal emissions") {
  Mix m{};
  m[static_cast<std::size_t>(Fuel::hydro)] = 5;
  const std::vector<Mix> mix(48, m);
  const std::vector<double> carbon(48, 10);
  CHECK(marginal_g_per_kwh(mix, carbon) == std::vector<double>(48, 0.0));
}

}  // namespace jevons
