#pragma once
// What a training run found, as a page for people and as summary.json for programs. Both are made
// from the same figures, each defined in docs/outputs.md.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/jobs/training/plan.h"
#include "models/jobs/training/step.h"
#include "models/jobs/training_job/job_run.h"
#include "scenarios/kinds.h"
#include "scenarios/train_scenario.h"

namespace jevons {

struct TrainOutcome {
  std::unique_ptr<const HardwareProfile> hardware;  // setup points to it
  TrainingSetup setup;
  StepResult step;
  std::optional<PlanAnswer> plan;  // where the layout was searched
  double tokens = 0;               // that the goal asks for
  TrainingJob job;
  JobResult result{};
};

// Runs the scenario: the step, the search for a layout where it is wanted, the job in time.
TrainOutcome train(const TrainScenario& scenario, RunContext& context);

// Where joules come from, in shares of the node's that sum to one: those of GPUs by the source of
// the chip's energy profile, those of the host as stated or assumed.
struct JouleShares {
  std::array<double, 4> by_source{};  // by ProfileSource
  double stated = 0;
};

struct TrainFigures {
  double tokens_per_s = 0, tokens_per_s_per_gpu = 0;  // within a step
  double days = 0, gpu_hours = 0, cost_usd = 0;
  double gpu_j = 0, host_j = 0, network_j = 0, lost_j = 0;
  double node_j() const { return gpu_j + host_j; }
  double gpu_w = 0, node_w = 0;  // mean over the job, of one GPU and of one node with its GPUs
  double loss = 0;               // that the scaling law expects after the tokens that were kept
  // Nine times in ten true GPU joules lie between `low` and `high` times these; host power is taken
  // as said.
  double low = 1, high = 1;
  JouleShares shares;
};
TrainFigures figures_of(const TrainScenario& scenario, const TrainOutcome& outcome);

// One sentence each: where the numbers come from, and what they leave out.
std::vector<std::string> caveats(const TrainScenario& scenario, const TrainOutcome& outcome);

std::string answer_text(const TrainScenario& scenario, const TrainOutcome& outcome);
JsonValue answer_summary(const TrainScenario& scenario, const TrainOutcome& outcome);

}  // namespace jevons
