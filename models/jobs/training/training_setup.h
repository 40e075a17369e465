#pragma once
// A training step as its user describes it, and what the step model answers. Plain values: laws
// that a setup must keep are in setup_laws.h, the model itself in step.h.
#include <array>

#include "models/hardware/chip.h"
#include "models/hardware/fabric_tiers.h"
#include "models/jobs/inference/iteration_costs.h"
#include "models/llm/transformer.h"

namespace jevons {

// Order in which a pipeline stage runs forwards and backwards of its micro-batches.
enum class PipelineSchedule { one_f_one_b, interleaved, zero_bubble, dual_pipe };
template <>
inline constexpr std::array enum_names<PipelineSchedule>{
    EnumName{PipelineSchedule::one_f_one_b, "one_f_one_b"},
    EnumName{PipelineSchedule::interleaved, "interleaved"},  // several chunks of layers per stage
    EnumName{PipelineSchedule::zero_bubble, "zero_bubble"},  // weight gradients fill the bubble
    EnumName{PipelineSchedule::dual_pipe, "dual_pipe"},      // fed from both ends, F and B overlap
};

enum class Recompute { none, selective, experts, full };
template <>
inline constexpr std::array enum_names<Recompute>{
    EnumName{Recompute::none, "none"},
    EnumName{Recompute::selective,
             "selective"},  // unfused scores, norms, activations, expansion of latents
    EnumName{Recompute::experts, "experts"},  // and the whole layer of experts besides
    EnumName{Recompute::full, "full"},        // only the input of a layer is kept
};

// What data-parallel ranks do not each hold in full (ZeRO stages 0 to 3; 3 is FSDP).
enum class Sharding { none, optimizer, gradients, parameters };
template <>
inline constexpr std::array enum_names<Sharding>{
    EnumName{Sharding::none, "none"},
    EnumName{Sharding::optimizer, "optimizer"},
    EnumName{Sharding::gradients, "gradients"},
    EnumName{Sharding::parameters, "parameters"},
};

// How context-parallel ranks see the keys and values of the others.
enum class ContextExchange { ring, all_gather };
template <>
inline constexpr std::array enum_names<ContextExchange>{
    EnumName{ContextExchange::ring, "ring"},
    EnumName{ContextExchange::all_gather, "all_gather"},
};

// What the host does not launch kernel by kernel, since a captured graph replays it.
enum class GraphCapture { none, attention, layers };
template <>
inline constexpr std::array enum_names<GraphCapture>{
    EnumName{GraphCapture::none, "none"},
    EnumName{GraphCapture::attention, "attention"},  // all of a layer but its routed experts
    EnumName{GraphCapture::layers, "layers"},        // whole layers
};

// How tokens travel to their experts.
struct ExpertDispatch {
  bool deduplicates = true;  // a token crosses to a node or rank once; false: once per expert there
  bool is_narrow = true;     // in the format of the products if that has 8 bits; false: in bf16

  template <class Visitor>
  void fields(Visitor&& field) {
    field("deduplicates", deduplicates,
          "a token crosses to a node or rank once; false: once for each of its experts there");
    field("is_narrow", is_narrow,
          "in the format of the products where that has 8 bits; false: in bf16");
  }
};

enum class AttentionMethod { flash, unfused };
template <>
inline constexpr std::array enum_names<AttentionMethod>{
    EnumName{AttentionMethod::flash, "flash"},
    EnumName{AttentionMethod::unfused, "unfused"},  // scores go through memory
};

// GPUs = tp x cp x pp x dp; ranks are numbered tp first, then cp, dp, pp. Experts are spread over
// ep of the tp x cp x dp ranks of a stage.
struct TrainingLayout {
  int tp = 1, pp = 1, cp = 1, ep = 1, dp = 1;
  int chunks = 1;  // of layers per stage, under the interleaved schedule
  int gpus() const { return tp * pp * cp * dp; }
};

// Which communication runs beside computation; the rest is exposed.
struct OverlapFlags {
  bool tensor = false;   // all-gathers and reduce-scatters of TP, split into pieces
  bool data = true;      // gradients and parameters of DP
  bool context = true;   // ring steps of CP
  bool expert = false;   // dispatch and combine (DualPipe always overlaps them)
  bool pipeline = true;  // sends between stages

  template <class Visitor>
  void fields(Visitor&& field) {
    field("tensor", tensor, "all-gathers and reduce-scatters of TP, split into pieces");
    field("data", data, "gradients and parameters of DP");
    field("context", context, "ring steps of CP");
    field("expert", expert, "dispatch and combine (dual_pipe always overlaps them)");
    field("pipeline", pipeline, "sends between pipeline stages");
  }
};

// Bytes per parameter beside the bf16 weight that is multiplied with.
struct OptimizerState {
  double master = 4;    // fp32 copy
  double moments = 8;   // Adam: two fp32; bf16 moments: 4
  double gradient = 4;  // accumulated

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range bytes{0.0, 64.0};
    field("master", master, bytes, "of the master copy of a parameter");
    field("moments", moments, bytes, "of both moments of a parameter");
    field("gradient", gradient, bytes, "of the accumulated gradient of a parameter");
  }
};

// What a software stack adds to the kernels' own times. The defaults add nothing.
struct TrainingStack {
  double slowdown = 1;            // of kernels, against those that were measured
  double expert_slowdown = 1;     // of routed experts besides: permutation, padding, waits
  double attention_slowdown = 1;  // of flash attention besides: older versions
  double host_per_kernel_s = 0;   // a stage cannot launch kernels faster than this
  double host_per_step_s = 0;     // data loading, logging, synchronisation
  double jitter = 0;              // of the slowest rank: relative, per doubling of the GPUs

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range factor{0.1, 100.0};
    field("slowdown", slowdown, factor, "time of kernels over that measured alone");
    field("expert_slowdown", expert_slowdown, factor, "of routed experts besides");
    field("attention_slowdown", attention_slowdown, factor, "of flash attention besides");
    field("host_per_kernel_s", host_per_kernel_s, Range{0.0, 1.0},
          "seconds that the host takes to launch a kernel");
    field("host_per_step_s", host_per_step_s, Range{0.0, 1e4},
          "seconds a step for data, logging and synchronisation");
    field("jitter", jitter, Range{0.0, 1.0},
          "what the slowest rank adds to a step, relative, per doubling of the GPUs");
  }
};

struct TrainingSetup {
  ModelCard model;
  ChipSpec chip;
  const HardwareProfile* hardware = nullptr;  // of the chip; outlives the setup
  FabricTiers fabric;
  TrainingLayout layout;
  PipelineSchedule schedule = PipelineSchedule::one_f_one_b;
  int micro_batch = 1;                    // sequences
  int global_batch = 1;                   // sequences
  int sequence = 4096;                    // tokens
  Precision precision = Precision::bf16;  // of the matrix products; attention stays bf16
  Recompute recompute = Recompute::none;
  Sharding sharding = Sharding::optimizer;
  ContextExchange context_exchange = ContextExchange::ring;
  AttentionMethod attention = AttentionMethod::flash;
  bool has_narrow_cache = false;  // inputs of the FFN's activation are kept as products take them
  GraphCapture graphs = GraphCapture::none;
  ExpertDispatch dispatch;
  bool sequence_parallel = true;  // with tp > 1
  int last_stage_fewer = 0;  // layers that the last stage has less, in place of the output matrix
  OverlapFlags overlap;
  OptimizerState optimizer;
  double hottest_expert_rank = 1;  // load of the fullest expert rank over the mean one, >= 1
  int expert_nodes = 0;            // nodes a token may be sent to; 0: as many as it has experts
  // Weights are frozen and small adapters learn (LoRA): no gradients of weights, no optimizer. The
  // adapters' own work, under a hundredth, is left out.
  bool adapters_only = false;
  int prediction_heads = 1;  // passes through the output matrix, one per token predicted ahead
  TrainingStack stack;

  int micro_batches() const { return global_batch / (micro_batch * layout.dp); }
};

// Where the time of a step goes, for the slowest stage; the entries sum to the step.
enum class StepPhase {
  forward,
  backward,  // gradients of activations
  weight_gradient,
  recompute,
  tensor_comm,  // exposed, as all that follow
  context_comm,
  expert_comm,
  pipeline_comm,
  data_comm,
  bubble,
  optimizer,
  host,
};
inline constexpr std::size_t step_phase_count = 12;
template <>
inline constexpr std::array enum_names<StepPhase>{
    EnumName{StepPhase::forward, "forward"},
    EnumName{StepPhase::backward, "backward"},
    EnumName{StepPhase::weight_gradient, "weight_gradient"},
    EnumName{StepPhase::recompute, "recompute"},
    EnumName{StepPhase::tensor_comm, "tensor_comm"},
    EnumName{StepPhase::context_comm, "context_comm"},
    EnumName{StepPhase::expert_comm, "expert_comm"},
    EnumName{StepPhase::pipeline_comm, "pipeline_comm"},
    EnumName{StepPhase::data_comm, "data_comm"},
    EnumName{StepPhase::bubble, "bubble"},
    EnumName{StepPhase::optimizer, "optimizer"},
    EnumName{StepPhase::host, "host"},
};

// The same step in the words of the DualPipe report: forwards and backwards that run alone, weight
// gradients that run alone, forwards overlapped with backwards. Sums to the step.
struct DualPipePhases {
  double f = 0, b = 0, w = 0, fb = 0, bubble = 0, optimizer = 0;  // seconds
};

// Bytes on the fullest GPU, by kind.
struct TrainingMemory {
  double weights = 0, gradients = 0, optimizer = 0, activations = 0, buffers = 0, workspace = 0;
  double total() const {
    return weights + gradients + optimizer + activations + buffers + workspace;
  }
};

struct StepResult {
  double seconds = 0;
  std::array<double, step_phase_count> phases{};  // seconds, by StepPhase
  DualPipePhases dual_pipe;                       // zero under other schedules
  TrainingMemory memory;
  double tokens = 0;              // of the global batch
  double model_flop_per_gpu = 0;  // useful ones: 3 x forward, causal attention at half
  double mfu = 0;                 // of the datasheet's dense bf16 peak
  double tflops_per_gpu = 0;      // model TFLOP/s
  double joules_per_gpu = 0;      // GPU alone, mean over stages
  double watts_per_gpu = 0;
  double exposed_comm_s = 0;  // sum of the phases *_comm
  bool extrapolated = false;  // some kernel lies outside what was measured

  double& operator[](StepPhase p) { return phases[static_cast<std::size_t>(p)]; }
  double operator[](StepPhase p) const { return phases[static_cast<std::size_t>(p)]; }
};

}  // namespace jevons
