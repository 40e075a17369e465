// Decode attention over latent caches (MLA, absorbed), bf16; maths and shapes: decode_attention.h,
// reference: reference.h. One block works on 64 heads and a piece of the cache: the 64 queries stay
// in shared memory, 64 cached rows at a time arrive by TMA in two stages, and two warpgroups run
// wgmma. Each warpgroup scores all heads against half of the keys, they agree on the maxima, leave
// the probabilities as one 64 x 64 tile in shared memory, and each adds up half of the value
// columns: no product is done twice and the 64 x 512 sums fit into the registers of both. Versions:
// as grouped decode (rows = heads; mma.sync; the cache is read once per 16 heads) -> this.
#include <cmath>

#include <cuda.h>

#include "calibration/kernels/decode_attention.h"
#include "calibration/kernels/device.h"
#include "calibration/kernels/hopper.cuh"
#include "calibration/kernels/ring_position.h"
#include "calibration/kernels/shared_layout.h"
#include "calibration/kernels/vector8.cuh"
#include "calibration/kernels/wgmma.cuh"

namespace jevons::calibration {

namespace {

constexpr int slab = 64 * swizzle_row;    // 64 rows of 64 values, 8 KiB
constexpr int slabs = mla_dim / 64;       // 9
constexpr int tile_bytes = slabs * slab;  // queries, or one stage of the cache
constexpr int stages = 2;
constexpr int group_keys = mla_keys / 2;             // scored by one warpgroup
constexpr int group_slabs = mla_value_dim / 64 / 2;  // value columns of one warpgroup: 4 x 64
constexpr int threads = 3 * warpgroup, consumers = 2 * warpgroup;
constexpr int shared_bytes = (1 + stages) * tile_bytes + slab + swizzle_atom;
constexpr unsigned all_lanes = ~0U;
constexpr float lowest = -1e30F;  // a finite start, so that no difference is NaN
constexpr float log2_e = 1.44269504F;

struct MlaShared {
  std::uint8_t* queries;
  std::uint8_t* cache;  // stages one behind the other
  std::uint8_t* probabilities;
};

struct Barriers {
  std::uint64_t queries, full[stages], empty[stages];
};

struct MlaArguments {
  std::int64_t context, length, rows;
  int heads;
  Partials partials;
  float scale;
};

__device__ MlaShared layout(std::uint8_t* raw) {
  std::uint8_t* base = hopper::aligned(raw);
  return {base, base + tile_bytes, base + (1 + stages) * tile_bytes};
}

// The producer thread. Rows behind the cache's end arrive as zeros.
__device__ void feed(const MlaShared& at, Barriers& barrier, const CUtensorMap* q,
                     const CUtensorMap* cache, int q_row, int sequence, int from, int to) {
  hopper::expect(&barrier.queries, tile_bytes);
  for (int i = 0; i < slabs; ++i)
    hopper::load_2d(at.queries + i * slab, q, i * 64, q_row, &barrier.queries);
  RingPosition<stages> ring;
  for (int key = from; key < to; key += mla_keys) {
    hopper::wait(&barrier.empty[ring.stage], ring.parity ^ 1);
    hopper::expect(&barrier.full[ring.stage], tile_bytes);
    for (int i = 0; i < slabs; ++i)
      hopper::load_3d(at.cache + ring.stage * tile_bytes + i * slab, cache, i * 64, key, sequence,
                      &barrier.full[ring.stage]);
    ring.next();
  }
}

// Queues the scores of 64 heads against this warpgroup's 32 keys.
__device__ void score_keys(float (&score)[16], std::uint32_t queries, std::uint32_t keys) {
  hopper::product_fence();
#pragma unroll
  for (int i = 0; i < slabs; ++i)
#pragma unroll
    for (int step = 0; step < 4; ++step) {
      const std::uint64_t q = k_major(queries + i * slab + step * 32);
      const std::uint64_t k = k_major(keys + i * slab + step * 32);
      if (i + step == 0)
        hopper::begin_bf16(score, q, k);
      else
        hopper::multiply_bf16<0>(score, q, k, 1);
    }
  hopper::product_commit();
}

// Queues sum += probabilities x values for this warpgroup's 256 columns; keys are the k of it.
__device__ void add_values(float (&sum)[128], std::uint32_t probabilities, std::uint32_t values) {
  hopper::pin(sum);
  hopper::product_fence();
#pragma unroll
  for (int step = 0; step < mla_keys / 16; ++step)
    hopper::multiply_bf16<1>(
        sum, k_major(probabilities + step * 32),
        matrix_descriptor(values + step * 16 * swizzle_row, slab, swizzle_atom), 1);
  hopper::product_commit();
}

// Both warpgroups' maxima (or sums) of the 64 rows meet here.
struct RowExchange {
  float value[2][64];
};
template <class Merge>
__device__ void exchange(RowExchange& at, float (&x)[2], int group, int row, Merge merge) {
  if (threadIdx.x % 4 == 0) {
    at.value[group][row] = x[0];
    at.value[group][row + 8] = x[1];
  }
  hopper::meet(1, consumers);
#pragma unroll
  for (int half = 0; half < 2; ++half)
    x[half] = merge(at.value[0][row + 8 * half], at.value[1][row + 8 * half]);
}

struct Larger {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};
struct Added {
  __device__ float operator()(float a, float b) const { return a + b; }
};

template <class Merge>
__device__ void merge_quad(float (&x)[2], Merge merge) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    x[half] = merge(x[half], __shfl_xor_sync(all_lanes, x[half], 1));
    x[half] = merge(x[half], __shfl_xor_sync(all_lanes, x[half], 2));
  }
}

// Running softmax; the maxima are the same in both warpgroups, totals are of their own keys.
struct Softmax {
  float largest[2] = {lowest, lowest};
  float total[2] = {0, 0};

  // Turns scores into probabilities relative to the new maxima; returns how old sums shrink.
  __device__ void step(float (&score)[16], float (&shrink)[2], RowExchange& maxima, int group,
                       int row, int keys_left, float scale) {
    float now[2] = {largest[0], largest[1]};
#pragma unroll
    for (int i = 0; i < 16; ++i) {
      const int key = group * group_keys + accumulator_cell(threadIdx.x % warpgroup, i).column;
      score[i] = key < keys_left ? score[i] * scale : -INFINITY;
      now[i / 2 % 2] = fmaxf(now[i / 2 % 2], score[i]);
    }
    merge_quad(now, Larger{});
    exchange(maxima, now, group, row, Larger{});
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      shrink[half] = power_of_2(largest[half] - now[half]);
      largest[half] = now[half];
      total[half] *= shrink[half];
    }
#pragma unroll
    for (int i = 0; i < 16; ++i) {
      score[i] = power_of_2(score[i] - now[i / 2 % 2]);
      total[i / 2 % 2] += score[i];
    }
  }
};

__device__ void store_probabilities(const float (&p)[16], std::uint8_t* tile, int group) {
#pragma unroll
  for (int i = 0; i < 16; i += 2) {
    const Cell at = accumulator_cell(threadIdx.x % warpgroup, i);
    const std::uint32_t offset =
        swizzled(at.row * swizzle_row + (group * group_keys + at.column) * 2);
    *reinterpret_cast<std::uint32_t*>(tile + offset) = packed(p[i], p[i + 1]);
  }
}

__device__ void store_partials(const float (&sum)[128], const Softmax& softmax,
                               const MlaArguments& a, std::int64_t q_row, int group, int row) {
  const std::int64_t first = blockIdx.x * a.rows + q_row;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const std::int64_t out = first + row + 8 * half;
    const float factor = softmax.total[half] > 0 ? 1.0F / softmax.total[half] : 0.0F;
    float* to = a.partials.sums + out * mla_value_dim + group * (mla_value_dim / 2);
#pragma unroll
    for (int i = 2 * half; i < 128; i += 4) {
      const int column = accumulator_cell(threadIdx.x % warpgroup, i).column;
      *reinterpret_cast<float2*>(to + column) = make_float2(sum[i] * factor, sum[i + 1] * factor);
    }
    if (group == 0 && threadIdx.x % 4 == 0)
      a.partials.logs[out] = softmax.largest[half] + log2f(softmax.total[half]);
  }
}

// A consumer warpgroup's whole work.
__device__ void consume(const MlaShared& at, Barriers& barrier, RowExchange& maxima,
                        RowExchange& totals, const MlaArguments& a, std::int64_t q_row, int from,
                        int to) {
  const int group = static_cast<int>(threadIdx.x) / warpgroup - 1;
  const int row = accumulator_cell(threadIdx.x % warpgroup, 0).row;
  const std::uint32_t queries = hopper::shared_address(at.queries);
  const std::uint32_t probabilities = hopper::shared_address(at.probabilities);
  float sum[128] = {};
  Softmax softmax;
  RingPosition<stages> ring;
  int last = -1;
  hopper::wait(&barrier.queries, 0);
  int key = from;
  do {  // no piece is empty, and a way around the loop would interrupt the products on their way
        // out
    const std::uint32_t cache = hopper::shared_address(at.cache + ring.stage * tile_bytes);
    float score[16], shrink[2];
    hopper::wait(&barrier.full[ring.stage], ring.parity);
    score_keys(score, queries, cache + group * group_keys * swizzle_row);
    hopper::product_wait<0>();  // also of the values before: products of a warpgroup end in order
    hopper::pin(score);
    hopper::pin(sum);
    if (last >= 0 && threadIdx.x % 32 == 0) hopper::arrive(&barrier.empty[last]);
    softmax.step(score, shrink, maxima, group, row, to - key, a.scale);
#pragma unroll
    for (int i = 0; i < 128; ++i) sum[i] *= shrink[i / 2 % 2];
    store_probabilities(score, at.probabilities, group);
    hopper::publish_to_async();
    hopper::meet(2, consumers);
    add_values(sum, probabilities, cache + group * group_slabs * slab);
    last = ring.stage;
    ring.next();
    key += mla_keys;
  } while (key < to);
  hopper::product_wait<0>();
  hopper::pin(sum);
  merge_quad(softmax.total, Added{});
  exchange(totals, softmax.total, group, row, Added{});
  store_partials(sum, softmax, a, q_row, group, row);
}

__global__ void __launch_bounds__(threads, 1)
    mla_kernel(const __grid_constant__ CUtensorMap q_map,
               const __grid_constant__ CUtensorMap cache_map, MlaArguments a) {
  extern __shared__ std::uint8_t raw[];
  __shared__ Barriers barrier;
  __shared__ RowExchange maxima, totals;
  if (threadIdx.x == 0) {
    hopper::init(&barrier.queries, 1);
    for (int s = 0; s < stages; ++s) {
      hopper::init(&barrier.full[s], 1);
      hopper::init(&barrier.empty[s], consumers / 32);
    }
    hopper::publish_inits();
  }
  __syncthreads();
  const MlaShared at = layout(raw);
  const int sequence = blockIdx.z;
  const int q_row = sequence * a.heads + blockIdx.y * mla_heads_of_block;
  const std::int64_t start = blockIdx.x * a.length;
  const int from = static_cast<int>(start);
  const int to = static_cast<int>(min(start + a.length, a.context));
  if (threadIdx.x < warpgroup) {
    hopper::give_registers<40>();
    if (threadIdx.x == 0) feed(at, barrier, &q_map, &cache_map, q_row, sequence, from, to);
    return;
  }
  hopper::take_registers<232>();
  consume(at, barrier, maxima, totals, a, q_row, from, to);
}

}  // namespace

SplitPlan plan_mla(const DecodeShape& s, int multiprocessors) {
  return plan_splits(s.batch * (s.heads / mla_heads_of_block), s.context, multiprocessors, mla_keys,
                     4 * mla_keys);
}

TensorMap mla_q_map(const std::uint16_t* q, const DecodeShape& s) {
  const auto rows = static_cast<std::uint64_t>(s.batch * s.heads);
  const std::array axes{TensorAxis{mla_dim, 2, 64},
                        TensorAxis{rows, 2 * mla_dim, mla_heads_of_block}};
  return tensor_map(q, 2, axes);
}

TensorMap mla_cache_map(const std::uint16_t* cache, const DecodeShape& s) {
  const auto context = static_cast<std::uint64_t>(s.context);
  const std::array axes{TensorAxis{mla_dim, 2, 64}, TensorAxis{context, 2 * mla_dim, mla_keys},
                        TensorAxis{static_cast<std::uint64_t>(s.batch), 2 * mla_dim * context, 1}};
  return tensor_map(cache, 2, axes);
}

void launch(const MlaDecode& d, Stream stream) {
  const DecodeShape& s = d.shape;
  if (s.heads % mla_heads_of_block != 0 || s.dim != mla_dim || s.value_dim != mla_value_dim)
    throw CaseUnavailable("latent decode attention has no kernel for this shape");
  CUDA_TRY(
      cudaFuncSetAttribute(mla_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes));
  const MlaArguments a{s.context, d.split.length, s.batch * s.heads,
                       s.heads,   d.partials,     mla_scale * log2_e};
  const dim3 grid(static_cast<unsigned>(d.split.splits),
                  static_cast<unsigned>(s.heads / mla_heads_of_block),
                  static_cast<unsigned>(s.batch));
  mla_kernel<<<grid, threads, shared_bytes, stream>>>(hopper::as_cuda(d.q_map),
                                                      hopper::as_cuda(d.cache_map), a);
  CUDA_TRY(cudaGetLastError());
  merge_splits(d.partials, d.split.splits, s.batch * s.heads, mla_value_dim, d.o, stream);
}

}  // namespace jevons::calibration
