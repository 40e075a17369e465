#pragma once
// The one place that decides where the time and energy of a chip's kernels come from.
#include "models/hardware/chip.h"
#include "models/jobs/inference/iteration_costs.h"

namespace jevons {

// Needs what laws_to_simulate asks of a chip.
HardwareProfile profile_for(const ChipSpec& chip);

}  // namespace jevons
