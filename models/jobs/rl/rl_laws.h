#pragma once
// Laws that a setup of RL post-training keeps beside those of its parts, told as values.
#include <vector>

#include "models/jobs/rl/rl_step.h"
#include "models/jobs/training/setup_laws.h"

namespace jevons {

// Empty for a setup whose steps can be simulated, when its trainers and fleet keep their own laws.
std::vector<SetupMistake> rl_mistakes(const RlSetup& setup);

// What the trainer's fullest GPU holds at the micro-batches of the setup; hardware is not asked.
RlMemory rl_memory(const RlSetup& setup);

// Bytes that the trainer's fullest GPU lacks for the models that a step holds there; 0: it fits.
double missing_rl_bytes(const RlSetup& setup, const RlStepResult& step);

}  // namespace jevons
