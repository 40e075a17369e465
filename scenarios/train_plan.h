#pragma once
// The search for the best layout of a training scenario.
#include "models/jobs/training/plan.h"
#include "scenarios/train_scenario.h"

namespace jevons {

// At least one plan. Throws ScenarioError where no layout holds the model.
PlanAnswer best_plans(const TrainScenario& scenario, const TrainingSetup& setup, PlanGoal goal);

}  // namespace jevons
