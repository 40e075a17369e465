#pragma once
// kind "rl": a policy improved by reinforcement: a fleet samples answers, a trainer learns from
// them. The trainer is told in the words of kind "train", the fleet in those of kind "serve".
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/jobs/rl/rl_step.h"
#include "scenarios/kinds.h"
#include "scenarios/train_scenario.h"

namespace jevons {

struct RlScenario {
  static constexpr std::string_view name = "rl";
  static constexpr std::string_view help = "RL post-training (GRPO, PPO): rollouts and updates";
  std::string title, note;
  std::uint64_t seed = 1;
  ModelCard model;
  std::optional<ModelCard> critic, reward_model;
  ChipSpec chip;
  TrainCluster cluster;
  StatedParallelism parallelism;
  int sequence = 4096;
  Precision precision = Precision::bf16;
  Sharding sharding = Sharding::optimizer;
  OverlapFlags overlap;
  OptimizerState optimizer;
  double expert_skew = 0;
  int expert_nodes = 0;
  TrainingStack stack;
  PoolSettings fleet;
  RlOptions options;
  SampleLengths lengths;
  std::int64_t steps = 1000;
  int stages = 5;

  template <class Visitor>
  void fields(Visitor&& field);
};

template <class Visitor>
void RlScenario::fields(Visitor&& field) {
  field("name", title, "as printed");
  field("note", note, "remark for readers");
  field("seed", seed, "seed of every random stream");
  field(required("model"), model, "the policy");
  field("critic", critic, "of ppo; absent: a model like the policy");
  field("reward_model", reward_model, "that judges answers; absent: rules do");
  field(required("chip"), chip, "accelerator");
  field(required("cluster"), cluster, "GPUs of the trainer, nodes and network");
  field("parallelism", parallelism, "how policy, critic and reward model are spread over them");
  field("sequence", sequence, Range{1, 100'000'000},
        "tokens of a sequence of a micro-batch, into which samples are packed");
  field("precision", precision, "of the trainer's matrix products; attention stays bf16");
  field("sharding", sharding, "what data-parallel ranks do not each hold in full (ZeRO 0 to 3)");
  field("overlap", overlap, "which communication runs beside computation");
  field("optimizer", optimizer, "bytes per parameter beside the weights");
  field("expert_skew", expert_skew, Range{0.0, 10.0},
        "exponent of the power law of expert loads in the trainer; 0: equally popular");
  field("expert_nodes", expert_nodes, Range{0, 100'000},
        "nodes that a token may be sent to; 0: as many as it has experts");
  field("stack", stack, "what software adds to the trainer's kernels");
  field(required("fleet"), fleet, "engines that sample; colocated: on the trainer's GPUs");
  field("options", options, "algorithm, placement, pace and sizes of a step");
  field("lengths", lengths, "of prompts and answers, over the course of training");
  field("steps", steps, Range{1, 1'000'000'000}, "rollouts, each with its updates");
  field("stages", stages, Range{2, 1000},
        "steps that are simulated, first and last among them; what lies between is interpolated");
}

Mistakes laws(const RlScenario& scenario, const JsonDocument& document);
Answer run(const RlScenario& scenario, RunContext& context);

// The trainer as a training of its own, the fleet as one that serves; their laws hold here too.
TrainScenario trainer_of(const RlScenario& scenario);
ServeScenario fleet_of(const RlScenario& scenario);

}  // namespace jevons
