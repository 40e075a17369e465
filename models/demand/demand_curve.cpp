#include "models/demand/demand_curve.h"

#include <cmath>

namespace jevons {

DemandPoint DemandCurve::point(double price_ratio) const {
  const double fall = std::pow(price_ratio, elasticity);
  if (form == DemandForm::constant) return {1 / fall, elasticity};
  const double quantity = saturation / (1 + (saturation - 1) * fall);
  return {quantity, elasticity * (1 - quantity / saturation)};
}

double closed_form_price(const EfficiencyGain& gain, const PriceShares& shares) {
  const auto& [s, k, q] = shares;
  const double cost = s / (gain.algorithmic * gain.chip_joules) +
                      k / (gain.algorithmic * gain.chip_dollars) + 1 - s - k;
  return 1 - q + q * cost;
}

double closed_form_energy(const EfficiencyGain& gain, const PriceShares& shares,
                          const DemandCurve& demand) {
  return demand.at(closed_form_price(gain, shares)) / (gain.algorithmic * gain.chip_joules);
}

double closed_form_rebound(const EfficiencyGain& gain, const PriceShares& shares,
                           const DemandCurve& demand) {
  const double saved = 1 / (gain.algorithmic * gain.chip_joules);
  return (closed_form_energy(gain, shares, demand) - saved) / (1 - saved);
}

}  // namespace jevons
