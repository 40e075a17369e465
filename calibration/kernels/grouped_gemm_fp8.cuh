#pragma once
// Grouped GEMM, e4m3 with block scales: y = sum over blocks b of 128 values of k of
//   x_scale[b][row] w_scale[expert][column / 128][b] (x[row, b] . w[column, b]).
// See grouped_gemm.h for the shapes. The tensor cores of Hopper keep about 14 bits when they add up
// fp8 products, so every block is summed on its own and added to f32 accumulators on the CUDA cores
// together with its scales; while one warpgroup does so, the other one's products run.
// Versions: as bf16; the halves of a 256 column tile share one set of block accumulators, since two
// sets would not fit into the registers.
#include "calibration/kernels/grouped_tile.cuh"
#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/wgmma.cuh"

namespace jevons::calibration {

template <class T>
struct Fp8Tile {
  static constexpr int halves = T::columns / scale_block;
};

// Scales of one block of k: of this thread's two rows and of the tile's column blocks.
template <int Halves>
struct BlockScales {
  float row[2];
  float column[Halves];
};

template <class T>
__device__ BlockScales<Fp8Tile<T>::halves> scales_at(const GroupedArguments& a, const Tile& tile,
                                                     int row, int block) {
  const int blocks = (a.k + scale_block - 1) / scale_block;
  const int column_blocks = (a.n + scale_block - 1) / scale_block;
  BlockScales<Fp8Tile<T>::halves> s{};
  if (block >= blocks) return s;
  const float* x = a.x_scale + block * a.x_scale_stride + tile.row + row;
  if (row < tile.rows) s.row[0] = x[0];
  if (row + 8 < tile.rows) s.row[1] = x[8];
#pragma unroll
  for (int h = 0; h < Fp8Tile<T>::halves; ++h) {
    const int column = tile.column * Fp8Tile<T>::halves + h;
    if (column < column_blocks)
      s.column[h] =
          a.w_scale[(static_cast<std::int64_t>(tile.expert) * column_blocks + column) * blocks +
                    block];
  }
  return s;
}

// One half's block product, summed apart.
__device__ inline void multiply_block(float (&sum)[64], std::uint64_t x, std::uint64_t w) {
  hopper::pin(sum);
  hopper::product_fence();
#pragma unroll
  for (int step = 0; step < 4; ++step)  // 32 values, 32 bytes each
    hopper::multiply_e4m3(sum, x + moved(32 * step), w + moved(32 * step), step > 0);
  hopper::product_commit();
  hopper::product_wait<0>();
  hopper::pin(sum);
}

__device__ inline void add_scaled(float (&d)[64], const float (&sum)[64], const float (&row)[2],
                                  float column) {
  const float scale[2] = {row[0] * column, row[1] * column};
#pragma unroll
  for (int i = 0; i < 64; ++i) d[i] = fmaf(scale[i / 2 % 2], sum[i], d[i]);
}

template <class T>
__device__ void multiply_tile_fp8(float (&d)[Fp8Tile<T>::halves][64], Ring<T>& ring,
                                  const GroupedArguments& a, const Tile& tile, int first) {
  const int row = first + accumulator_cell(threadIdx.x % warpgroup, 0).row;
  BlockScales<Fp8Tile<T>::halves> next = scales_at<T>(a, tile, row, 0);
  for (int block = 0; block * scale_block < a.k; ++block) {
    const BlockScales<Fp8Tile<T>::halves> scales = next;
    next = scales_at<T>(a, tile, row, block + 1);  // arrives while the products run
    hopper::wait(&ring.full[ring.at.stage], ring.at.parity);
    const std::uint64_t x = k_major(hopper::shared_address(ring.x()) + first * swizzle_row);
    const std::uint64_t w = k_major(hopper::shared_address(ring.w()));
#pragma unroll
    for (int h = 0; h < Fp8Tile<T>::halves; ++h) {
      float sum[64];
      multiply_block(sum, x, w + moved(h * scale_block * swizzle_row));
      if (h + 1 == Fp8Tile<T>::halves && threadIdx.x % 32 == 0)
        hopper::arrive(&ring.empty[ring.at.stage]);
      add_scaled(d[h], sum, scales.row, scales.column[h]);
    }
    ring.at.next();
  }
}

template <class T>
__global__ void __launch_bounds__(T::threads, 1)
    grouped_fp8(const __grid_constant__ CUtensorMap x_map,
                const __grid_constant__ CUtensorMap w_map, GroupedArguments a) {
  extern __shared__ std::uint8_t raw[];
  __shared__ std::uint64_t full[T::stages], empty[T::stages];
  Ring<T> ring = make_ring<T>(raw, full, empty);
  const int group = static_cast<int>(threadIdx.x) / warpgroup;
  if (group == 0) {
    T::give_registers();
    if (threadIdx.x == 0) feed<T>(ring, &x_map, &w_map, a, swizzle_row);
    return;
  }
  T::take_registers();
  const int first = (group - 1) * 64;
  TileSchedule schedule{a.offsets, a.experts, T::rows, (a.n + T::columns - 1) / T::columns};
  Tile tile;
  for (int t = blockIdx.x; schedule.find(t, tile); t += gridDim.x) {
    float d[Fp8Tile<T>::halves][64] = {};
    multiply_tile_fp8<T>(d, ring, a, tile, first);
#pragma unroll
    for (int h = 0; h < Fp8Tile<T>::halves; ++h)
      store_rows(d[h], a, tile, first, tile.column * T::columns + h * scale_block);
  }
}

}  // namespace jevons::calibration
