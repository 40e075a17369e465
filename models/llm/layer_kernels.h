#pragma once
// A model on a group of GPUs as the list of kernels that one forward pass runs on each GPU. Lists
// are split by what they depend on, so that each part can be computed once and cached:
//   dense      tokens of the DP rank: norms, projections, dense FFN, their all-reduces
//   expert     tokens of all ranks: router, routed and shared experts, exchange
//   head       sequences that need a next token: output matrix
//   attention  batch and KV length (decode) or chunk and prefix (prefill)
// Counts are over all layers of the model (pipeline stages one after another).
#include <optional>
#include <string_view>
#include <vector>

#include "models/llm/expert_load.h"
#include "models/llm/kernel.h"
#include "models/llm/parallelism.h"
#include "models/llm/transformer.h"

namespace jevons {

struct NamedKernel {
  std::string_view name;  // as printed, e.g. "attention projections"
  Kernel kernel;
  double count = 1;
};
using KernelList = std::vector<NamedKernel>;

struct ServedModel {
  ModelCard card;
  Parallelism parallelism;
  Precision kv = Precision::bf16;
  double expert_skew = 0;     // exponent of expert popularity; 0: balanced
  int redundant_experts = 0;  // further slots for the most popular ones (EPLB)
  // Expert exchange by RDMA writes at every size; small batches use it anyway.
  bool low_latency_exchange = false;
  std::optional<ExpertLoadTable> expert_load;  // of that skew and those slots; see with_loads
};

// The model with its table of expert loads, where experts are not equally popular: built once here
// instead of at every expert layer.
ServedModel with_loads(ServedModel m);

KernelList dense_kernels(const ServedModel& m, double tokens);
KernelList expert_kernels(const ServedModel& m, double rank_tokens, double all_tokens);
KernelList head_kernels(const ServedModel& m, double sequences);
// `queries` new tokens per sequence (1, or 1 + drafts under speculation); kv_tokens is the sum of
// tokens read in full layers, window_tokens in windowed ones.
KernelList decode_attention_kernels(const ServedModel& m, double batch, double kv_tokens,
                                    int queries);
KernelList window_attention_kernels(const ServedModel& m, double batch, double window_tokens,
                                    int queries);
KernelList prefill_attention_kernels(const ServedModel& m, double chunk, double prefix);

// Bytes of weights that the fullest GPU holds.
Bytes weight_bytes_per_gpu(const ServedModel& m);
// Bytes of the KV cache of one token, each element once: what a transfer must move.
Bytes kv_bytes_per_token(const ServedModel& m);
// Bytes on each GPU of a rank per token kept in full-attention layers.
Bytes kv_bytes_per_token_per_gpu(const ServedModel& m);
// Bytes on each GPU of a rank for one sequence of `tokens` that do not grow with its length: filled
// windows and linear-attention state.
Bytes fixed_bytes_per_sequence_per_gpu(const ServedModel& m, double tokens);

}  // namespace jevons
