#pragma once
// One step of RL post-training: samples are drawn by the serving model, judged, and learnt from by
// the step model. GRPO compares the samples of a prompt with one another; PPO asks a critic as
// large as the policy, which is held, run and trained beside it.
//
//   colocated           the same GPUs do everything, one phase after another
//   separate            rollouts have their own GPUs; on policy, one side waits for the other
//   one step off        separate, and the trainer learns from the samples of the step before:
//                       a step takes as long as the slower side
//
// Training packs whole samples into micro-batches that hold as many tokens as that of the setup
// (packing.h); their sequences have about L = sum l^2 / sum l tokens, which cost what samples of
// lengths l cost, those of attention included.
#include <array>
#include <optional>

#include "models/jobs/rl/rollout.h"
#include "models/jobs/training/step.h"

namespace jevons {

enum class RlAlgorithm { grpo, ppo };
template <>
inline constexpr std::array enum_names<RlAlgorithm>{
    EnumName{RlAlgorithm::grpo, "grpo"},  // Shao et al. 2024, arXiv:2402.03300
    EnumName{RlAlgorithm::ppo, "ppo"},    // Schulman et al. 2017, arXiv:1707.06347
};

enum class RlPlacement { colocated, separate };
template <>
inline constexpr std::array enum_names<RlPlacement>{
    EnumName{RlPlacement::colocated, "colocated"},
    EnumName{RlPlacement::separate, "separate"},
};

enum class RlPace { on_policy, one_step_off };
template <>
inline constexpr std::array enum_names<RlPace>{
    EnumName{RlPace::on_policy, "on_policy"},
    EnumName{RlPace::one_step_off, "one_step_off"},
};

enum class RlPhase {
  rollout,
  reward,         // a reward model or rules
  old_logprobs,   // of the policy that sampled, by the trainer's numerics
  reference,      // logprobs of the frozen policy
  values,         // of the critic
  update,         // forward, backward and optimizer of the policy
  critic_update,  // the same of the critic
  sync,           // new weights to the engines
  swap,           // optimizer state out of GPU memory and back, where rollouts share it
};
inline constexpr std::size_t rl_phase_count = 9;
template <>
inline constexpr std::array enum_names<RlPhase>{
    EnumName{RlPhase::rollout, "rollout"},
    EnumName{RlPhase::reward, "reward"},
    EnumName{RlPhase::old_logprobs, "old_logprobs"},
    EnumName{RlPhase::reference, "reference"},
    EnumName{RlPhase::values, "values"},
    EnumName{RlPhase::update, "update"},
    EnumName{RlPhase::critic_update, "critic_update"},
    EnumName{RlPhase::sync, "sync"},
    EnumName{RlPhase::swap, "swap"},
};

// Each engine gets all weights through one NIC of 400 Gbit/s, at four fifths of its rate; nobody
// publishes either time apart from a whole step.
inline constexpr Bandwidth assumed_sync_rate = 40 * unit::GB / unit::s;
inline constexpr Bandwidth assumed_host_copy = 25 * unit::GB / unit::s;  // half of PCIe 5

struct RlOptions {
  RlAlgorithm algorithm = RlAlgorithm::grpo;
  RlPlacement placement = RlPlacement::colocated;
  RlPace pace = RlPace::on_policy;
  int prompts = 32, samples = 16;
  int updates = 1;               // of the policy for each rollout: mini-batches
  int epochs = 1;                // passes of the update over the samples
  bool has_old_logprobs = true;  // a pass of its own; exact ratios need it
  bool has_reference = true;     // a penalty on the distance to the frozen policy
  Time reward;                   // rules and sandboxes, beyond what overlaps with rollouts
  double rollout_slowdown = 1;   // that software adds to rollouts; 1: engines as when they serve
  Bandwidth sync_rate = assumed_sync_rate;  // of the whole model to all engines
  Bandwidth host_copy = assumed_host_copy;  // of each GPU that swaps

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range rates{1 * unit::MB / unit::s, 1e4 * unit::GB / unit::s};
    field("algorithm", algorithm, "grpo: samples of a prompt compared; ppo: with a critic");
    field("placement", placement, "colocated: one set of GPUs; separate: rollouts have their own");
    field("pace", pace, "on_policy, or one_step_off: learning from the samples of the step before");
    field("prompts", prompts, Range{1, 10'000'000}, "prompts of a step");
    field("samples", samples, Range{1, 100'000}, "samples of each prompt");
    field("updates", updates, Range{1, 100'000}, "updates of the policy for each rollout");
    field("epochs", epochs, Range{1, 1000}, "passes of the update over the samples");
    field("has_old_logprobs", has_old_logprobs, "log-probabilities of the old policy are computed");
    field("has_reference", has_reference, "log-probabilities of a frozen policy are computed");
    field("reward", reward, Range{0 * unit::s, 10 * unit::day}, "time of rules and sandboxes");
    field("rollout_slowdown", rollout_slowdown, Range{1.0, 100.0},
          "what software adds to rollouts; 1: engines as fast as when they serve");
    field("sync_rate", sync_rate, rates, "rate at which the whole model reaches all engines");
    field("host_copy", host_copy, rates, "rate at which a GPU moves state to its host");
  }
};

struct RlSetup {
  RlOptions options;
  SampleLengths lengths;
  ServingConfig fleet;                        // that samples
  TrainingSetup policy;                       // global batch and sequence are set from the samples
  std::optional<TrainingSetup> critic;        // ppo; nothing: one like the policy
  std::optional<TrainingSetup> reward_model;  // only ever runs forward
  Power host_power_per_gpu;                   // of the trainer's nodes; the fleet has its own
};

// Bytes on the fullest GPU of the trainer, by what they are for.
struct RlMemory {
  double policy = 0, reference = 0, critic = 0, reward = 0;
  double total() const { return policy + reference + critic + reward; }
};

struct RlStepResult {
  double seconds = 0;
  std::array<double, rl_phase_count> phases{};  // sum to the step unless it is one step off
  double rollout_side = 0, trainer_side = 0;    // seconds of each, sync included
  RolloutResult rollout;
  StepResult update;  // one of them
  int sequence = 0;   // tokens of a packed one
  double tokens = 0;  // prompts and answers, as learnt from
  int gpus = 0;
  RlMemory memory;
  Energy gpu_energy, host_energy;

  double operator[](RlPhase p) const { return phases[static_cast<std::size_t>(p)]; }
  double& operator[](RlPhase p) { return phases[static_cast<std::size_t>(p)]; }
  double tokens_per_s_per_gpu() const { return tokens / (seconds * gpus); }
  double gpu_hours() const { return seconds * gpus / 3600; }
};

// `progress` of training, 0 to 1. Colocated, the fleet has as many GPUs as the trainer and the pace
// is on policy.
RlStepResult rl_step(const RlSetup& setup, double progress, std::uint64_t seed);

// Part of a step that a forward alone takes: its kernels, its half of the exchanges (a third where
// all is recomputed), its share of the bubble.
double forward_seconds(const TrainingSetup& setup, const StepResult& step);

}  // namespace jevons
