// Decode attention with grouped heads, bf16; maths and shapes: decode_attention.h, reference:
// reference.h. Versions: one block per sequence and head (cache read once per head) -> one block
// per sequence and kv head, its up to 16 query heads as the rows of a tensor core product, the
// cache cut into pieces -> each warp streams its own 16 keys of 64 through four stages of shared
// memory with cp.async, so that no warp waits for another until the end.
#include <cuda_bf16.h>

#include "calibration/kernels/attention_layout.h"
#include "calibration/kernels/decode_attention.h"
#include "calibration/kernels/device.h"
#include "calibration/kernels/vector8.cuh"

namespace jevons::calibration {

namespace {

constexpr int warps = 4, threads = 32 * warps;
constexpr int warp_keys = gqa_keys / warps;  // 16, the k of a product
constexpr int stages = 4;
constexpr unsigned all_lanes = ~0U;
constexpr float lowest = -1e30F;  // a finite start, so that no difference is NaN
constexpr float log2_e = 1.44269504F;

template <int Dim>
struct GqaTile {
  static constexpr int chunks = Dim / 8;              // of 16 bytes in a row
  static constexpr int vectors = warp_keys * chunks;  // of one warp's keys (or values)
  static constexpr int steps = Dim / 16;              // products along dim
  static constexpr int stage = 2 * vectors;           // keys, then values
  static constexpr int shared_bytes = warps * stages * stage * 16;
  static_assert(shared_bytes == gqa_shared_bytes(Dim));
};

__device__ void copy_async(uint4* to, const void* from, bool is_real) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
               "r"(is_real ? 16 : 0)
               : "memory");
}
__device__ void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
template <int Pending>
__device__ void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}
__device__ void load_matrices(std::uint32_t (&r)[4], const uint4* from) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(from));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}
__device__ void load_transposed(std::uint32_t (&r)[4], const uint4* from) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(from));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}
__device__ void multiply(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                         std::uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7},"
      " {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// What one block works on.
struct Piece {
  std::int64_t q_row;     // first query row, batch x heads
  std::int64_t kv_row;    // first key of the sequence and kv head
  std::int64_t from, to;  // its keys
  int heads;              // query heads of the group
};
__device__ Piece piece_of(const GqaDecode& d) {
  const DecodeShape& s = d.shape;
  const std::int64_t group = blockIdx.x;  // batch x kv_heads
  const int heads = s.heads / s.kv_heads;
  const std::int64_t from = blockIdx.y * d.split.length;
  return {group * heads, group * s.context, from, min(from + d.split.length, s.context), heads};
}

// The query heads as first operands; rows without a head are zero.
template <int Dim>
__device__ void load_queries(std::uint32_t (&q)[Dim / 16][4], const GqaDecode& d, const Piece& p,
                             int lane) {
#pragma unroll
  for (int step = 0; step < Dim / 16; ++step)
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      const TilePlace at = operand_cell(lane, r, 0);
      const std::uint16_t* from = d.q + (p.q_row + at.row) * Dim + step * 16 + at.chunk;
      q[step][r] = at.row < p.heads ? *reinterpret_cast<const std::uint32_t*>(from) : 0;
    }
}

// Asks for 16 keys and values from `key` on; those behind the piece arrive as zeros.
template <int Dim>
__device__ void ask(uint4* stage, const GqaDecode& d, const Piece& p, std::int64_t key, int lane) {
  using T = GqaTile<Dim>;
#pragma unroll
  for (int i = lane; i < T::vectors; i += 32) {
    const int row = i / T::chunks, chunk = i % T::chunks;
    const bool is_real = key + row < p.to;
    const std::int64_t from = (p.kv_row + (is_real ? key + row : p.from)) * Dim + chunk * 8;
    const int place = chunk_place(row, chunk, T::chunks);
    copy_async(stage + place, d.k + from, is_real);
    copy_async(stage + T::vectors + place, d.v + from, is_real);
  }
}

// Running softmax of a warp: rows lane / 4 and lane / 4 + 8.
template <int Dim>
struct Running {
  float sum[Dim / 8][4] = {};
  float largest[2] = {lowest, lowest};
  float total[2] = {0, 0};
};

// Products of the query heads with 16 keys.
template <int Dim>
__device__ void score_keys(float (&score)[2][4], const std::uint32_t (&q)[Dim / 16][4],
                           const uint4* stage, int lane) {
  using T = GqaTile<Dim>;
#pragma unroll
  for (int step = 0; step < T::steps; ++step) {
    std::uint32_t k[4];
    const TilePlace at = key_place(lane, step);
    load_matrices(k, stage + chunk_place(at.row, at.chunk, T::chunks));
    multiply(score[0], q[step], k[0], k[1]);
    multiply(score[1], q[step], k[2], k[3]);
  }
}

// Turns scores into probabilities relative to the new maxima and shrinks the old sums to them.
template <int Dim>
__device__ void weigh_keys(Running<Dim>& run, float (&score)[2][4], std::int64_t keys_left,
                           float scale, int lane) {
  float largest[2] = {run.largest[0], run.largest[1]};
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    float& x = score[i / 4][i % 4];
    const bool is_real = i / 4 * 8 + result_cell(lane, i % 4).chunk < keys_left;
    x = is_real ? x * scale : -INFINITY;
    largest[i / 2 % 2] = fmaxf(largest[i / 2 % 2], x);
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    largest[half] = fmaxf(largest[half], __shfl_xor_sync(all_lanes, largest[half], 1));
    largest[half] = fmaxf(largest[half], __shfl_xor_sync(all_lanes, largest[half], 2));
    const float shrink = power_of_2(run.largest[half] - largest[half]);
    run.largest[half] = largest[half];
    run.total[half] *= shrink;
#pragma unroll
    for (int n = 0; n < Dim / 8; ++n) {
      run.sum[n][2 * half] *= shrink;
      run.sum[n][2 * half + 1] *= shrink;
    }
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    float& x = score[i / 4][i % 4];
    x = power_of_2(x - largest[i / 2 % 2]);
    run.total[i / 2 % 2] += x;
  }
}

// Adds the values of 16 keys, weighed by their probabilities.
template <int Dim>
__device__ void add_values(Running<Dim>& run, const float (&score)[2][4], const uint4* stage,
                           int lane) {
  using T = GqaTile<Dim>;
  const std::uint32_t p[4] = {packed(score[0][0], score[0][1]), packed(score[0][2], score[0][3]),
                              packed(score[1][0], score[1][1]), packed(score[1][2], score[1][3])};
#pragma unroll
  for (int pair = 0; pair < T::steps; ++pair) {
    std::uint32_t v[4];
    const TilePlace at = value_place(lane, pair);
    load_transposed(v, stage + T::vectors + chunk_place(at.row, at.chunk, T::chunks));
    multiply(run.sum[2 * pair], p, v[0], v[1]);
    multiply(run.sum[2 * pair + 1], p, v[2], v[3]);
  }
}

// The warps' sums, brought to a common maximum, become the piece's partial result.
template <int Dim>
__device__ void merge_warps(Running<Dim>& run, const GqaDecode& d, const Piece& p, float* shared) {
  __shared__ float largest[warps][16], total[warps][16];
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    run.total[half] += __shfl_xor_sync(all_lanes, run.total[half], 1);
    run.total[half] += __shfl_xor_sync(all_lanes, run.total[half], 2);
    if (lane % 4 != 0) continue;
    largest[warp][lane / 4 + 8 * half] = run.largest[half];
    total[warp][lane / 4 + 8 * half] = run.total[half];
  }
  __syncthreads();  // also: the stages are free to hold the sums
#pragma unroll
  for (int n = 0; n < Dim / 8; ++n)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const TilePlace at = result_cell(lane, i);
      shared[(warp * 16 + at.row) * Dim + n * 8 + at.chunk] = run.sum[n][i];
    }
  __syncthreads();
  const std::int64_t rows = d.shape.batch * d.shape.heads;
  for (int i = threadIdx.x; i < p.heads * Dim; i += threads) {
    const int row = i / Dim;
    float most = lowest, sum = 0, all = 0;
    for (int w = 0; w < warps; ++w) most = fmaxf(most, largest[w][row]);
    for (int w = 0; w < warps; ++w) {
      const float factor = power_of_2(largest[w][row] - most);
      sum += factor * shared[w * 16 * Dim + i];
      all += factor * total[w][row];
    }
    const std::int64_t out = blockIdx.y * rows + p.q_row + row;
    d.partials.sums[out * Dim + i % Dim] = sum / all;
    if (i % Dim == 0) d.partials.logs[out] = most + log2f(all);
  }
}

template <int Dim>
__global__ void __launch_bounds__(threads, 1) gqa_kernel(GqaDecode d, float scale) {
  using T = GqaTile<Dim>;
  extern __shared__ uint4 shared[];
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const Piece piece = piece_of(d);
  uint4* ring = shared + warp * stages * T::stage;
  const std::int64_t first = piece.from + warp * warp_keys;
  std::uint32_t q[T::steps][4];
  load_queries<Dim>(q, d, piece, lane);
  for (int s = 0; s + 1 < stages; ++s) {
    ask<Dim>(ring + s * T::stage, d, piece, first + s * gqa_keys, lane);
    commit_copies();
  }
  Running<Dim> run;
  int stage = 0;
  for (std::int64_t key = first; key < piece.to; key += gqa_keys) {
    wait_copies<stages - 2>();
    __syncwarp();
    const int behind = (stage + stages - 1) % stages;  // read in the round before
    ask<Dim>(ring + behind * T::stage, d, piece, key + (stages - 1) * gqa_keys, lane);
    commit_copies();
    float score[2][4] = {};
    score_keys<Dim>(score, q, ring + stage * T::stage, lane);
    weigh_keys<Dim>(run, score, piece.to - key, scale, lane);
    add_values<Dim>(run, score, ring + stage * T::stage, lane);
    stage = (stage + 1) % stages;
    __syncwarp();
  }
  wait_copies<0>();
  merge_warps<Dim>(run, d, piece, reinterpret_cast<float*>(shared));
}

template <int Dim>
void start(const GqaDecode& d, cudaStream_t stream) {
  CUDA_TRY(cudaFuncSetAttribute(gqa_kernel<Dim>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                GqaTile<Dim>::shared_bytes));
  const dim3 grid(static_cast<unsigned>(d.shape.batch * d.shape.kv_heads),
                  static_cast<unsigned>(d.split.splits));
  const float scale = log2_e / std::sqrt(static_cast<float>(Dim));
  gqa_kernel<Dim><<<grid, threads, GqaTile<Dim>::shared_bytes, stream>>>(d, scale);
  CUDA_TRY(cudaGetLastError());
}

__global__ void merge_kernel(Partials in, int splits, std::int64_t rows, int dim,
                             std::uint16_t* o) {
  const std::int64_t row = blockIdx.x;
  float most = lowest;
  for (int s = 0; s < splits; ++s) most = fmaxf(most, in.logs[s * rows + row]);
  for (int c = threadIdx.x * 2; c < dim; c += static_cast<int>(blockDim.x) * 2) {
    float all = 0, low = 0, high = 0;
    for (int s = 0; s < splits; ++s) {
      const float weight = power_of_2(in.logs[s * rows + row] - most);
      const float2 x = *reinterpret_cast<const float2*>(in.sums + (s * rows + row) * dim + c);
      all += weight;
      low = fmaf(weight, x.x, low);
      high = fmaf(weight, x.y, high);
    }
    *reinterpret_cast<std::uint32_t*>(o + row * dim + c) = packed(low / all, high / all);
  }
}

}  // namespace

SplitPlan plan_gqa(const DecodeShape& s, int multiprocessors) {
  // Of blocks that stage 128 (dim 64: 64) KiB one (three) fits into a multiprocessor.
  const std::int64_t slots = std::int64_t{multiprocessors} * (s.dim == 64 ? 3 : 1);
  return plan_splits(s.batch * s.kv_heads, s.context, slots, gqa_keys, 4 * gqa_keys);
}

void launch(const GqaDecode& d, Stream stream) {
  const DecodeShape& s = d.shape;
  if (s.heads > gqa_heads_of_block * s.kv_heads || (s.dim != 64 && s.dim != 128))
    throw CaseUnavailable("grouped decode attention has no kernel for these heads");
  if (s.dim == 64)
    start<64>(d, stream);
  else
    start<128>(d, stream);
  merge_splits(d.partials, d.split.splits, s.batch * s.heads, s.dim, d.o, stream);
}

void merge_splits(const Partials& partials, int splits, std::int64_t rows, int value_dim,
                  std::uint16_t* o, Stream stream) {
  merge_kernel<<<static_cast<unsigned>(rows), 128, 0, stream>>>(partials, splits, rows, value_dim,
                                                                o);
  CUDA_TRY(cudaGetLastError());
}

}  // namespace jevons::calibration
