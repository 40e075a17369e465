#pragma once
// What something has cost. Scope facility: everything behind the meter at the grid.
#include <array>

#include "sim/quantity.h"

namespace jevons {

struct Bill {
  Energy gpu, host, overhead;  // overhead: network between nodes, cooling, losses
  Carbon carbon, marginal_carbon, embodied;
  double site_litres = 0, grid_litres = 0;
  Money cost;

  Energy energy() const { return gpu + host + overhead; }
  Bill& operator+=(const Bill& o) {
    gpu += o.gpu, host += o.host, overhead += o.overhead;
    carbon += o.carbon, marginal_carbon += o.marginal_carbon, embodied += o.embodied;
    site_litres += o.site_litres, grid_litres += o.grid_litres;
    cost += o.cost;
    return *this;
  }
  Bill& operator-=(const Bill& o) {
    gpu -= o.gpu, host -= o.host, overhead -= o.overhead;
    carbon -= o.carbon, marginal_carbon -= o.marginal_carbon, embodied -= o.embodied;
    site_litres -= o.site_litres, grid_litres -= o.grid_litres;
    cost -= o.cost;
    return *this;
  }
};

// The same as sums that grow together: joules from the grid, g, marginal g, USD, litres of power
// stations, litres on site.
using SiteSums = std::array<double, 6>;

inline void put_sums(Bill& bill, const SiteSums& sums) {
  bill.overhead = sums[0] * unit::J - bill.gpu - bill.host;
  bill.carbon = sums[1] * unit::gCO2e;
  bill.marginal_carbon = sums[2] * unit::gCO2e;
  bill.cost = sums[3] * unit::usd;
  bill.grid_litres = sums[4];
  bill.site_litres = sums[5];
}

}  // namespace jevons
