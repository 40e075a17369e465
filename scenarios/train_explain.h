#pragma once
// Where the time and the joules of the computation of a training step go, by kernel.
#include <string>
#include <vector>

#include "models/jobs/training/training_setup.h"
#include "scenarios/kinds.h"
#include "scenarios/train_scenario.h"

namespace jevons {

// One kind of kernel in one pass, all layers and micro-batches of a mean pipeline stage. Joules are
// those of its work on one GPU, before the board's limit lowers the clock.
struct StepKernel {
  std::string name, pass;
  double seconds = 0, joules = 0;
};
// Longest first.
std::vector<StepKernel> step_kernels(const TrainingSetup& setup);

Answer explain(const TrainScenario& scenario, RunContext& context);

}  // namespace jevons
