#pragma once
// Grouped GEMM, bf16 with f32 accumulators. See grouped_gemm.h for the shapes.
// Versions: one product per expert (experts x launches; host must know the sizes) -> one persistent
// grid that walks the tiles of all experts (tile_schedule.h) -> this: a producer warp keeps TMA
// copies of up to eight stages in flight while consumer warpgroups run wgmma on them, and a stage
// is returned one product later, so that the next product is queued before the last one ends.
#include "calibration/kernels/grouped_tile.cuh"
#include "calibration/kernels/wgmma.cuh"

namespace jevons::calibration {

inline constexpr int bf16_step = swizzle_row / 2;  // values of k in a stage

// The products of one tile. `x` skips the rows of earlier warpgroups.
template <class T>
__device__ void multiply_tile_bf16(float (&d)[T::columns / 2], Ring<T>& ring, int k, int x_skip) {
  const bool is_speaker = threadIdx.x % 32 == 0;
  int last = -1;
  for (int done = 0; done < k; done += bf16_step) {
    hopper::wait(&ring.full[ring.at.stage], ring.at.parity);
    const std::uint64_t x = k_major(hopper::shared_address(ring.x()) + x_skip);
    const std::uint64_t w = k_major(hopper::shared_address(ring.w()));
    hopper::pin(d);
    hopper::product_fence();
#pragma unroll
    for (int step = 0; step < 4; ++step)  // 16 values, 32 bytes each
      hopper::multiply_bf16<0>(d, x + moved(32 * step), w + moved(32 * step), done + step > 0);
    hopper::product_commit();
    if (last >= 0) {
      hopper::product_wait<1>();
      if (is_speaker) hopper::arrive(&ring.empty[last]);
    }
    last = ring.at.stage;
    ring.at.next();
  }
  hopper::product_wait<0>();
  hopper::pin(d);
  if (is_speaker) hopper::arrive(&ring.empty[last]);
}

template <class T>
__global__ void __launch_bounds__(T::threads, 1)
    grouped_bf16(const __grid_constant__ CUtensorMap x_map,
                 const __grid_constant__ CUtensorMap w_map, GroupedArguments a) {
  extern __shared__ std::uint8_t raw[];
  __shared__ std::uint64_t full[T::stages], empty[T::stages];
  Ring<T> ring = make_ring<T>(raw, full, empty);
  const int group = static_cast<int>(threadIdx.x) / warpgroup;
  if (group == 0) {
    T::give_registers();
    if (threadIdx.x == 0) feed<T>(ring, &x_map, &w_map, a, bf16_step);
    return;
  }
  T::take_registers();
  const int first = (group - 1) * 64;
  TileSchedule schedule{a.offsets, a.experts, T::rows, (a.n + T::columns - 1) / T::columns};
  Tile tile;
  for (int t = blockIdx.x; schedule.find(t, tile); t += gridDim.x) {
    float d[T::columns / 2];
    multiply_tile_bf16<T>(d, ring, a.k, first * swizzle_row);
    store_rows(d, a, tile, first, tile.column * T::columns);
  }
}

}  // namespace jevons::calibration
