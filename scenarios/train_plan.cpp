#include "scenarios/train_plan.h"

#include "scenarios/page.h"

namespace jevons {

PlanAnswer best_plans(const TrainScenario& scenario, const TrainingSetup& setup, PlanGoal goal) {
  PlanQuestion question;
  question.setup = setup;
  question.gpus = scenario.cluster.gpus;
  question.goal = goal;
  PlanAnswer answer = plan_training(question);
  if (!answer.best.empty()) return answer;
  throw ScenarioError{
      Mistake{.file = "scenario",
              .line = 0,
              .pointer = "/cluster/gpus",
              .expected = "GPUs enough to hold " + scenario.model.name + " in some layout",
              .got = grouped(scenario.cluster.gpus) + ", on which none of " +
                     grouped(answer.configurations) + " layouts fits",
              .hint = "more GPUs, or \"sharding\": \"parameters\""}};
}

}  // namespace jevons
