#pragma once
// Causal attention of whole prompts:
//   o[b, h, i] = sum over j <= i of softmax_j(q[b, h, i] . k[b, g, j] / sqrt(dim)) v[b, g, j].
//   q [batch, heads, context, dim], k [batch, kv_heads, context, dim],
//   v [batch, kv_heads, context, value_dim], o [batch, heads, context, value_dim], bf16, f32 sums.
// Needs sm_90a; (dim, value_dim) is (64, 64), (128, 128) or (192, 128).
// Ours and not cuDNN's: the single attention node of its C interface has no causal mask.
#include <cstdint>

#include "calibration/kernels/prepared_case.h"
#include "calibration/kernels/tensor_map.h"

namespace jevons::calibration {

inline constexpr int prefill_rows = 128, prefill_keys = 128;  // of a tile

struct PrefillShape {
  std::int64_t batch = 0, context = 0;
  int heads = 0, kv_heads = 0, dim = 0, value_dim = 0;
};

struct PrefillAttention {
  PrefillShape shape;
  TensorMap q_map, k_map, v_map;
  std::uint16_t* o;
};
// Throws CaseUnavailable where there is no kernel for the dimensions.
PrefillAttention plan_prefill(const PrefillShape& shape, const std::uint16_t* q,
                              const std::uint16_t* k, const std::uint16_t* v, std::uint16_t* o);
void launch(const PrefillAttention& prefill, Stream stream);

}  // namespace jevons::calibration
