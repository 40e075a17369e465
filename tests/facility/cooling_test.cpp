#include "models/facility/cooling.h"

#include <doctest/doctest.h>

#include "models/facility/power_flow.h"

namespace jevons {

namespace {

constexpr Power rated = 10 * unit::MW;

double share(const Cooling& cooling, Power heat, const Outside& outside) {
  return cooling_draw(cooling, heat, rated, outside).power / heat;
}

}  // namespace

TEST_CASE("cooling takes more power the warmer it is outside and least while no chiller runs") {
  for (const Cooling& plant : {Cooling{TowerCooling{}}, Cooling{DryCooling{}}}) {
    double before = 0;
    for (double t = -10; t <= 40; t += 1) {
      const double now = share(plant, rated, {t, t - 4});
      CHECK(now >= before);
      before = now;
    }
    CHECK(share(plant, rated, {5, 2}) < 0.06);
    CHECK(share(plant, rated, {40, 30}) > 0.12);
  }
}

TEST_CASE("a tower cools by its wet bulb and dry coolers by the dry bulb") {
  const Outside desert{40, 18}, tropics{32, 27};
  CHECK(share(TowerCooling{}, rated, desert) < share(TowerCooling{}, rated, tropics));
  CHECK(share(DryCooling{}, rated, desert) > share(DryCooling{}, rated, tropics));
}

TEST_CASE("a chiller needs the share of Carnot work that it should") {
  CoolingPlant p;
  p.fans = p.pumps = p.rejection = 0;
  DryCooling dry;
  static_cast<CoolingPlant&>(dry) = p;
  const double outside = 40;  // well above the return temperature: all heat by the chiller
  const double evaporating = p.supply_c - p.evaporator_drop_k + 273.15;
  const double lift = outside + p.approach_k + p.condenser_rise_k + 273.15 - evaporating;
  CHECK(share(dry, rated, {outside, 20}) == doctest::Approx(lift / (p.carnot_share * evaporating)));
}

TEST_CASE("fans and pumps follow the cube of the load down to their least speed") {
  CoolingPlant p;
  p.rejection = 0;
  DryCooling dry;
  static_cast<CoolingPlant&>(dry) = p;
  const Outside cold{0, -2};
  const auto watts = [&](double load) {
    return cooling_draw(dry, load * rated, rated, cold).power / rated;
  };
  CHECK(watts(1) == doctest::Approx(p.fans + p.pumps));
  CHECK(watts(0.8) / watts(1) == doctest::Approx(0.512));
  CHECK(watts(0.1) == watts(0.2));
}

TEST_CASE("a tower evaporates a litre and a half to two per kWh of heat and dry coolers none") {
  const Outside mild{15, 10};
  const double litres =
      cooling_draw(TowerCooling{}, rated, rated, mild).litres_per_s / (rated * unit::s / unit::kWh);
  CHECK(litres > 1.5);
  CHECK(litres < 2);
  CHECK(cooling_draw(DryCooling{}, rated, rated, mild).litres_per_s == 0);
}

TEST_CASE("what the grid gives is what machines and cooling and losses take") {
  const PowerPlant plant{{}, TowerCooling{}, rated};
  for (double load = 0.05; load <= 1; load += 0.05) {
    const PowerFlow f =
        plant.flow({.job = nanowatts(load * rated), .network = 12'345}, {18.3, 12.1});
    CHECK(f.grid == f.machines.total() + f.cooling + f.loss);
    CHECK(f.loss > f.plug - f.machines.total());
    CHECK(f.pue() > 1);
  }
}

TEST_CASE("a half-loaded site converts power with five to ten percent of loss") {
  const PowerPlant plant{{}, FixedCooling{0}, rated};
  const PowerFlow f = plant.flow({.job = nanowatts(0.5 * rated)}, {});
  const double lost = static_cast<double>(f.loss) / static_cast<double>(f.machines.total());
  CHECK(lost > 0.05);
  CHECK(lost < 0.12);
}

}  // namespace jevons
