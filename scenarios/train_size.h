#pragma once
// How many GPUs a training run needs to be done by a deadline.
#include <string>
#include <vector>

#include "scenarios/kinds.h"
#include "scenarios/train_scenario.h"

namespace jevons {

// "60day" or "60 day". Throws ScenarioError.
Time deadline_from(const std::string& text);

// One cluster that was tried. Days: expected, by Daly's formula for a job with failures.
struct TrainTrial {
  int gpus = 0;
  double days = 0;
  double usd = 0;
};

// Grows the cluster from the least on which the model fits. Stated parallelism grows in DP, which
// must divide the batch; otherwise node counts double and each is planned anew.
Answer size(const TrainScenario& scenario, Time deadline);

}  // namespace jevons
