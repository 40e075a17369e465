#include "studies/rl_rows.h"

#include <array>

#include "models/llm/expert_load.h"
#include "studies/training_rows.h"

namespace jevons {

namespace {

constexpr int prompt_tokens = 110;
// Fitted to the rows of dense models. Of rollouts: engines that share GPUs with the trainer
// schedule synchronously and wake up for each step, those apart do not. Of the trainer:
// log-probabilities over the vocabulary in fp32, losses, gaps between micro-batches.
constexpr double fitted_rollout_colocated = 1.29, fitted_rollout_separate = 1.12;
constexpr double fitted_trainer = 1.33;
// The trainer is Megatron: what its experts and launches cost is fitted to the H100 rows of
// Megatron-Bridge (validate_training), not to these.
constexpr double bridge_expert_slowdown = 2.48, bridge_host_per_kernel_s = 26.8e-6;
// Source: NeMo RL, examples/configs/grpo_math_1B.yaml: moe_token_dispatcher_type alltoall,
// moe_enable_deepep false.
constexpr bool has_deduplicating_dispatcher = false;
// Routers are frozen and no loss balances them, and one subject visits some experts more than
// others: loads as in the more skewed of the measured tables.
constexpr double assumed_expert_skew = 1.2;

TrainingLayout layout(int tp, int cp, int ep, int pp) {
  TrainingLayout l;
  l.tp = tp;
  l.cp = cp;
  l.ep = ep;
  l.pp = pp;
  return l;
}

PoolConfig engines(const RlRow& row, int gpus, const EngineOverhead& overhead, const ChipSpec& chip,
                   ReplayParts& parts) {
  PoolConfig pool;
  pool.replicas = gpus / row.engine_tp;
  pool.model.card = parts.model(std::string{row.model});
  pool.model.card.weights = Precision::bf16;
  pool.model.card.expert_weights.reset();
  pool.model.parallelism.tp = row.engine_tp;
  pool.hardware = parts.hardware(chip.id);
  pool.gpu_memory = *chip.memory;
  pool.engine.overhead_per_iteration = overhead.per_iteration;
  pool.engine.overhead_per_sequence = overhead.sequence_time(pool.model.card.vocabulary, true);
  return pool;
}

double hottest_rank(const TrainingSetup& t) {
  if (!t.model.moe || t.layout.ep == 1) return 1;
  const ExpertLoadTable loads{
      {t.model.moe->experts, t.model.moe->top_k, t.layout.ep, assumed_expert_skew, 0}};
  const double tokens_of_rank = 1.0 * t.sequence / (t.layout.tp * t.layout.cp);
  return loads.hottest_over_mean(tokens_of_rank * t.layout.ep);
}

// As the recipes say: samples are packed up to the longest that is allowed, one sequence a
// micro-batch; the largest models recompute activations.
TrainingSetup trainer(const RlRow& row, int gpus, const ChipSpec& chip, ReplayParts& parts) {
  TrainingSetup t;
  t.model = parts.model(std::string{row.model});
  t.chip = chip;
  t.hardware = &parts.hardware(chip.id);
  t.fabric = training_fabric(chip);
  t.layout = row.trainer;
  t.layout.dp = gpus / (t.layout.tp * t.layout.cp * t.layout.pp);
  t.sequence = row.longest;
  t.recompute = row.recomputes ? Recompute::full : Recompute::none;
  t.dispatch.deduplicates = has_deduplicating_dispatcher;
  t.stack.slowdown = fitted_trainer;
  t.stack.expert_slowdown = bridge_expert_slowdown;
  t.stack.host_per_kernel_s = bridge_host_per_kernel_s;
  t.hottest_expert_rank = hottest_rank(t);
  return t;
}

}  // namespace

std::span<const RlRow> published_rl_rows() {
  static const std::array rows{
      RlRow{"RL-8B", "llama-3.1-8b", false, 4096, 1060, 16, 2048, 512, 1, layout(1, 1, 1, 2), 1562,
            97.7},
      RlRow{"RL-8B-off", "llama-3.1-8b", true, 4096, 1129, 16, 2048, 512, 1, layout(1, 1, 1, 2),
            2161, 74.6},
      RlRow{"RL-V3", "deepseek-v3", false, 1536, 745, 256, 512, 512, 32, layout(1, 1, 16, 16), 11,
            154, true},
      RlRow{"RL-V3-off", "deepseek-v3", true, 1536, 744, 512, 512, 512, 32, layout(1, 1, 16, 16),
            11, 77.9, true},
      RlRow{"RL-235B", "qwen3-235b-a22b", false, 8192, 5671, 128, 512, 512, 16, layout(2, 2, 16, 8),
            45.7, 506, true},
      RlRow{"RL-235B-off", "qwen3-235b-a22b", true, 8192, 5691, 256, 512, 512, 8,
            layout(4, 1, 16, 8), 52.2, 241, true},
      RlRow{"RL-30B", "qwen3-30b-a3b", false, 4096, 3154, 32, 2048, 512, 4, layout(2, 1, 8, 1), 925,
            225},
      RlRow{"RL-30B-off", "qwen3-30b-a3b", true, 4096, 3158, 32, 2048, 512, 2, layout(1, 1, 8, 2),
            864, 244},
      RlRow{"RL-32B", "qwen3-32b", false, 4096, 3206, 32, 2048, 512, 4, layout(4, 1, 1, 4), 540,
            393},
      RlRow{"RL-32B-off", "qwen3-32b", true, 4096, 3207, 64, 2048, 512, 4, layout(4, 1, 1, 4), 494,
            215},
  };
  return rows;
}

RlSetup without_software(RlSetup setup) {
  setup.options.rollout_slowdown = 1;
  setup.policy.stack = {};
  return setup;
}

bool was_fitted(const RlRow& row) {
  return row.trainer.ep == 1;
}

RlSetup rl_setup(const RlRow& row, const EngineOverhead& overhead, ReplayParts& parts) {
  const ChipSpec& chip = parts.chip("h100-sxm");
  const int side = row.is_off_policy ? row.gpus / 2 : row.gpus;
  RlSetup s;
  s.options.placement = row.is_off_policy ? RlPlacement::separate : RlPlacement::colocated;
  s.options.pace = row.is_off_policy ? RlPace::one_step_off : RlPace::on_policy;
  s.options.rollout_slowdown =
      row.is_off_policy ? fitted_rollout_separate : fitted_rollout_colocated;
  s.options.samples = 32;
  s.options.prompts = row.samples / s.options.samples;
  s.options.updates = row.samples / row.batch;
  s.lengths.prompt = prompt_tokens;
  s.lengths.mean = s.lengths.mean_end = row.mean;
  s.lengths.longest = row.longest - prompt_tokens;
  s.fleet.pools.push_back(engines(row, side, overhead, chip, parts));
  s.policy = trainer(row, side, chip, parts);
  return s;
}

}  // namespace jevons
