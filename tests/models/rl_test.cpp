// RL post-training: rollouts with a long tail, the phases of a step, GRPO against PPO.
#include <cmath>

#include <doctest/doctest.h>

#include "models/jobs/rl/rl_laws.h"
#include "models/jobs/rl/rl_run.h"
#include "models/jobs/training_job/job_of_step.h"
#include "sim/distributions.h"
#include "tests/support/fleets.h"

namespace jevons {

namespace {

const HardwareProfile& a_profile() {
  static const HardwareProfile profile{assumed_profile(test::a_chip()),
                                       assumed_energy(test::a_chip())};
  return profile;
}

TrainingSetup a_trainer(int tp, int dp) {
  TrainingSetup t;
  t.model = test::a_dense_model();
  t.chip = test::a_chip();
  t.hardware = &a_profile();
  t.fabric.tiers = {{.gpus = 8, .rate = 450 * unit::GB / unit::s, .latency = 3 * unit::us},
                    {.gpus = 1024, .rate = 50 * unit::GB / unit::s, .latency = 10 * unit::us}};
  t.layout.tp = tp;
  t.layout.dp = dp;
  return t;
}

RlSetup a_setup() {
  RlSetup s;
  s.options.prompts = 16;
  s.options.samples = 8;
  s.lengths = {.prompt = 128, .mean = 500, .mean_end = 1500, .spread = 0.8, .longest = 4096};
  s.fleet = test::a_config(test::a_pool(test::a_dense_model(), 8));
  s.policy = a_trainer(2, 4);
  s.host_power_per_gpu = 200 * unit::W;
  return s;
}

double sum_of_phases(const RlStepResult& r) {
  double sum = 0;
  for (const double phase : r.phases) sum += phase;
  return sum;
}

}  // namespace

TEST_CASE("answers have the mean that was asked for though the longest are cut") {
  const SampleLengths lengths{.mean = 900, .mean_end = 3600, .spread = 1.0, .longest = 8192};
  for (const double progress : {0.0, 0.5, 1.0}) {
    Rng rng{5, "lengths"};
    const Lognormal answer{lengths.median_at(progress), lengths.spread};
    double mean = 0;
    constexpr int draws = 400'000;
    for (int i = 0; i < draws; ++i) mean += std::min(answer.sample(rng), 8192.0) / draws;
    CHECK(mean == doctest::Approx(900 * std::pow(4, progress)).epsilon(0.01));
  }
}

TEST_CASE("a rollout gives every sample and ends with the longest") {
  const RlSetup s = a_setup();
  const RolloutResult r = rollout(s.fleet, {16, 8, s.lengths, 0}, 3);
  CHECK(r.samples == 128);
  CHECK(r.refused == 0);
  CHECK(r.prompt_tokens == 128 * 128);
  CHECK(r.longest_output > 1500);
  CHECK(r.tail_seconds > 0.2 * r.seconds);
  CHECK(r.utilization < 0.9);
}

TEST_CASE("equal lengths leave no tail and engines busy") {
  RlSetup s = a_setup();
  s.lengths.spread = 0;
  const RolloutResult r = rollout(s.fleet, {16, 8, s.lengths, 0}, 3);
  CHECK(r.output_tokens == 128 * 500);
  CHECK(r.tail_seconds < 0.01 * r.seconds);
  CHECK(r.utilization > 0.99);
}

TEST_CASE("packed sequences hold the tokens and the attention of the samples") {
  const RlSetup s = a_setup();
  const RlStepResult r = rl_step(s, 0, 1);
  const double packed = r.update.tokens;
  CHECK(packed >= r.tokens);
  CHECK(packed < 1.01 * r.tokens);
  const double squares = packed * r.sequence;  // count x L^2
  CHECK(squares == doctest::Approx(r.rollout.squared_tokens).epsilon(0.25));
}

TEST_CASE("the phases sum to the step on policy and the slower side is the step one step off") {
  RlSetup s = a_setup();
  const RlStepResult together = rl_step(s, 0, 1);
  CHECK(sum_of_phases(together) == doctest::Approx(together.seconds).epsilon(1e-12));
  s.options.placement = RlPlacement::separate;
  const RlStepResult apart = rl_step(s, 0, 1);
  CHECK(sum_of_phases(apart) == doctest::Approx(apart.seconds).epsilon(1e-12));
  CHECK(apart[RlPhase::swap] == 0);
  CHECK(apart.gpus == 2 * together.gpus);
  s.options.pace = RlPace::one_step_off;
  const RlStepResult off = rl_step(s, 0, 1);
  CHECK(off.seconds == std::max(off.rollout_side, off.trainer_side));
  CHECK(off.seconds < apart.seconds);
  CHECK(off.gpu_energy < apart.gpu_energy);
}

TEST_CASE("a critic doubles the training of PPO and what the trainer holds") {
  RlSetup s = a_setup();
  s.options.has_old_logprobs = s.options.has_reference = false;
  const RlStepResult grpo = rl_step(s, 0, 1);
  s.options.algorithm = RlAlgorithm::ppo;
  const RlStepResult ppo = rl_step(s, 0, 1);
  CHECK(ppo[RlPhase::critic_update] == doctest::Approx(grpo[RlPhase::update]).epsilon(1e-12));
  CHECK(ppo[RlPhase::values] > 0);
  CHECK(ppo[RlPhase::values] < ppo[RlPhase::critic_update] / 2);
  CHECK(ppo.memory.critic ==
        grpo.update.memory.weights + grpo.update.memory.gradients + grpo.update.memory.optimizer);
  CHECK(ppo.seconds > grpo.seconds);
  CHECK(ppo.gpu_energy > grpo.gpu_energy);
}

TEST_CASE("a forward alone takes a third of a step without recomputation or exchange") {
  TrainingSetup t = a_trainer(1, 1);
  t.global_batch = 16;
  t.sequence = 2048;
  const StepResult step = training_step(t);
  CHECK(forward_seconds(t, step) / (step.seconds - step[StepPhase::optimizer]) ==
        doctest::Approx(1.0 / 3).epsilon(0.1));
}

TEST_CASE("answers that grow make steps longer and the run is what lies between") {
  const RlSetup s = a_setup();
  const RlRunResult run = rl_run(s, 100, 3, 1);
  CHECK(run.stages.front().seconds < run.stages.back().seconds);
  CHECK(run.seconds > 100 * run.stages.front().seconds);
  CHECK(run.seconds < 100 * run.stages.back().seconds);
  CHECK(run.gpu_hours == doctest::Approx(run.seconds * 8 / 3600).epsilon(1e-12));
}

TEST_CASE("every joule of a step is drawn in a phase between idle and the limit") {
  RlSetup s = a_setup();
  for (const RlPlacement placement : {RlPlacement::colocated, RlPlacement::separate}) {
    s.options.placement = placement;
    s.options.reward = 30 * unit::s;
    const RlStepResult r = rl_step(s, 0, 1);
    const double watts = r.gpu_energy.in(unit::J) / (r.seconds * r.gpus);
    CHECK(watts > a_profile().energy.idle.in(unit::W));
    CHECK(watts < a_profile().energy.limit.in(unit::W));
    CHECK(r.host_energy.in(unit::J) > 0.99 * r.seconds * s.policy.layout.gpus() * 200);
  }
}

TEST_CASE("a critic of another size and a reward model are run as they are") {
  RlSetup s = a_setup();
  s.options.algorithm = RlAlgorithm::ppo;
  const RlStepResult same = rl_step(s, 0, 1);
  s.critic = s.policy;
  s.critic->model.layers = 8;
  s.reward_model = s.policy;
  const RlStepResult other = rl_step(s, 0, 1);
  CHECK(other[RlPhase::critic_update] < same[RlPhase::critic_update] / 2);
  CHECK(other[RlPhase::reward] == doctest::Approx(other[RlPhase::reference]).epsilon(1e-12));
  CHECK(same[RlPhase::reward] == 0);
}

TEST_CASE("a setup that shares GPUs has as many on both sides and is on policy") {
  RlSetup s = a_setup();
  CHECK(rl_mistakes(s).empty());
  s.fleet.pools.front().replicas = 6;
  s.options.pace = RlPace::one_step_off;
  s.lengths.mean_end = 5000;
  s.options.updates = 1000;
  const std::vector<SetupMistake> found = rl_mistakes(s);
  REQUIRE(found.size() == 4);
  CHECK(found[0].got == 6);
  CHECK(found[0].nearest == 8);
  CHECK(found[2].nearest == 4095);
  CHECK(found[3].nearest == 128);
  s = a_setup();
  s.fleet.pools.front().replicas = 6;
  s.options.placement = RlPlacement::separate;
  CHECK(rl_mistakes(s).empty());
}

TEST_CASE("a critic that does not fit beside the policy is told by how much") {
  RlSetup s = a_setup();
  s.policy.recompute = Recompute::full;
  s.policy.sharding = Sharding::parameters;
  const RlStepResult small = rl_step(s, 0, 1);
  CHECK(missing_rl_bytes(s, small) == 0);
  s.policy.sharding = Sharding::none;
  s.policy.layout = {.tp = 1, .pp = 1, .cp = 1, .ep = 1, .dp = 8};
  s.options.algorithm = RlAlgorithm::ppo;
  const RlStepResult large = rl_step(s, 0, 1);
  CHECK(missing_rl_bytes(s, large) > large.memory.total() - test::a_chip().memory->in(unit::B));
}

TEST_CASE("a job repeats the step it is made of") {
  TrainingSetup t = a_trainer(2, 4);
  t.global_batch = 64;
  const StepResult step = training_step(t);
  TrainingJob job = job_of_step(t, step, 1e9, 2 * unit::kW);
  CHECK(job.gpus == 8);
  CHECK(job.steps == 3815);  // a billion tokens in steps of 64 x 4096
  CHECK(job.checkpoint.bytes_per_parameter == 14);
  job.failures.reset();
  const JobResult r = run_job(job);
  CHECK(to_time(r.times.useful).in(unit::s) == doctest::Approx(3815 * step.seconds).epsilon(1e-6));
  CHECK(r.tokens == doctest::Approx(3815 * step.tokens).epsilon(1e-9));
  const double training_joules = 3815 * 8 * step.joules_per_gpu;
  CHECK(r.gpu_energy.in(unit::J) > training_joules);
  CHECK(r.gpu_energy.in(unit::J) < 1.01 * training_joules);
}

}  // namespace jevons
