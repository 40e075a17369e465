#pragma once
// The best way to spread a model over a cluster: a search over parallelism, micro-batch and
// recomputation with branch and bound. Layers are priced once per (tp, cp, ep, micro-batch,
// recomputation). A layout whose bound is worse than the worst kept plan is passed over: its step
// cannot be shorter than the computation of its mean stage without bubble, communication or
// optimizer, nor take fewer joules than those.
#include <cstdint>
#include <functional>
#include <vector>

#include "models/jobs/training/training_setup.h"

namespace jevons {

// On a given number of GPUs the cheapest plan is the fastest one; price matters between clusters.
enum class PlanGoal { fastest, least_energy };
template <>
inline constexpr std::array enum_names<PlanGoal>{
    EnumName{PlanGoal::fastest, "fastest"},
    EnumName{PlanGoal::least_energy, "least_energy"},
};

struct PlanQuestion {
  TrainingSetup setup;  // model, chip, network, batch, sequence, precision; layout is searched
  int gpus = 8;
  PlanGoal goal = PlanGoal::fastest;
  std::size_t keep = 10;
  bool prunes = true;  // false: every configuration is evaluated
  // Load of the fullest expert rank of a layout over the mean one; nothing: that of the setup.
  std::function<double(const TrainingSetup& setup)> hottest_expert_rank{};
};

struct Plan {
  TrainingLayout layout;
  PipelineSchedule schedule = PipelineSchedule::one_f_one_b;
  int micro_batch = 1;
  Recompute recompute = Recompute::none;
  StepResult step;
};

struct PlanAnswer {
  std::vector<Plan> best;           // by goal; equals in the order of the search
  std::int64_t configurations = 0;  // considered: evaluated, bounded away or too large
  std::int64_t evaluated = 0, too_large = 0, bounded = 0;
};

PlanAnswer plan_training(const PlanQuestion& question);

// What a plan is judged by: seconds or joules per GPU of a step.
double score(const StepResult& step, PlanGoal goal);

// Phases in which the second plan loses most against the first, largest difference first.
std::vector<StepPhase> why_first(const Plan& first, const Plan& second);

}  // namespace jevons
