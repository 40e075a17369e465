// Grouped GEMM of expert layers for sm_90a: which kernel runs, and how it is started. Maths and
// shapes: grouped_gemm.h; kernels: grouped_gemm_bf16.cuh, grouped_gemm_fp8.cuh.

#include "calibration/kernels/device.h"
#include "calibration/kernels/grouped_gemm.h"
#include "calibration/kernels/grouped_gemm_bf16.cuh"
#include "calibration/kernels/grouped_gemm_fp8.cuh"

namespace jevons::calibration {

namespace {

using SmallTile = GroupedTile<1, small_tile_columns, 8>;
using LargeTile = GroupedTile<2, large_tile_columns, 4>;
static_assert(SmallTile::rows == small_tile_rows && LargeTile::rows == large_tile_rows);

GroupedArguments arguments(const GroupedOperands& o) {
  return {o.offsets, o.experts,        o.n,      o.k, reinterpret_cast<__nv_bfloat16*>(o.y),
          o.x_scale, o.x_scale_stride, o.w_scale};
}

template <class T>
void start(const GroupedGemm& g, cudaStream_t stream) {
  const auto kernel = g.operands.format == Format::fp8 ? grouped_fp8<T> : grouped_bf16<T>;
  kernel<<<g.blocks, T::threads, T::shared_bytes, stream>>>(
      hopper::as_cuda(g.x_map), hopper::as_cuda(g.w_map), arguments(g.operands));
  CUDA_TRY(cudaGetLastError());
}

template <class T>
void allow_shared_memory(Format format) {
  const auto kernel = format == Format::fp8 ? grouped_fp8<T> : grouped_bf16<T>;
  CUDA_TRY(
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, T::shared_bytes));
}

TensorMap matrix_map(const GroupedOperands& o, const void* base, std::int64_t rows, int box_rows) {
  const int element = o.format == Format::fp8 ? 1 : 2;
  const auto width = static_cast<std::uint64_t>(o.k), size = static_cast<std::uint64_t>(element);
  const std::array axes{TensorAxis{width, size, static_cast<std::uint32_t>(swizzle_row / element)},
                        TensorAxis{static_cast<std::uint64_t>(rows), width * size,
                                   static_cast<std::uint32_t>(box_rows)}};
  return tensor_map(base, element, axes);
}

}  // namespace

GroupedGemm plan_grouped_gemm(const GroupedOperands& o, int multiprocessors) {
  GroupedGemm g;
  g.operands = o;
  g.has_small_tiles = o.expected_rows <= small_tile_rows;
  g.blocks = multiprocessors;
  const std::int64_t weight_rows = static_cast<std::int64_t>(o.experts) * o.n;
  g.x_map =
      matrix_map(o, o.x, o.row_capacity, g.has_small_tiles ? small_tile_rows : large_tile_rows);
  g.w_map =
      matrix_map(o, o.w, weight_rows, g.has_small_tiles ? small_tile_columns : large_tile_columns);
  if (g.has_small_tiles)
    allow_shared_memory<SmallTile>(o.format);
  else
    allow_shared_memory<LargeTile>(o.format);
  return g;
}

void launch(const GroupedGemm& gemm, Stream stream) {
  if (gemm.has_small_tiles)
    start<SmallTile>(gemm, stream);
  else
    start<LargeTile>(gemm, stream);
}

}  // namespace jevons::calibration
