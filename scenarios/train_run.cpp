// From a training scenario to its answer.
#include <cmath>

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

[[noreturn]] void refuse(std::string pointer, std::string expected, std::string got,
                         std::string hint) {
  throw ScenarioError{Mistake{"scenario", 0, std::move(pointer), std::move(expected),
                              std::move(got), std::move(hint)}};
}

// The law holds `takes` against `every`; saving and starting again come on top.
void refuse_stops_without_end(const TrainingJob& job) {
  if (!job.maintenance) return;
  const Time stop = planned_stop(job);
  if (stop < job.maintenance->every) return;
  refuse("/job/planned_stops/every",
         "more than a planned stop takes, saving and restart included (" +
             figure(stop.in(unit::min)) + " min)",
         figure(job.maintenance->every.in(unit::min)) + " min",
         "the nearest is " + figure(std::ceil(stop.in(unit::min)) + 1) + " min");
}

// Only the step tells how long a job takes, and whether failures leave it time to get on.
void refuse_endless(const TrainScenario& scenario, const TrainingJob& job) {
  constexpr Time longest = 100 * unit::year;
  constexpr double most_failures = 1e6;
  const Time work = static_cast<double>(job.steps) * job.step;
  if (work > longest)
    refuse("/goal", "tokens that the cluster sees within 100 years",
           figure(work.in(unit::year)) + " years of steps", "more GPUs or fewer tokens");
  refuse_stops_without_end(job);
  if (!job.failures) return;
  const Time mttf = mean_time_to_failure(*job.failures, job.gpus);
  const Time wall =
      scenario.job.stop_after ? to_time(*scenario.job.stop_after) : expected_wall(job);
  if (wall < longest && wall / mttf < most_failures) return;
  refuse("/job/failures", "failures that let the job get on",
         "one each " + figure(mttf.in(unit::min)) + " min, where a restart takes " +
             figure((job.recovery.diagnosis + job.recovery.restart).in(unit::min)) + " min",
         R"(more GPU-hours per failure, or "failures": null)");
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
    outcome.setup.hottest_expert_rank =
        ExpertLoads{scenario.model, scenario.expert_skew}.hottest(outcome.setup);
  } else {
    outcome.step = training_step(outcome.setup);
  }
  context.progress(0.5);
  outcome.tokens = *wanted_tokens(scenario);
  outcome.job = job_of(scenario, outcome.setup, outcome.step, outcome.tokens);
  refuse_endless(scenario, outcome.job);
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
