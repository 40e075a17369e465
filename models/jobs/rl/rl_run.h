#pragma once
// A whole RL post-training: steps at evenly spread stages of training are simulated, what lies
// between them is interpolated, since answers grow slowly from step to step.
#include <cstdint>
#include <vector>

#include "models/jobs/rl/rl_step.h"

namespace jevons {

struct RlRunResult {
  std::vector<RlStepResult> stages;  // the first and the last among them
  double seconds = 0, gpu_hours = 0, tokens = 0;
  Energy gpu_energy, host_energy;
};

// At least two stages and one step.
RlRunResult rl_run(const RlSetup& setup, std::int64_t steps, int stages, std::uint64_t seed);

}  // namespace jevons
