#pragma once
// The search for the best layout of a training scenario.
#include "models/jobs/training/plan.h"
#include "scenarios/train_scenario.h"

namespace jevons {

// At least one plan. Throws ScenarioError where no layout holds the model.
PlanAnswer best_plans(const TrainScenario& scenario, const TrainingSetup& setup, PlanGoal goal);

// What `jevons plan` may be asked for. On a given cluster the cheapest plan is the fastest.
enum class PlanWish { fastest, cheapest, least_energy };
template <>
inline constexpr std::array enum_names<PlanWish>{
    EnumName{PlanWish::fastest, "fastest"},
    EnumName{PlanWish::cheapest, "cheapest"},
    EnumName{PlanWish::least_energy, "least-energy"},
};

// The best ten layouts of a scenario, whatever it states itself, and why the first is first.
Answer plan(const TrainScenario& scenario, PlanWish wish);

}  // namespace jevons
