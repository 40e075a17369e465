#pragma once
// Grouped GEMM of expert layers: y[r, :] = x[r, :] w[e(r)]^T for rows sorted by expert.
//   x [rows, k], w [experts, n, k], y [rows, n] bf16; offsets [experts + 1]: first row of every
//   expert, read on the device at every launch.
//   bf16: x and w bf16.
//   fp8: x and w e4m3; x_scale [ceil(k/128)][x_scale_stride] with rows fastest, w_scale
//   [experts][ceil(n/128)][ceil(k/128)].
// Needs sm_90a, n a multiple of 8, k of 8 (fp8: 16).
#include <cstdint>

#include "calibration/kernels/prepared_case.h"
#include "calibration/kernels/tensor_map.h"

namespace jevons::calibration {

struct GroupedOperands {
  Format format = Format::bf16;
  int experts = 0, n = 0, k = 0;
  std::int64_t row_capacity = 0;  // rows that x and y have room for
  double expected_rows = 0;       // per expert that has any: chooses the tile
  const void* x = nullptr;
  const void* w = nullptr;
  const float* x_scale = nullptr;
  std::int64_t x_scale_stride = 0;
  const float* w_scale = nullptr;
  std::uint16_t* y = nullptr;
  const std::int32_t* offsets = nullptr;
};

// Operands bound to a tile; made once, launched often.
struct GroupedGemm {
  GroupedOperands operands;
  TensorMap x_map, w_map;
  bool has_small_tiles = false;
  int blocks = 0;
};
GroupedGemm plan_grouped_gemm(const GroupedOperands& operands, int multiprocessors);
void launch(const GroupedGemm& gemm, Stream stream);

// Tiles of the two plans: 64 x 128 leaves room for eight stages in flight, which streams weights;
// 128 x 256 reads least from L2 per product.
inline constexpr int small_tile_rows = 64, small_tile_columns = 128;
inline constexpr int large_tile_rows = 128, large_tile_columns = 256;

}  // namespace jevons::calibration
