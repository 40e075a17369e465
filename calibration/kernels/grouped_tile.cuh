#pragma once
// What the grouped GEMMs of both formats share: the ring of tile stages in shared memory, the warp
// that fills it, and the way of a result tile to memory.
#include <cstdint>

#include <cuda.h>

#include "calibration/kernels/hopper.cuh"
#include "calibration/kernels/ring_position.h"
#include "calibration/kernels/shared_layout.h"
#include "calibration/kernels/tile_schedule.h"
#include "calibration/kernels/vector8.cuh"

namespace jevons::calibration {

// One producer warpgroup and Warpgroups consumers of 64 rows each. A stage holds 128 bytes of k of
// every row of x and w.
template <int Warpgroups, int Columns, int Stages>
struct GroupedTile {
  static constexpr int consumers = Warpgroups, rows = 64 * Warpgroups, columns = Columns,
                       stages = Stages;
  static constexpr int x_bytes = rows * swizzle_row, w_bytes = columns * swizzle_row;
  static constexpr int stage_bytes = x_bytes + w_bytes;
  static constexpr int threads = warpgroup * (Warpgroups + 1);
  static constexpr int shared_bytes = stages * stage_bytes + swizzle_atom;  // and room to align

  // With one consumer warpgroup there are registers enough for all.
  __device__ static void give_registers() {
    if constexpr (consumers > 1) hopper::give_registers<40>();
  }
  __device__ static void take_registers() {
    if constexpr (consumers > 1) hopper::take_registers<232>();
  }
};

struct GroupedArguments {
  const std::int32_t* offsets;
  int experts, n, k;
  __nv_bfloat16* y;
  const float* x_scale;
  std::int64_t x_scale_stride;
  const float* w_scale;
};

template <class T>
struct Ring {
  std::uint8_t* tiles;
  std::uint64_t* full;
  std::uint64_t* empty;
  RingPosition<T::stages> at{};

  __device__ std::uint8_t* x() const { return tiles + at.stage * T::stage_bytes; }
  __device__ std::uint8_t* w() const { return x() + T::x_bytes; }
};

// Sets up the barriers: a stage is full when its bytes are there, empty when every consumer warp
// has said so.
template <class T>
__device__ Ring<T> make_ring(std::uint8_t* raw, std::uint64_t* full, std::uint64_t* empty) {
  if (threadIdx.x == 0) {
    for (int s = 0; s < T::stages; ++s) {
      hopper::init(&full[s], 1);
      hopper::init(&empty[s], 4 * T::consumers);
    }
    hopper::publish_inits();
  }
  __syncthreads();
  return {hopper::aligned(raw), full, empty};
}

// The producer: one thread asks for all tiles in the order in which the consumers take them. Rows
// behind an expert's last are those of the next expert and are not stored; TMA fills what lies
// outside of the tensors with zeros, among it the end of k.
template <class T>
__device__ void feed(Ring<T> ring, const CUtensorMap* x, const CUtensorMap* w,
                     const GroupedArguments& a, int step) {
  TileSchedule schedule{a.offsets, a.experts, T::rows, (a.n + T::columns - 1) / T::columns};
  Tile tile;
  for (int t = blockIdx.x; schedule.find(t, tile); t += gridDim.x) {
    for (int k = 0; k < a.k; k += step) {
      hopper::wait(&ring.empty[ring.at.stage], ring.at.parity ^ 1);
      std::uint64_t* full = &ring.full[ring.at.stage];
      hopper::expect(full, T::stage_bytes);
      hopper::load_2d(ring.x(), x, k, tile.row, full);
      hopper::load_2d(ring.w(), w, k, tile.expert * a.n + tile.column * T::columns, full);
      ring.at.next();
    }
  }
}

// Transposes the quad's packed pairs (shared_layout.h).
__device__ inline void transpose_quad(std::uint32_t (&p)[4], int lane) {
#pragma unroll
  for (int bit = 1; bit <= 2; ++bit) {
    const bool is_upper = (lane & bit) != 0;
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) {
      const int low = lower_piece(bit, pair), high = low + bit;
      const std::uint32_t got = __shfl_xor_sync(~0U, is_upper ? p[low] : p[high], bit);
      p[low] = is_upper ? got : p[low];
      p[high] = is_upper ? p[high] : got;
    }
  }
}

// Stores a warpgroup's 64 x 2N accumulators as bf16 at `column` of its rows; `first` is its first
// row within the tile. Rows and columns outside of the result are left alone.
template <int N>
__device__ void store_rows(const float (&d)[N], const GroupedArguments& a, const Tile& tile,
                           int first, int column) {
  const int thread = threadIdx.x % warpgroup, lane = thread % 32;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = first + accumulator_cell(thread, 2 * half).row;
    __nv_bfloat16* out = a.y + static_cast<std::int64_t>(tile.row + row) * a.n;
#pragma unroll
    for (int i = 2 * half; i < N; i += 16) {
      std::uint32_t p[4];
#pragma unroll
      for (int piece = 0; piece < 4; ++piece)
        p[piece] = packed(d[i + 4 * piece], d[i + 4 * piece + 1]);
      transpose_quad(p, lane);
      const int c = column + (i / 16 * 4 + lane % 4) * 8;
      if (row < tile.rows && c < a.n)
        *reinterpret_cast<uint4*>(out + c) = make_uint4(p[0], p[1], p[2], p[3]);
    }
  }
}

}  // namespace jevons::calibration
