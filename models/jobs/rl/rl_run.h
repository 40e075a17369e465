#pragma once
// A whole RL post-training: steps at evenly spread stages of training are simulated, what lies
// between them is interpolated, since answers grow slowly from step to step.
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "models/jobs/rl/rl_step.h"

namespace jevons {

struct RlRunResult {
  std::vector<RlStepResult> stages;             // the first and the last among them
  std::array<double, rl_phase_count> phases{};  // seconds of the run, by RlPhase
  double seconds = 0, gpu_hours = 0, tokens = 0;
  Energy gpu_energy, host_energy;
};

// At least two stages and one step. `progress` is told the share that is done.
RlRunResult rl_run(
    const RlSetup& setup, std::int64_t steps, int stages, std::uint64_t seed,
    const std::function<void(double)>& progress = [](double) {});

}  // namespace jevons
