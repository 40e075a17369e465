#include "scenarios/rl_build.h"

#include <utility>

#include "models/llm/captured_kernels.h"
#include "models/llm/expert_load.h"
#include "scenarios/profiles.h"
#include "scenarios/serve_build.h"
#include "scenarios/train_build.h"

namespace jevons {
namespace {

// Tokens that meet in an expert layer: those of the micro-batches of all its ranks.
double hottest_rank(const TrainingSetup& t, double skew) {
  if (skew == 0 || !t.model.moe || t.layout.ep == 1) return 1;
  const ExpertLoadTable loads{{t.model.moe->experts, t.model.moe->top_k, t.layout.ep, skew, 0}};
  const double of_rank =
      static_cast<double>(t.micro_batch) * t.sequence / (t.layout.tp * t.layout.cp);
  return loads.hottest_over_mean(of_rank * t.layout.ep);
}

TrainingSetup with_model(TrainingSetup setup, const ModelCard& model, double skew) {
  setup.model = model;
  setup.hottest_expert_rank = hottest_rank(setup, skew);
  return setup;
}

}  // namespace

TrainScenario trainer_of(const RlScenario& s) {
  TrainScenario t;
  t.model = s.model;
  t.chip = s.chip;
  t.cluster = s.cluster;
  t.parallelism = s.parallelism;
  t.sequence = s.sequence;
  t.precision = s.precision;
  t.sharding = s.sharding;
  t.overlap = s.overlap;
  t.optimizer = s.optimizer;
  t.expert_skew = s.expert_skew;
  t.expert_nodes = s.expert_nodes;
  t.stack = {s.stack.slowdown, s.stack};
  t.goal = TokenGoal{};
  // The batch follows from the samples; until they are there, one that fills the pipeline.
  const StatedParallelism& p = s.parallelism;
  const int dp = std::max(1, s.cluster.gpus / (p.tp * p.pp * p.cp));
  t.global_batch = p.micro_batch * dp * p.pp;
  return t;
}

ServeScenario fleet_of(const RlScenario& s) {
  ServeScenario serve;
  serve.seed = s.seed;
  serve.model = s.model;
  serve.chip = s.chip;
  serve.fleet = ColocatedFleet{s.fleet, {}};
  serve.host_power_per_node = s.cluster.host_power_per_node;
  return serve;
}

RlSetup rl_setup_without_hardware(const RlScenario& s) {
  RlSetup setup;
  setup.options = s.options;
  setup.lengths = s.lengths;
  setup.policy = with_model(setup_without_hardware(trainer_of(s)), s.model, s.expert_skew);
  if (s.critic) setup.critic = with_model(setup.policy, *s.critic, s.expert_skew);
  if (s.reward_model) setup.reward_model = with_model(setup.policy, *s.reward_model, s.expert_skew);
  const ServeScenario fleet = fleet_of(s);
  setup.fleet.seed = s.seed;
  setup.fleet.pools.push_back(without_hardware(fleet, pools_of(fleet).front()));
  setup.host_power_per_gpu = s.cluster.host_power_per_node / s.cluster.gpus_per_node;
  return setup;
}

RlBuild build(const RlScenario& s) {
  RlBuild out;
  HardwareProfile hardware = profile_for(s.chip);
  hardware.time = captured(std::move(hardware.time));
  out.trainer = std::make_unique<const HardwareProfile>(std::move(hardware));
  out.setup = rl_setup_without_hardware(s);
  out.setup.fleet = serving_config(fleet_of(s));
  out.setup.policy.hardware = out.trainer.get();
  if (out.setup.critic) out.setup.critic->hardware = out.trainer.get();
  if (out.setup.reward_model) out.setup.reward_model->hardware = out.trainer.get();
  return out;
}

}  // namespace jevons
