#pragma once
// How many chips a region gets, by channel and year, as a page and as JSON.
#include "models/policy/chip_market.h"
#include "scenarios/kinds.h"

namespace jevons {

Answer access_answer(const RegionAccess& region);

}  // namespace jevons
