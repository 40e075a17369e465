#pragma once
// The five energy coefficients of a chip from its weighed points, pooled over kinds.
#include <array>
#include <string>
#include <vector>

#include "calibration/meter/energy_terms.h"
#include "calibration/meter/evidence.h"

namespace jevons::calibration {

struct EnergyLaw {
  EnergyRow value{};        // W, J/FLOP, J/FLOP, J/byte, J/byte
  EnergyRow low{}, high{};  // 95 % intervals of a bootstrap over points and windows
  EnergyRow standard_error{};
  std::array<EnergyRow, energy_terms> correlation{};
  int points = 0;
  double mape = 0;                             // of the power of the points it was fitted to
  double left_out_mape = 0;                    // of each kind, predicted from the other kinds
  double left_out_low = 1, left_out_high = 1;  // 5 % and 95 % of measured over predicted there
};

// Enough points of enough kinds to fit five coefficients and to leave a kind out.
bool can_fit_energy(const Evidence& evidence);

// Expert layers as a whole are left out: they test the law (layer_check.h). Points under the power
// limit count with their lower clock.
EnergyLaw pooled_energy(const Evidence& evidence);

// Voltage over that at full clock during a point.
double voltage_of(const EnergyPoint& point, const Evidence& evidence);
double watts_of(const EnergyLaw& law, const EnergyRow& row);

}  // namespace jevons::calibration
