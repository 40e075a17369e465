#include "models/jobs/rl/rl_laws.h"

#include <algorithm>

#include "models/jobs/training/memory.h"

namespace jevons {

std::vector<SetupMistake> rl_mistakes(const RlSetup& s) {
  std::vector<SetupMistake> found;
  const RlOptions& o = s.options;
  const bool is_colocated = o.placement == RlPlacement::colocated;
  const int trainer = s.policy.layout.gpus(), engines = rollout_gpus(s.fleet);
  if (is_colocated && engines != trainer)
    found.push_back({"fleet", "as many GPUs as the trainer, for they share them", 1.0 * engines,
                     1.0 * trainer});
  if (is_colocated && o.pace == RlPace::one_step_off)
    found.push_back({"options.pace", "on_policy where rollouts share the trainer's GPUs",
                     1.0 * static_cast<int>(o.pace), 1.0 * static_cast<int>(RlPace::on_policy)});
  for (const double mean : {s.lengths.mean, s.lengths.mean_end})
    if (mean >= s.lengths.longest)
      found.push_back({"lengths.mean", "less than lengths.longest", mean,
                       static_cast<double>(s.lengths.longest - 1)});
  const std::int64_t samples = std::int64_t{o.prompts} * o.samples;
  if (o.updates > samples)
    found.push_back({"options.updates", "no more than samples of a step",
                     static_cast<double>(o.updates), static_cast<double>(samples)});
  return found;
}

RlMemory rl_memory(const RlSetup& s) {
  RlMemory held;
  const TrainingMemory policy = training_memory(s.policy);
  held.policy = policy.total();
  if (s.options.has_reference) held.reference = policy.weights;
  if (s.reward_model) held.reward = training_memory(*s.reward_model).weights;
  if (s.options.algorithm != RlAlgorithm::ppo) return held;
  const TrainingMemory critic = training_memory(s.critic.value_or(s.policy));
  held.critic = critic.weights + critic.gradients + critic.optimizer;
  return held;
}

double missing_rl_bytes(const RlSetup& setup, const RlStepResult& step) {
  return std::max(0.0, step.memory.total() - usable_bytes(setup.policy.chip));
}

}  // namespace jevons
