#pragma once
// What a site takes from the grid for what its machines draw, in whole nanowatts.
#include "models/facility/cooling.h"
#include "models/facility/power_chain.h"
#include "models/ledger/site_ledger.h"

namespace jevons {

struct MachinePower {
  Nanowatts job = 0, idle = 0, host = 0, network = 0;
  Nanowatts total() const { return job + idle + host + network; }
};

struct PowerFlow {
  MachinePower machines;
  Nanowatts plug = 0;  // at the plugs of machines: their power supplies included
  Nanowatts cooling = 0, loss = 0;
  Nanowatts grid = 0;  // as passed on from stage to stage
  double litres_per_s = 0;

  // Power usage effectiveness: machines are counted at their plugs (ISO/IEC 30134-2).
  double pue() const {
    return plug > 0 ? static_cast<double>(grid) / static_cast<double>(plug) : 1;
  }
};

class PowerPlant {
 public:
  PowerPlant() = default;
  // `rated`: the most that the machines can draw.
  PowerPlant(const PowerChain& chain, const Cooling& cooling, Power rated);

  PowerFlow flow(const MachinePower& machines, const Outside& outside) const;

 private:
  PowerChain chain_;
  Cooling cooling_;
  Power rated_, rated_heat_;
};

}  // namespace jevons
