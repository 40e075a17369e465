#pragma once
// Sorts (token, expert) choices by expert and copies the rows of tokens to where their experts read
// them: a counting sort, stable, the same at every launch.
//   offsets [experts + 1] exclusive sums of the histogram; row [tokens, top_k]: where each choice
//   went; y [tokens x top_k, width]: y[row[t, k]] = x[t].
// fp8 rows bring their scales along: scales [ceil(width/128)][stride], rows fastest.
// Runs on sm_80 and newer; at most 512 experts; rows of a multiple of 16 bytes.
#include <cstdint>

#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

inline constexpr int most_experts = 512;
inline constexpr int sort_chunk = 1024;  // choices that one block counts and places

struct Dispatch {
  const std::int32_t* expert;  // [tokens, top_k]
  const void* x;
  const float* x_scale;  // null: bf16
  std::int64_t x_scale_stride;
  std::int32_t* chunk_counts;  // [chunks_of(tokens x top_k), experts], overwritten
  std::int32_t* offsets;
  std::int32_t* row;
  void* y;
  float* y_scale;
  std::int64_t y_scale_stride;
  std::int64_t tokens;
  int experts, top_k, width;
};
constexpr std::int64_t chunks_of(std::int64_t choices) {
  return (choices + sort_chunk - 1) / sort_chunk;
}
void launch(const Dispatch& dispatch, Stream stream);

}  // namespace jevons::calibration
