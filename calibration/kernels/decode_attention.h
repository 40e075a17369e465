#pragma once
// Attention of one new token per sequence over its cache:
//   o[b, h] = sum over keys j of softmax_j(scale q[b, h] . k[b, g, j]) v[b, g, j], g = h's group.
// bf16 operands, f32 sums. Both kernels cut the cache into pieces (split_plan.h), leave
// normalised partial sums with their logarithms, and merge them.
//   GQA: q [batch, heads, dim], k and v [batch, kv_heads, context, dim], o like q. dim 64 or 128,
//   at most 16 heads per kv head. Runs on sm_80 and newer. MLA, absorbed: q [batch, heads, 576],
//   cache [batch, context, 576] whose first 512 values are also the value, o [batch, heads, 512].
//   heads a multiple of 64. Needs sm_90a.
#include <cstdint>

#include "calibration/kernels/definitions.h"
#include "calibration/kernels/prepared_case.h"
#include "calibration/kernels/split_plan.h"
#include "calibration/kernels/tensor_map.h"

namespace jevons::calibration {

inline constexpr int mla_dim = 576, mla_value_dim = 512;
inline constexpr int mla_heads_of_block = 64, mla_keys = 64;
inline constexpr int gqa_heads_of_block = 16, gqa_keys = 64;

struct DecodeShape {
  std::int64_t batch = 0, context = 0;
  int heads = 0, kv_heads = 1, dim = 0, value_dim = 0;
};

// Room for partial results: sums [splits][batch x heads][value_dim], logs [splits][batch x heads].
struct Partials {
  float* sums = nullptr;
  float* logs = nullptr;  // base 2 logarithm of the sum of exponentials; -inf for an empty piece
};

struct GqaDecode {
  DecodeShape shape;
  const std::uint16_t* q;
  const std::uint16_t* k;
  const std::uint16_t* v;
  std::uint16_t* o;
  SplitPlan split;
  Partials partials;
};
// Shared memory of a block: four stages of 64 keys and values.
constexpr int gqa_shared_bytes(int dim) {
  return 4 * gqa_keys * 2 * dim * 2;
}
SplitPlan plan_gqa(const DecodeShape& shape, int multiprocessors);
void launch(const GqaDecode& decode, Stream stream);

struct MlaDecode {
  DecodeShape shape;
  TensorMap q_map, cache_map;
  std::uint16_t* o;
  SplitPlan split;
  Partials partials;
};
SplitPlan plan_mla(const DecodeShape& shape, int multiprocessors);
TensorMap mla_q_map(const std::uint16_t* q, const DecodeShape& shape);
TensorMap mla_cache_map(const std::uint16_t* cache, const DecodeShape& shape);
void launch(const MlaDecode& decode, Stream stream);

// Merges the pieces of every row: o = sum_s 2^(log_s - max) sum_s / sum_s 2^(log_s - max).
void merge_splits(const Partials& partials, int splits, std::int64_t rows, int value_dim,
                  std::uint16_t* o, Stream stream);

}  // namespace jevons::calibration
