// From a training scenario to its answer.
#include "models/llm/captured_kernels.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/train_answer.h"
#include "scenarios/train_build.h"
#include "scenarios/train_plan.h"
#include "scenarios/train_tables.h"

namespace jevons {
namespace {

// The layout of the best plan, and its step.
void take(const Plan& plan, TrainOutcome& outcome) {
  TrainingSetup& s = outcome.setup;
  s.layout = plan.layout;
  s.schedule = plan.schedule;
  s.micro_batch = plan.micro_batch;
  s.recompute = plan.recompute;
  outcome.step = plan.step;
}

}  // namespace

TrainOutcome train(const TrainScenario& scenario, RunContext& context) {
  TrainOutcome outcome;
  HardwareProfile hardware = profile_for(scenario.chip);
  hardware.time = captured(std::move(hardware.time));
  outcome.hardware = std::make_unique<const HardwareProfile>(std::move(hardware));
  outcome.setup = setup_without_hardware(scenario);
  outcome.setup.hardware = outcome.hardware.get();
  if (const auto* best = std::get_if<BestParallelism>(&scenario.parallelism)) {
    outcome.plan = best_plans(scenario, outcome.setup, best->goal);
    take(outcome.plan->best.front(), outcome);
  } else {
    outcome.step = training_step(outcome.setup);
  }
  context.progress(0.5);
  outcome.tokens = *wanted_tokens(scenario);
  outcome.job = job_of(scenario, outcome.setup, outcome.step, outcome.tokens);
  outcome.result = run_job(
      outcome.job,
      {.seed = scenario.seed, .stop_after = scenario.job.stop_after, .keeps_changes = true});
  return outcome;
}

Answer run(const TrainScenario& scenario, RunContext& context) {
  const TrainOutcome outcome = train(scenario, context);
  if (context.out != nullptr) write_tables(scenario, outcome, *context.out);
  return {answer_text(scenario, outcome), answer_summary(scenario, outcome)};
}

}  // namespace jevons
