#pragma once
// The world of the years model as it could be drawn up at a date: one region, one buyer of all
// accelerators of the vendor, one use. What nobody knew then is forecast: what can be made, what is
// asked for and what is spent go on as they were seen to go, with a damped trend.
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/demand/years.h"
#include "studies/hindcast_facts.h"

namespace jevons {

// What is not known at an origin, or not known of how people behave. The defaults are the medians.
struct HindcastInputs {
  double elasticity = 1.1;
  double supply_damping = 0.9, demand_damping = 0.9;  // of a trend, per quarter
  double growth_window = 0.5;  // growth that is carried on: 0 of the last year, 1 last quarter
  double stock_deviation = 0;  // of the published stock: -1 its 5 %, 1 its 95 %
  double excess_demand = 1.2;  // asked for at the origin over what the fleet serves as planned
  double ramp_years = 1.2;     // from first deliveries of a generation until it is all that is made
  double lead_years = 0.75;    // from order to delivery
  double adjust_years = 0.75;  // in which orders close a gap
  double price_trend = 1;      // of the price fall seen, the part that goes on
  double supply_factor = 1;    // on what can be made; to ask what scarcity hides, never drawn
  double spending = 1.5;       // money for chips over what was last spent on them
};

struct HindcastInput {
  std::string_view name;
  double HindcastInputs::*member;
  Spread range;
  std::string_view source;
};
std::span<const HindcastInput> hindcast_inputs();

// What one accelerator does and draws, by name of the chip.
using RatesByChip = std::map<std::string, ChipRates>;

// `known` is what was public at `origin`, the end of a quarter with at least two before it.
YearsSetup hindcast_setup(const BuildOutFacts& known, double origin, double until,
                          const HindcastInputs& inputs, const RatesByChip& rates);

// Stock and nameplate power by quarter after the origin, and what bound the orders.
struct HindcastPath {
  std::vector<double> h100e, mw;  // [0]: at the origin
  std::vector<Regime> regimes;
};
HindcastPath hindcast_path(const BuildOutFacts& known, double origin, double until,
                           const HindcastInputs& inputs, const RatesByChip& rates);

}  // namespace jevons
