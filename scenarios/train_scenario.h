#pragma once
// kind "train": a model trained on a cluster, from the kernels of a step to the weeks of a job with
// failures.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "models/hardware/chip.h"
#include "models/hardware/fabric_tiers.h"
#include "models/jobs/training/plan.h"
#include "models/jobs/training/training_setup.h"
#include "models/jobs/training_job/job_run.h"
#include "models/llm/capability.h"
#include "scenarios/kinds.h"
#include "scenarios/serve_scenario.h"
#include "sim/fields.h"

namespace jevons {

using CostRate = decltype(unit::usd / unit::h);

// Switches and optics between nodes, their share of one GPU: 12 switches of 1.0 to 1.7 kW for 256
// GPUs of a two-level tree, and two 15 W transceivers a link.
inline constexpr Power assumed_network_power_per_gpu = 80 * unit::W;
// What the DeepSeek-V3 report reckons with for an H800, arXiv:2412.19437, table 1.
inline constexpr CostRate reported_price_per_gpu = 2 * (unit::usd / unit::h);

// What the software adds to the kernels' own times: launches, waits, throttling.
struct StackSettings {
  std::optional<double> slowdown;  // nothing: as fitted for the chip, fitted_software.h
  TrainingStack rest;              // all but its slowdown

  template <class Visitor>
  void fields(Visitor&& field) {
    field("slowdown", slowdown, Range{0.1, 100.0},
          "time of kernels over that measured alone; absent: as fitted to published training runs "
          "on such chips, 1.13 for A100, 1.43 for H100 and chips without such runs, 1.59 for B200, "
          "1.20 for GB200");
    rest.fields([&field](Key key, auto& member, const auto&... more) {
      if (key.name != "slowdown") field(key, member, more...);
    });
  }
};

struct TrainCluster {
  int gpus = 8;
  int gpus_per_node = 8;
  int gpus_per_link_domain = 0;                           // 0: a node
  Bandwidth network_per_gpu = 50 * (unit::GB / unit::s);  // 400 Gbit/s
  std::optional<FabricTiers> fabric;
  Power host_power_per_node = assumed_host_power;
  Power network_power_per_gpu = assumed_network_power_per_gpu;
  CostRate price_per_gpu = reported_price_per_gpu;

  int nodes() const { return (gpus + gpus_per_node - 1) / gpus_per_node; }

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("gpus"), gpus, Range{1, 10'000'000}, "GPUs that train");
    field("gpus_per_node", gpus_per_node, Range{1, 1024}, "GPUs that share a host");
    field("gpus_per_link_domain", gpus_per_link_domain, Range{0, 100'000},
          "GPUs that the chip's scale-up link joins; 0: those of a node");
    field("network_per_gpu", network_per_gpu,
          Range{0.01 * unit::GB / unit::s, 1e5 * unit::GB / unit::s},
          "what a GPU can send to other nodes, one direction");
    field(
        "fabric", fabric,
        "tiers of the network; absent: the scale-up link of the chip, and network_per_gpu beyond");
    field("host_power_per_node", host_power_per_node, Range{0 * unit::W, 100 * unit::kW},
          "all of a node but its GPUs, drawn whether it is busy or not");
    field("network_power_per_gpu", network_power_per_gpu, Range{0 * unit::W, 10 * unit::kW},
          "switches and optics between nodes, the share of one GPU");
    field("price_per_gpu", price_per_gpu,
          Range{0 * (unit::usd / unit::h), 1e4 * (unit::usd / unit::h)},
          "rent of a GPU with its share of host and network");
  }
};

// As its user says. DP takes the GPUs that the other ways leave.
struct StatedParallelism {
  static constexpr std::string_view name = "stated";
  int tp = 1, pp = 1, cp = 1, ep = 1;
  std::optional<int> dp;
  int chunks = 1;
  int last_stage_fewer = 0;
  PipelineSchedule schedule = PipelineSchedule::one_f_one_b;
  int micro_batch = 1;
  Recompute recompute = Recompute::none;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range ways{1, 1'000'000};
    field("tp", tp, ways, "tensor parallelism: matrices are split over GPUs");
    field("pp", pp, ways, "pipeline stages");
    field("cp", cp, ways, "context parallelism: sequences are split over GPUs");
    field("ep", ep, ways, "GPUs over which experts are spread, of the tp x cp x dp of a stage");
    field("dp", dp, ways, "copies that share the batch; absent: what the other ways leave");
    field("chunks", chunks, Range{1, 10'000}, "of layers per stage, under schedule interleaved");
    field("last_stage_fewer", last_stage_fewer, Range{0, 1000},
          "layers that the last stage has less, in place of the output matrix");
    field("schedule", schedule, "order of forwards and backwards in the pipeline");
    field("micro_batch", micro_batch, Range{1, 1'000'000}, "sequences that pass together");
    field("recompute", recompute, "what is computed again instead of kept");
  }
};

// The best that the plan search finds.
struct BestParallelism {
  static constexpr std::string_view name = "best";
  PlanGoal goal = PlanGoal::fastest;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("goal", goal, "what the best layout is best in");
  }
};

using TrainParallelism = std::variant<StatedParallelism, BestParallelism>;

// How long to train.
struct TokenGoal {
  static constexpr std::string_view name = "tokens";
  Tokens tokens = 1e12 * unit::tok;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("tokens"), tokens, Range{1 * unit::tok, 1e18 * unit::tok}, "to train on");
  }
};
struct ComputeOptimalGoal {
  static constexpr std::string_view name = "compute_optimal";
};
struct LossGoal {
  static constexpr std::string_view name = "loss";
  double loss = 2;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("loss"), loss, Range{0.0, 100.0}, "nats per token to reach");
  }
};
using TrainGoal = std::variant<TokenGoal, ComputeOptimalGoal, LossGoal>;

enum class ScalingLawName { besiroglu, hoffmann };
template <>
inline constexpr std::array enum_names<ScalingLawName>{
    EnumName{ScalingLawName::besiroglu, "besiroglu_2024"},
    EnumName{ScalingLawName::hoffmann, "hoffmann_2022"},
};

struct CapabilitySettings {
  ScalingLawName law = ScalingLawName::besiroglu;
  double sparsity_exponent = assumed_sparsity_exponent;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("law", law, "scaling law of the loss");
    field("sparsity_exponent", sparsity_exponent, Range{0.0, 1.0},
          "what a parameter is worth that a token does not visit");
  }
};

// The job in time.
struct TrainJobSettings {
  std::optional<FailureModel> failures = FailureModel{};
  Checkpointing checkpoint;
  Recovery recovery;
  std::optional<SparePool> spares;
  std::optional<Stragglers> stragglers;
  std::optional<PlannedStops> planned_stops;
  std::optional<Span> stop_after;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("failures", failures, "how often nodes and software fail; null: never");
    field("checkpoint", checkpoint, "what is saved, and when");
    field("recovery", recovery, "what a failure costs beside the work that is lost");
    field("spares", spares, "nodes that replace failed ones; absent: there is always one");
    field("stragglers", stragglers, "nodes that become slow; absent: none");
    field("planned_stops", planned_stops,
          "stops for upgrades and changes, which lose no work; absent: none");
    field("stop_after", stop_after, Range{1 * unit::s, 100 * unit::year},
          "the job ends here even if not done; absent: when all tokens are seen");
  }
};

struct TrainScenario {
  static constexpr std::string_view name = "train";
  static constexpr std::string_view help = "a model trained on a cluster, with failures";
  std::string title;
  std::string note;
  std::uint64_t seed = 1;
  ModelCard model;
  ChipSpec chip;
  TrainCluster cluster;
  TrainParallelism parallelism = BestParallelism{};
  int global_batch = 1024;
  int sequence = 4096;
  Precision precision = Precision::bf16;
  Sharding sharding = Sharding::optimizer;
  ContextExchange context_exchange = ContextExchange::ring;
  AttentionMethod attention = AttentionMethod::flash;
  bool has_narrow_cache = false;
  GraphCapture graphs = GraphCapture::none;
  ExpertDispatch dispatch;
  bool sequence_parallel = true;
  OverlapFlags overlap;
  OptimizerState optimizer;
  double expert_skew = 0;
  int expert_nodes = 0;
  int prediction_heads = 1;
  StackSettings stack;
  TrainGoal goal = ComputeOptimalGoal{};
  CapabilitySettings capability;
  TrainJobSettings job;

  template <class Visitor>
  void fields(Visitor&& field);
};

template <class Visitor>
void TrainScenario::fields(Visitor&& field) {
  field("name", title, "as printed");
  field("note", note, "remark for readers");
  field("seed", seed, "seed of every random stream");
  field(required("model"), model, "what is trained");
  field(required("chip"), chip, "accelerator");
  field(required("cluster"), cluster, "GPUs, nodes and network");
  field("parallelism", parallelism, "how the model is spread over the cluster");
  field("global_batch", global_batch, Range{1, 10'000'000}, "sequences of a step");
  field("sequence", sequence, Range{1, 100'000'000}, "tokens of a sequence");
  field("precision", precision, "of the matrix products; attention stays bf16");
  field("sharding", sharding, "what data-parallel ranks do not each hold in full (ZeRO 0 to 3)");
  field("context_exchange", context_exchange, "how context-parallel ranks share keys and values");
  field("attention", attention, "flash, or scores that go through memory");
  field("has_narrow_cache", has_narrow_cache,
        "inputs of the FFN's activation are kept in the format of the products, not in bf16");
  field("graphs", graphs,
        "CUDA graphs: what the host replays and so does not launch kernel by kernel; shortens "
        "steps where stack.host_per_kernel_s holds them up");
  field("dispatch", dispatch, "how tokens travel to their experts");
  field("sequence_parallel", sequence_parallel, "norms are split over the tensor-parallel ranks");
  field("overlap", overlap, "which communication runs beside computation");
  field("optimizer", optimizer, "bytes per parameter beside the weights");
  field("expert_skew", expert_skew, Range{0.0, 10.0},
        "exponent of the power law of expert loads; 0: equally popular");
  field("expert_nodes", expert_nodes, Range{0, 100'000},
        "nodes that a token may be sent to; 0: as many as it has experts");
  field("prediction_heads", prediction_heads, Range{1, 64},
        "passes through the output matrix, one per token that is predicted ahead");
  field("stack", stack, "what the software adds to the kernels' own times");
  field("goal", goal, "how long to train");
  field("capability", capability, "what tokens and parameters are worth");
  field("job", job, "failures, checkpoints, spares and stragglers");
}

Mistakes laws(const TrainScenario& scenario, const JsonDocument& document);
Answer run(const TrainScenario& scenario, RunContext& context);

}  // namespace jevons
