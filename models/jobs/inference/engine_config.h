#pragma once
// What an inference engine can be told: batching, KV cache, speculation, overheads.
#include <array>
#include <cstdint>
#include <optional>

#include "models/hardware/precision.h"
#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

enum class Stepping { macro, iteration };
template <>
inline constexpr std::array enum_names<Stepping>{
    EnumName{Stepping::macro, "macro"},          // closed form between changes of a batch
    EnumName{Stepping::iteration, "iteration"},  // every iteration, every sequence: the reference
};

enum class Admission { prompt, whole };
template <>
inline constexpr std::array enum_names<Admission>{
    EnumName{Admission::prompt, "prompt"},  // KV for the prompt must be free; growth may preempt
    EnumName{Admission::whole, "whole"},    // KV for prompt and output is reserved; no preemption
};

// Draft tokens are verified together with the next one. Each request draws its own acceptance once
// and then advances by the same amount every iteration.
struct Speculation {
  int draft_tokens = 1;
  double acceptance = 0.8;         // mean chance that a draft token is accepted
  double acceptance_spread = 0.1;  // half width of the uniform draw around the mean
  double draft_cost = 0.03;        // time and energy of one draft pass relative to the whole model

  template <class Visitor>
  void fields(Visitor&& field) {
    field("draft_tokens", draft_tokens, Range{1, 16}, "tokens drafted per iteration");
    field("acceptance", acceptance, Range{0.0, 1.0}, "mean chance that a draft token is accepted");
    field("acceptance_spread", acceptance_spread, Range{0.0, 0.5},
          "half width of the uniform draw of a request's acceptance around the mean");
    field("draft_cost", draft_cost, Range{0.0, 1.0},
          "time and energy of one draft pass, relative to one pass of the model");
  }
};

struct EngineConfig {
  int max_num_seqs = 256;         // per DP rank
  int max_batched_tokens = 8192;  // per DP rank and iteration
  bool chunked_prefill = true;
  int block_tokens = 16;
  Admission admission = Admission::prompt;
  double memory_utilization = 0.9;
  double watermark = 0.01;
  bool prefix_cache = false;
  Precision kv_precision = Precision::bf16;
  std::optional<Speculation> speculation;
  double expert_skew = 0;
  int redundant_experts = 0;       // copies of the most popular experts, over the whole group
  std::optional<Power> power_cap;  // of one GPU; absent: the board's own limit
  // Host time between iterations that the GPU spends idle: scheduling, input preparation, sampling.
  // Engines with asynchronous scheduling hide most of it.
  Time overhead_per_iteration = 500 * unit::us;
  Time overhead_per_sequence = 5 * unit::us;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("max_num_seqs", max_num_seqs, Range{1, 65'536},
          "sequences that may run at once, per DP rank");
    field("max_batched_tokens", max_batched_tokens, Range{1, 1'048'576},
          "token budget of an iteration, per DP rank");
    field("chunked_prefill", chunked_prefill,
          "split prompts over iterations; false: a prompt is prefilled whole");
    field("block_tokens", block_tokens, Range{1, 256}, "tokens in one block of the paged KV cache");
    field("admission", admission,
          "prompt: enter when KV for the prompt is free; whole: reserve prompt and output");
    field("memory_utilization", memory_utilization, Range{0.05, 1.0},
          "share of GPU memory for weights, activations and KV cache");
    field("watermark", watermark, Range{0.0, 0.5}, "share of KV blocks kept free at admission");
    field("prefix_cache", prefix_cache, "keep KV of finished prompts for requests that share them");
    field("kv_precision", kv_precision, "number format of the KV cache");
    field("speculation", speculation, "speculative decoding; absent: off");
    field("expert_skew", expert_skew, Range{0.0, 3.0},
          "exponent of the power law of expert popularity; 0: balanced");
    field("redundant_experts", redundant_experts, Range{0, 100'000},
          "slots for copies of the most popular experts, over the whole expert-parallel group");
    field("power_cap", power_cap, Range{10 * unit::W, 10 * unit::kW},
          "power limit of one GPU; absent: the board's own");
    field("overhead_per_iteration", overhead_per_iteration, Range{0 * unit::s, 1 * unit::s},
          "host time per iteration during which the GPU waits");
    field("overhead_per_sequence", overhead_per_sequence, Range{0 * unit::s, 1 * unit::s},
          "host time per iteration and running sequence");
  }
};

}  // namespace jevons
