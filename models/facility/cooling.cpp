#include "models/facility/cooling.h"

#include <algorithm>

namespace jevons {

namespace {

constexpr double kelvin = 273.15;
constexpr double joules_per_litre_evaporated = 2.43e6;  // at 30 degrees C
constexpr double least_lift_k = 10;                     // a chiller runs no better than that

// What is left for the chiller after outside air, and what it needs.
Power chiller_power(const CoolingPlant& plant, Power heat, double free_c) {
  const double share = std::clamp((free_c - plant.supply_c) / plant.return_rise_k, 0.0, 1.0);
  if (share == 0) return {};
  const double evaporating = plant.supply_c - plant.evaporator_drop_k + kelvin;
  const double condensing = free_c + plant.condenser_rise_k + kelvin;
  const double lift = std::max(least_lift_k, condensing - evaporating);
  return share * lift / (plant.carnot_share * evaporating) * heat;
}

struct Plant {
  Power power, rejected;
};

Plant run(const CoolingPlant& plant, Power heat, Power rated, double outside_c) {
  const Power chiller = chiller_power(plant, heat, outside_c + plant.approach_k);
  const double load = rated > Power{} ? heat / rated : 0;
  const double speed = std::max(plant.least_speed, load);
  const Power movers = (plant.fans + plant.pumps) * speed * speed * speed * rated;
  const Power rejected = heat + chiller;
  return {movers + chiller + plant.rejection * rejected, rejected};
}

CoolingDraw draw(const FixedCooling& c, Power heat, Power, const Outside&) {
  return {c.share * heat, c.water_l_per_kwh * (heat * unit::s / unit::kWh)};
}

CoolingDraw draw(const DryCooling& c, Power heat, Power rated, const Outside& outside) {
  return {run(c, heat, rated, outside.dry_bulb_c).power, 0};
}

CoolingDraw draw(const TowerCooling& c, Power heat, Power rated, const Outside& outside) {
  const auto [power, rejected] = run(c, heat, rated, outside.wet_bulb_c);
  const double evaporated =
      c.evaporative_share * rejected.in(unit::W) / joules_per_litre_evaporated;
  return {power, evaporated * c.concentration_cycles / (c.concentration_cycles - 1)};
}

}  // namespace

CoolingDraw cooling_draw(const Cooling& cooling, Power heat, Power rated, const Outside& outside) {
  return std::visit([&](const auto& c) { return draw(c, heat, rated, outside); }, cooling);
}

}  // namespace jevons
