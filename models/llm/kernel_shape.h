#pragma once
// A kernel as its cost law sees it: the work of the slowest GPU and the coordinates of its shape,
// on which tables of corrections are spread.
#include <array>
#include <cstddef>

#include "models/llm/kernel.h"

namespace jevons {

inline constexpr int shape_axes = 8;

// The axes of each kind; log2 of the quantity unless said otherwise, unused ones 0.
//   gemm               0 m, 1 n, 2 k, 3 fill of the last tile of 128 rows (0..1, linear), 4 n k
//   head_gemm          0 tokens, 1 heads, 2 in/out
//   moe                0 pairs per active expert, 1 active experts, 2 inner/tp, 3 hidden, 4 tokens,
//                      5 local experts, 6 kernel (0 two matrices, 1 gated, 2 gated
//                      and made for low latency), 7 bytes of active weights
//   prefill_attention  0 query, 1 batch x heads, 2 head_dim, 3 heads per KV head, 4 KV heads,
//                      5 tokens seen over window, 6 KV bytes per element, 7 windowed (0, 1)
//   decode_attention   0 KV tokens per sequence, 1 batch x heads, 2 KV heads, 3 heads per KV head,
//                      4 head_dim, 5 more than 32 heads per KV head (0, 1), 6 batch x KV heads,
//                      7 windowed: 1 + context over window, else 0
//   mla_prefill        0 query, 1 batch x heads, 2 batch
//   mla_decode         0 KV tokens per sequence, 1 batch, 2 heads, 3 batch x heads
//   elementwise, point_to_point      0 bytes
//   collectives        0 bytes, 1 GPUs
//   dispatch, combine  0 tokens, 1 hidden, 2 top_k, 3 experts, 4 nodes, 5 multiprocessors
struct KernelShape {
  KernelWork work;
  double exact_flop = 0;  // arithmetic without rounding up to tiles
  double items = 0;       // what costs a fixed time each: active experts, further GPUs
  bool crosses_nodes = false;
  std::array<double, shape_axes> at{};
};

// Axis and value by which a law of expert layers tells that it knows the low-latency kernel.
inline constexpr std::size_t moe_kernel_axis = 6;
inline constexpr double low_latency_variant = 2;

// `tile`: rows that matrix units work on together; a GEMM's m and an expert's rows are rounded up
// to it in `work`. 1: no rounding.
KernelShape shape_of(const Kernel& kernel, double tile);

// Load of the fullest of ep ranks: what the layer says, or, where it says nothing, that of
// independent uniform choices (of turns, if `even`).
ExpertLoad load_of(const MoeLayer& layer);

}  // namespace jevons
