#pragma once
// What the serving and training models say of the accelerators of a hindcast.
#include "scenarios/catalogue.h"
#include "studies/hindcast_world.h"

namespace jevons {

// A dense model of 175e9 parameters, as they were known at the first origin, on every generation.
// Rates of one chip do not depend on the others. Throws ScenarioError.
RatesByChip hindcast_rates(const BuildOutFacts& facts, const Catalogues& catalogues);

}  // namespace jevons
