#pragma once
// Demand of a segment as a function of its price relative to the price at the start.
//
//   saturating   q(p)/q(1) = S / (1 + (S - 1) p^eta)     local elasticity eta (1 - q/q_max)
//   constant     q(p)/q(1) = p^-eta
//
// S: how many times today's tasks there would be if they cost nothing, adoption and capability
// aside. Elasticities are positive numbers, as economists print them.
#include <array>

#include "sim/fields.h"

namespace jevons {

enum class DemandForm { saturating, constant };
template <>
inline constexpr std::array enum_names<DemandForm>{
    EnumName{DemandForm::saturating, "saturating"},
    EnumName{DemandForm::constant, "constant"},
};

struct DemandPoint {
  double quantity = 0, elasticity = 0;
};

struct DemandCurve {
  DemandForm form = DemandForm::saturating;
  double elasticity = 1.1;
  double saturation = 100;  // S

  double at(double price_ratio) const { return point(price_ratio).quantity; }
  // -d ln q / d ln p there.
  double local_elasticity(double price_ratio) const { return point(price_ratio).elasticity; }
  // Both at once.
  DemandPoint point(double price_ratio) const;
};

// Closed forms of one efficiency gain in a frictionless market, everything else equal.
//   p1/p0 = 1 - q + q (s/(g_a g_h) + k/(g_a g_k) + 1 - s - k)      E1/E0 = (p1/p0)^-eta / (g_a g_h)
// s, k: shares of energy and of capital in the price; q: pass-through.
struct EfficiencyGain {
  double algorithmic = 1, chip_joules = 1, chip_dollars = 1;
};
struct PriceShares {
  double energy = 0, capital = 0, pass_through = 1;
};
double closed_form_price(const EfficiencyGain& gain, const PriceShares& shares);
double closed_form_energy(const EfficiencyGain& gain, const PriceShares& shares,
                          const DemandCurve& demand);
// R = (E1/E0 - 1/g) / (1 - 1/g), g = g_a g_h: the part of the engineering saving that is lost.
double closed_form_rebound(const EfficiencyGain& gain, const PriceShares& shares,
                           const DemandCurve& demand);

}  // namespace jevons
