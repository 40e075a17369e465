#pragma once
// What each lever saves: by engineering alone, and after everybody has answered.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "studies/years_samples.h"

namespace jevons {

struct LeverEffect {
  std::string name;
  double from = 0;
  // Over the whole run; positive is a saving. Engineering: decisions as without the lever.
  Spread engineering_twh, saved_twh, saved_mt;
  // Energy without innovations and lever less that with both: positive where the lever makes up for
  // what the innovations add.
  Spread balance_twh;
  double rebound_share = 0;        // of the engineering saving that is taken back, at the median
  double probability_saves = 0;    // of the energy, over the samples
  std::vector<Spread> yearly_twh;  // saved in each year, after the answers
};

// Most saved first. Levers in how chips are run are simulated on the serving model.
std::vector<LeverEffect> lever_effects(const YearsBench& bench, std::size_t samples,
                                       const std::function<void(double)>& progress);

}  // namespace jevons
