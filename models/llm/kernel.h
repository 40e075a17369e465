#pragma once
// The kernels a transformer is made of, each as its shape. Everything that takes time or energy on
// a chip is one of these; a cost model turns (kernel, chip) into time and energy. Shapes are per
// GPU, after splitting by TP, EP and DP.
#include <array>
#include <string_view>
#include <variant>

#include "models/hardware/precision.h"
#include "sim/fields.h"

namespace jevons {

// y[m, n] = x[m, k] w[k, n].
struct Gemm {
  Precision precision = Precision::bf16;
  double m = 0, n = 0, k = 0;
};

// Work of the fullest rank of an expert-parallel group: (token, expert) pairs it computes, and how
// many of its experts receive any. Skewed routing gets it from an ExpertLoadTable.
struct ExpertLoad {
  double pairs = 0;
  double active = 0;
};

// Kernels that some stacks have for an expert layer: one that batches tokens by expert, and one
// that is made for few tokens. `fastest` takes the better of those that were measured.
enum class MoeKernel { fastest, throughput, low_latency };

// A whole routed expert layer on one GPU of a tp x ep group: router excluded; permute, grouped
// GEMM gate|up, activation, grouped GEMM down, combine included. `tokens` are all tokens of the
// group; `inner` is one expert's full intermediate size (split by tp); each GPU holds experts/ep.
struct MoeLayer {
  Precision precision = Precision::bf16;
  double tokens = 0;
  int hidden = 0, inner = 0, top_k = 0, experts = 0, tp = 1, ep = 1;
  double skew = 0;    // 0: every expert equally likely; else exponent of the power law of loads
  bool gated = true;  // gate|up and down: three matrices; false: up and down, two
  bool even = false;  // experts take turns (benchmarks) instead of being drawn
  ExpertLoad load{};  // of the fullest rank; 0 pairs: the load of unskewed routing
  MoeKernel kernel = MoeKernel::fastest;
};

// Causal attention of `query` new tokens per sequence, each seeing `prefix` earlier tokens and
// those of its own before it. Heads are those on this GPU. window 0: all. `math` is the format of
// the products, `kv` that of the cache.
struct PrefillAttention {
  Precision kv = Precision::bf16;
  double batch = 1, query = 0, prefix = 0;
  int heads = 0, kv_heads = 0, head_dim = 0, window = 0;
  Precision math = Precision::bf16;
};

// One new token per sequence of a batch; kv_tokens is the sum over sequences of the tokens read
// (already cut to the window in windowed layers).
struct DecodeAttention {
  Precision kv = Precision::bf16;
  double batch = 1, kv_tokens = 0;
  int heads = 0, kv_heads = 0, head_dim = 0;
  bool windowed = false;
  double context = 0;  // tokens per sequence before the cut; 0: not longer than the window
};

// Latent attention, prefill in the expanded (multi-head) form.
struct MlaPrefill {
  Precision kv = Precision::bf16;
  double batch = 1, query = 0, prefix = 0;
  int heads = 0, nope_dim = 128, rope_dim = 64, value_dim = 128;
};

// Latent attention, decode in the absorbed form: every head reads the same latent rows.
struct MlaDecode {
  Precision kv = Precision::bf16;
  double batch = 1, kv_tokens = 0;
  int heads = 0, kv_rank = 512, rope_dim = 64;
};

// The batched per-head products around absorbed latent attention: [tokens, in] x [in, out], per
// head.
struct HeadGemm {
  Precision precision = Precision::bf16;
  double tokens = 0;
  int heads = 0, in = 0, out = 0;
};

// Bytes moved through memory with little arithmetic: norms, residuals, rotary, quantisation.
struct Elementwise {
  double bytes = 0;
};

// peer_all_reduce: a serving engine's own all-reduce over the peers' memory within one scale-up
// domain, in one or two shots; the others are those of a communication library.
enum class CollectiveKind { all_reduce, all_gather, reduce_scatter, all_to_all, peer_all_reduce };
template <>
inline constexpr std::array enum_names<CollectiveKind>{
    EnumName{CollectiveKind::all_reduce, "all_reduce"},
    EnumName{CollectiveKind::all_gather, "all_gather"},
    EnumName{CollectiveKind::reduce_scatter, "reduce_scatter"},
    EnumName{CollectiveKind::all_to_all, "all_to_all"},
    EnumName{CollectiveKind::peer_all_reduce, "peer_all_reduce"},
};

// A collective over `gpus` GPUs of which `per_node` share a scale-up domain. `bytes` is the size of
// the whole message (all_reduce: the vector; all_gather: the gathered result; all_to_all: what one
// GPU sends in all).
struct Collective {
  CollectiveKind kind = CollectiveKind::all_reduce;
  double bytes = 0;
  int gpus = 1, per_node = 8;
};

enum class ExchangePhase { dispatch, combine };

// Expert-parallel token exchange (DeepEP and its kind): `tokens` of this GPU go to top_k experts
// spread over `gpus` GPUs.
struct ExpertExchange {
  ExchangePhase phase = ExchangePhase::dispatch;
  Precision precision = Precision::bf16;  // of what is sent
  double tokens = 0;
  int hidden = 0, top_k = 0, experts = 0, gpus = 1, per_node = 8;
  bool low_latency = false;  // decode variant: no host round trip, RDMA writes
  int sms = 20;              // multiprocessors that the high-throughput variant occupies
};

// Point to point between pipeline stages or pools.
struct PointToPoint {
  double bytes = 0;
  bool crosses_nodes = false;
};

using Kernel =
    std::variant<Gemm, MoeLayer, PrefillAttention, DecodeAttention, MlaPrefill, MlaDecode, HeadGemm,
                 Elementwise, Collective, ExpertExchange, PointToPoint>;

enum class KernelKind {
  gemm,
  moe,
  prefill_attention,
  decode_attention,
  mla_prefill,
  mla_decode,
  head_gemm,
  elementwise,
  all_reduce,
  all_gather,
  reduce_scatter,
  all_to_all,
  dispatch,
  combine,
  point_to_point,
  peer_all_reduce,
  dispatch_low_latency,
  combine_low_latency,
};
inline constexpr int kernel_kind_count = 18;

template <>
inline constexpr std::array enum_names<KernelKind>{
    EnumName{KernelKind::gemm, "gemm"},
    EnumName{KernelKind::moe, "moe"},
    EnumName{KernelKind::prefill_attention, "prefill_attention"},
    EnumName{KernelKind::decode_attention, "decode_attention"},
    EnumName{KernelKind::mla_prefill, "mla_prefill"},
    EnumName{KernelKind::mla_decode, "mla_decode"},
    EnumName{KernelKind::head_gemm, "head_gemm"},
    EnumName{KernelKind::elementwise, "elementwise"},
    EnumName{KernelKind::all_reduce, "all_reduce"},
    EnumName{KernelKind::all_gather, "all_gather"},
    EnumName{KernelKind::reduce_scatter, "reduce_scatter"},
    EnumName{KernelKind::all_to_all, "all_to_all"},
    EnumName{KernelKind::dispatch, "dispatch"},
    EnumName{KernelKind::combine, "combine"},
    EnumName{KernelKind::point_to_point, "point_to_point"},
    EnumName{KernelKind::peer_all_reduce, "peer_all_reduce"},
    EnumName{KernelKind::dispatch_low_latency, "dispatch_low_latency"},
    EnumName{KernelKind::combine_low_latency, "combine_low_latency"},
};

KernelKind kind_of(const Kernel& kernel);

// Number format that selects the cost law: that of the products, of the cache for decoding
// attention; bf16 for kernels that have none.
Precision precision_of(const Kernel& kernel);

// What a kernel asks of a GPU: arithmetic, bytes through memory, bytes through the link.
struct KernelWork {
  double flop = 0;
  double hbm_bytes = 0;
  double link_bytes = 0;
};

// Work counted from the shape alone, each operand moved once. Source: definitions of the
// operations; all_reduce moves 2 (g-1)/g of its vector per GPU (ring), gathers and scatters
// (g-1)/g.
KernelWork work_of(const Kernel& kernel);

// Number of local experts that receive at least one of `tokens` tokens, for uniform routing to
// top_k of `experts`, of which experts/ep are local: (experts/ep) (1 - (1 - top_k/experts)^tokens).
double expected_active_experts(double tokens, int experts, int top_k, int ep);

// Sum over the query positions of one sequence of the tokens each may see (causal, cut to the
// window; 0: no window).
double attended_pairs(double query, double prefix, int window);

}  // namespace jevons
