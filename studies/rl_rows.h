#pragma once
// Published steps of RL post-training as setups of the model.
// Source: NVIDIA NeMo RL v0.4, docs/about/performance-summary.md: GRPO on DGX H100 in bf16; recipes
// in examples/configs/recipes/llm/performance. Lengths there are of answers; prompts have about 110
// tokens, by its tokens per second. How widely lengths spread is not published.
#include <span>
#include <string_view>

#include "models/jobs/rl/rl_step.h"
#include "studies/replay.h"

namespace jevons {

struct RlRow {
  std::string_view id, model;
  bool is_off_policy = false;
  int longest = 0, mean = 0;   // tokens of a sequence, of an answer
  int gpus = 0;                // off policy: half of them generate
  int samples = 0, batch = 0;  // of a rollout, of an update
  int engine_tp = 1;
  TrainingLayout trainer;  // dp follows from the GPUs
  double tokens_per_s_per_gpu = 0, seconds = 0;
  bool recomputes = false;
};
std::span<const RlRow> published_rl_rows();
// Rows that the slowdowns of rollouts and trainer were fitted to: those of dense models.
bool was_fitted(const RlRow& row);

// As if software added nothing to its kernels.
RlSetup without_software(RlSetup setup);
RlSetup rl_setup(const RlRow& row, const EngineOverhead& overhead, ReplayParts& parts);

}  // namespace jevons
