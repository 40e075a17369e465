#pragma once
// What it takes to get heat out of the building. At load x = Q / Qr of the rated heat:
//
//   fans, pumps  Qr (f + p) max(x, m)^3                    affinity laws, m the least speed
//   rejection    r (Q + W)                                 fans of the tower or dry cooler
//   chiller      W = s Q / COP                             s: share that outside air does not take
//   COP          g Te / (Tc - Te)                          share of Carnot, kelvin
//
// With Tw = outside temperature (wet bulb for a tower, dry bulb for dry coolers) + approach, the
// temperature to which water cools for free: s = 0 while Tw is below the supply temperature, 1 from
// the return temperature on, linear between: free cooling before the chiller in the same loop.
// Water of a tower: e (Q + W) / 2.43 MJ/kg, e the share rejected by evaporation, and blow-down to
// keep c cycles of concentration: c / (c - 1) times as much.
#include <string_view>
#include <variant>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

// Whatever the weather, cooling takes this much.
struct FixedCooling {
  static constexpr std::string_view name = "fixed";
  double share = 0.1;
  double water_l_per_kwh = 0;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("share", share, Range{0.0, 5.0}, "of the heat of machines and conversion");
    field("water_l_per_kwh", water_l_per_kwh, Range{0.0, 20.0}, "litres per kWh of heat");
  }
};

struct CoolingPlant {
  double supply_c = 25, return_rise_k = 10;  // of the water that the halls get; W27 of ASHRAE 2021
  double fans = 0.02, pumps = 0.012;         // of the rated heat, at full load
  double least_speed = 0.4;
  double rejection = 0.012;      // per unit of heat rejected
  double approach_k = 5;         // of the coldest water to the outside temperature
  double carnot_share = 0.55;    // g
  double condenser_rise_k = 8;   // condensing temperature above Tw
  double evaporator_drop_k = 4;  // evaporating temperature below supply

  template <class Visitor>
  void fields(Visitor&& field) {
    field("supply_c", supply_c, Range{5.0, 60.0}, "degrees C of the water that the halls get");
    field("return_rise_k", return_rise_k, Range{1.0, 40.0}, "kelvin by which it comes back warmer");
    field("fans", fans, Range{0.0, 0.5}, "power of hall fans at full load, of the rated heat");
    field("pumps", pumps, Range{0.0, 0.5}, "power of pumps at full load, of the rated heat");
    field("least_speed", least_speed, Range{0.0, 1.0}, "of fans and pumps");
    field("rejection", rejection, Range{0.0, 0.5}, "power of outside fans per heat rejected");
    field("approach_k", approach_k, Range{0.0, 30.0}, "of the coldest water to outside");
    field("carnot_share", carnot_share, Range{0.1, 0.9}, "of the chiller's ideal efficiency");
    field("condenser_rise_k", condenser_rise_k, Range{0.0, 40.0}, "condensing above that water");
    field("evaporator_drop_k", evaporator_drop_k, Range{0.0, 20.0}, "evaporating below supply");
  }
};

struct TowerCooling : CoolingPlant {
  static constexpr std::string_view name = "tower";
  double evaporative_share = 0.9;
  double concentration_cycles = 4;

  template <class Visitor>
  void fields(Visitor&& field) {
    CoolingPlant::fields(field);
    field("evaporative_share", evaporative_share, Range{0.0, 1.0}, "of heat that leaves as vapour");
    field("concentration_cycles", concentration_cycles, Range{1.1, 100.0},
          "salt in the basin over salt in the make-up water");
  }
};

struct DryCooling : CoolingPlant {
  static constexpr std::string_view name = "dry";
  DryCooling() {
    approach_k = 8;
    rejection = 0.02;
  }
};

using Cooling = std::variant<TowerCooling, DryCooling, FixedCooling>;

struct CoolingDraw {
  Power power;
  double litres_per_s = 0;
};

struct Outside {
  double dry_bulb_c = 15, wet_bulb_c = 11;
};

// To remove `heat`; `rated`: the most heat the plant was built for.
CoolingDraw cooling_draw(const Cooling& cooling, Power heat, Power rated, const Outside& outside);

}  // namespace jevons
