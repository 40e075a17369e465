#include "models/jobs/rl/rl_step.h"

#include <algorithm>
#include <cmath>

#include "models/jobs/rl/packing.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

int round_up(double x, int multiple) {
  return std::max(1, static_cast<int>(std::ceil(x / multiple))) * multiple;
}

// The same training, of the samples of a rollout, split into `updates`: whole samples packed into
// micro-batches that hold as many tokens as that of the setup. Stages of a pipeline pass on tensors
// of one size, so there they are filled up; without stages nothing is computed for empty places.
// The sequences in a micro-batch are as many as come nearest to the length that costs what the
// samples cost.
TrainingSetup packed(TrainingSetup t, const RolloutResult& r, int updates) {
  const double tokens = r.prompt_tokens + r.output_tokens;
  const double length = r.squared_tokens / tokens;
  const int longest = *std::max_element(r.lengths.begin(), r.lengths.end());
  const MicroBatches m = micro_batches_for(r.lengths, updates, t.layout.dp,
                                           std::max(t.micro_batch * t.sequence, longest));
  const double in_each = m.capacity * (t.layout.pp > 1 ? 1.0 : m.fill);
  t.micro_batch = std::max(1, static_cast<int>(std::lround(in_each / length)));
  t.sequence = round_up(in_each / t.micro_batch, 2 * t.layout.tp * t.layout.cp);
  t.global_batch = m.count * t.micro_batch * t.layout.dp;
  return t;
}

struct Pass {
  double seconds = 0, joules = 0;  // of all its GPUs
};

// Of a model that only runs forward over all samples.
Pass forward_pass(const TrainingSetup& t, const RolloutResult& r) {
  const TrainingSetup all = packed(t, r, 1);
  const StepResult step = training_step(all);
  const double seconds = forward_seconds(all, step);
  return {seconds, seconds * step.watts_per_gpu * t.layout.gpus()};
}

Pass updates(const TrainingSetup& t, const StepResult& one, const RlOptions& o) {
  const double n = static_cast<double>(o.updates) * o.epochs;
  return {n * one.seconds, n * one.joules_per_gpu * t.layout.gpus()};
}

// Engines get the weights at the same time, each all of them.
double sync_seconds(const RlSetup& s) {
  double longest = 0;
  for (const PoolConfig& p : s.fleet.pools)
    longest = std::max(longest, weight_bytes(p.model.card) / s.options.sync_rate / unit::s);
  return longest;
}

// The time that software adds is waited for at static power.
RolloutResult slowed_rollout(const RlSetup& s, double progress, std::uint64_t seed) {
  const RlOptions& o = s.options;
  RolloutResult r = rollout(s.fleet, {o.prompts, o.samples, s.lengths, progress}, seed);
  const double added = (o.rollout_slowdown - 1) * r.seconds;
  r.gpu_energy += r.gpus * (s.fleet.pools.front().hardware.energy.busy_static * (added * unit::s));
  r.host_energy += (o.rollout_slowdown - 1) * r.host_energy;
  r.seconds += added;
  r.tail_seconds *= o.rollout_slowdown;
  r.utilization /= o.rollout_slowdown;
  return r;
}

double swap_seconds(const RlSetup& s, const RlMemory& m, const StepResult& update) {
  if (s.options.placement == RlPlacement::separate) return 0;
  const double stays = update.memory.activations + update.memory.buffers + update.memory.workspace;
  const double out_and_back = 2 * std::max(0.0, m.policy + m.critic - stays);
  return out_and_back * unit::B / s.options.host_copy / unit::s;
}

// Fills the phases of the trainer; returns their joules.
double train(RlStepResult& r, const RlSetup& s, const TrainingSetup& critic) {
  const RlOptions& o = s.options;
  double joules = 0;
  const auto book = [&](RlPhase phase, const Pass& pass) {
    r[phase] += pass.seconds;
    joules += pass.joules;
  };
  const Pass policy_forward = forward_pass(s.policy, r.rollout);
  if (o.has_old_logprobs) book(RlPhase::old_logprobs, policy_forward);
  if (o.has_reference) book(RlPhase::reference, policy_forward);
  if (s.reward_model) book(RlPhase::reward, forward_pass(*s.reward_model, r.rollout));
  r[RlPhase::reward] += o.reward.in(unit::s);
  book(RlPhase::update, updates(s.policy, r.update, o));
  r.memory.policy = r.update.memory.total();
  r.memory.reference = o.has_reference ? r.update.memory.weights : 0;
  if (s.reward_model) r.memory.reward = training_step(*s.reward_model).memory.weights;
  if (o.algorithm == RlAlgorithm::ppo) {
    const StepResult one = training_step(packed(critic, r.rollout, o.updates));
    book(RlPhase::values, forward_pass(critic, r.rollout));
    book(RlPhase::critic_update, updates(critic, one, o));
    r.memory.critic = one.memory.weights + one.memory.gradients + one.memory.optimizer;
  }
  return joules;
}

// Weights on the move keep a GPU spinning; long waits leave it idle. `busy`: seconds in which the
// trainer computes.
void add_waiting(RlStepResult& r, const RlSetup& s, double busy) {
  const bool is_separate = s.options.placement == RlPlacement::separate;
  const double moving = r[RlPhase::sync] + r[RlPhase::swap];
  const auto add = [&](int gpus, const ChipEnergy& chip, double computes) {
    const double waits = std::max(0.0, r.seconds - computes - moving);
    r.gpu_energy += gpus * ((chip.busy_static * moving + chip.idle * waits) * unit::s);
  };
  add(s.policy.layout.gpus(), s.policy.hardware->energy,
      is_separate ? busy : busy + r.rollout.seconds);
  if (is_separate) add(r.rollout.gpus, s.fleet.pools.front().hardware.energy, r.rollout.seconds);
}

double host_watts(const PoolConfig& p) {
  const int gpus = p.replicas * p.model.parallelism.gpus();
  return gpus * p.host_power_per_node.in(unit::W) / p.model.parallelism.gpus_per_node;
}

Energy host_energy(const RlStepResult& r, const RlSetup& s) {
  double watts = s.policy.layout.gpus() * s.host_power_per_gpu.in(unit::W);
  if (s.options.placement == RlPlacement::separate)
    for (const PoolConfig& p : s.fleet.pools) watts += host_watts(p);
  return watts * r.seconds * unit::J;
}

}  // namespace

double forward_seconds(const TrainingSetup& setup, const StepResult& step) {
  const double computing = step[StepPhase::forward] + step[StepPhase::backward] +
                           step[StepPhase::weight_gradient] + step[StepPhase::recompute];
  const bool repeats_exchange =
      setup.recompute == Recompute::full || setup.recompute == Recompute::experts;
  const double passes = repeats_exchange ? 3 : 2;
  const double exchange = step[StepPhase::tensor_comm] + step[StepPhase::context_comm] +
                          step[StepPhase::expert_comm] + step[StepPhase::pipeline_comm];
  const double share = computing > 0 ? step[StepPhase::forward] / computing : 0;
  return step[StepPhase::forward] + exchange / passes + share * step[StepPhase::bubble];
}

RlStepResult rl_step(const RlSetup& s, double progress, std::uint64_t seed) {
  const RlOptions& o = s.options;
  const bool is_separate = o.placement == RlPlacement::separate;
  ensure(is_separate || rollout_gpus(s.fleet) == s.policy.layout.gpus(),
         "rollouts and training that share GPUs use the same number");
  ensure(is_separate || o.pace == RlPace::on_policy,
         "one step off needs GPUs of its own for rollouts");
  RlStepResult r;
  r.rollout = slowed_rollout(s, progress, seed);
  ensure(r.rollout.samples > 0, "some sample fits into the engines");
  const TrainingSetup one = packed(s.policy, r.rollout, o.updates);
  r.update = training_step(one);
  r.sequence = one.sequence;
  r.tokens = r.rollout.prompt_tokens + r.rollout.output_tokens;
  r.gpus = s.policy.layout.gpus() + (is_separate ? r.rollout.gpus : 0);
  const double joules = train(r, s, s.critic.value_or(s.policy));
  double trainer_busy = 0;
  for (const double phase : r.phases) trainer_busy += phase;
  r[RlPhase::rollout] = r.rollout.seconds;
  r[RlPhase::sync] = sync_seconds(s);
  r[RlPhase::swap] = swap_seconds(s, r.memory, r.update);
  r.rollout_side = r.rollout.seconds + r[RlPhase::sync] + r[RlPhase::swap];
  r.trainer_side = trainer_busy + r[RlPhase::sync];
  r.seconds = o.pace == RlPace::one_step_off ? std::max(r.rollout_side, r.trainer_side)
                                             : r.rollout_side + trainer_busy;
  r.gpu_energy = r.rollout.gpu_energy + joules * unit::J;
  add_waiting(r, s, trainer_busy - o.reward.in(unit::s));
  r.host_energy = host_energy(r, s);
  return r;
}

}  // namespace jevons
