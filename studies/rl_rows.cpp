#include "studies/rl_rows.h"

#include <array>

#include "studies/training_rows.h"

namespace jevons {

namespace {

constexpr int prompt_tokens = 110;
// Of rollouts, fitted to the rows of dense models: where engines share GPUs with the trainer they
// schedule synchronously, apart from it they do not.
constexpr double fitted_slowdown_colocated = 1.45, fitted_slowdown_separate = 1.15;

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

// As the recipes say: sequences are packed up to the longest that is allowed, one a micro-batch,
// activations are recomputed.
TrainingSetup trainer(const RlRow& row, int gpus, const ChipSpec& chip, ReplayParts& parts) {
  TrainingSetup t;
  t.model = parts.model(std::string{row.model});
  t.chip = chip;
  t.hardware = &parts.hardware(chip.id);
  t.fabric = training_fabric(chip);
  t.layout = row.trainer;
  t.layout.dp = gpus / (t.layout.tp * t.layout.cp * t.layout.pp);
  t.sequence = row.longest;
  t.recompute = Recompute::full;
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
            154},
      RlRow{"RL-V3-off", "deepseek-v3", true, 1536, 744, 512, 512, 512, 32, layout(1, 1, 16, 16),
            11, 77.9},
      RlRow{"RL-235B", "qwen3-235b-a22b", false, 8192, 5671, 128, 512, 512, 16, layout(2, 2, 16, 8),
            45.7, 506},
      RlRow{"RL-235B-off", "qwen3-235b-a22b", true, 8192, 5691, 256, 512, 512, 8,
            layout(4, 1, 16, 8), 52.2, 241},
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
      row.is_off_policy ? fitted_slowdown_separate : fitted_slowdown_colocated;
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
