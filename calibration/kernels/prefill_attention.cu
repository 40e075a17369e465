// Causal attention of whole prompts; maths and shapes: prefill_attention.h, reference: reference.h.
// Versions: scores and probabilities through memory (context^2 of them) -> one block per 128
// queries that walks the keys with a running softmax (Dao 2022, arXiv:2205.14135) -> this: a
// producer warp keeps two stages of 128 keys and values in flight by TMA, each of two warpgroups
// holds 64 queries' sums and turns scores into the first operand of the next product without
// leaving its registers; scores of the next keys are queued behind the products of these (Shah et
// al. 2024, arXiv:2407.08608), and one warpgroup's exponentials run beside the other one's
// products.
#include <cmath>

#include <cuda.h>

#include "calibration/kernels/device.h"
#include "calibration/kernels/hopper.cuh"
#include "calibration/kernels/prefill_attention.h"
#include "calibration/kernels/ring_position.h"
#include "calibration/kernels/shared_layout.h"
#include "calibration/kernels/vector8.cuh"
#include "calibration/kernels/wgmma.cuh"

namespace jevons::calibration {

namespace {

constexpr int slab = prefill_keys * swizzle_row;  // 128 rows of 64 values, 16 KiB
constexpr int stages = 2, consumers = 2;
constexpr int threads = (consumers + 1) * warpgroup;
constexpr unsigned all_lanes = ~0U;
constexpr float lowest = -1e30F;  // a finite start, so that no difference is NaN
constexpr float log2_e = 1.44269504F;
static_assert(prefill_rows == 64 * consumers && prefill_rows == prefill_keys);

template <int Dim, int ValueDim>
struct PrefillTile {
  static constexpr int value_dim = ValueDim;
  static constexpr int key_slabs = Dim / 64, value_slabs = ValueDim / 64;
  static constexpr int query_bytes = key_slabs * slab, value_bytes = value_slabs * slab;
  static constexpr int stage_bytes = key_slabs * slab + value_bytes;
  static constexpr int shared_bytes = query_bytes + stages * stage_bytes + swizzle_atom;
};

struct Barriers {
  std::uint64_t queries, full[stages], empty[stages];
};

struct PrefillArguments {
  int context, heads, group;  // group: query heads per kv head
  float scale;                // with log2 e
  std::uint16_t* o;
};

// What a block works on: the longest rows first, so that short ones fill the end.
struct Job {
  int head, kv_head, row, tiles;  // of all sequences; first query; key tiles
};
__device__ Job job_of(const PrefillArguments& a) {
  const int tile = static_cast<int>(gridDim.y - 1 - blockIdx.y);
  const int head = static_cast<int>(blockIdx.x);
  return {head, head / a.group, tile * prefill_rows, tile + 1};
}

template <class T>
__device__ void feed(std::uint8_t* queries, Barriers& barrier, const CUtensorMap* q,
                     const CUtensorMap* k, const CUtensorMap* v, const Job& job) {
  hopper::expect(&barrier.queries, T::query_bytes);
  for (int i = 0; i < T::key_slabs; ++i)
    hopper::load_3d(queries + i * slab, q, i * 64, job.row, job.head, &barrier.queries);
  RingPosition<stages> ring;
  for (int tile = 0; tile < job.tiles; ++tile) {
    std::uint8_t* at = queries + T::query_bytes + ring.stage * T::stage_bytes;
    std::uint64_t* full = &barrier.full[ring.stage];
    hopper::wait(&barrier.empty[ring.stage], ring.parity ^ 1);
    hopper::expect(full, T::stage_bytes);
    for (int i = 0; i < T::key_slabs; ++i)
      hopper::load_3d(at + i * slab, k, i * 64, tile * prefill_keys, job.kv_head, full);
    for (int i = 0; i < T::value_slabs; ++i)
      hopper::load_3d(at + T::query_bytes + i * slab, v, i * 64, tile * prefill_keys, job.kv_head,
                      full);
    ring.next();
  }
}

// Queues the scores of 64 queries against 128 keys.
template <class T>
__device__ void score_keys(float (&score)[64], std::uint32_t queries, std::uint32_t keys) {
  hopper::product_fence();
#pragma unroll
  for (int i = 0; i < T::key_slabs; ++i)
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

// Queues sum += probabilities x values; keys are the k of it. 16 keys are 8 accumulators of each
// thread, in the order in which a first operand wants them.
template <int N>
__device__ void add_values(float (&sum)[N], std::uint32_t (&p)[8][4], std::uint32_t values) {
  hopper::pin(p);
  hopper::pin(sum);
  hopper::product_fence();
#pragma unroll
  for (int step = 0; step < prefill_keys / 16; ++step)
    hopper::add_bf16(sum, p[step],
                     matrix_descriptor(values + step * 16 * swizzle_row, slab, swizzle_atom));
  hopper::product_commit();
}

struct Softmax {
  float largest[2] = {lowest, lowest};
  float total[2] = {0, 0};

  // Turns scores into probabilities relative to the new maxima (of unscaled scores); returns how
  // old sums shrink. Keys beyond `allowed` + row do not count, which the last tile alone has.
  __device__ void step(float (&score)[64], float (&shrink)[2], float scale, int allowed) {
    float now[2] = {largest[0], largest[1]};
    if (allowed < prefill_keys) {
#pragma unroll
      for (int i = 0; i < 64; ++i) {
        const Cell at = accumulator_cell(threadIdx.x % warpgroup, i);
        score[i] = at.column <= allowed + at.row ? score[i] : -INFINITY;
      }
    }
#pragma unroll
    for (int i = 0; i < 64; ++i) now[i / 2 % 2] = fmaxf(now[i / 2 % 2], score[i]);
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      now[half] = fmaxf(now[half], __shfl_xor_sync(all_lanes, now[half], 1));
      now[half] = fmaxf(now[half], __shfl_xor_sync(all_lanes, now[half], 2));
      shrink[half] = power_of_2((largest[half] - now[half]) * scale);
      largest[half] = now[half];
      total[half] *= shrink[half];
      now[half] *= scale;
    }
#pragma unroll
    for (int i = 0; i < 64; ++i) {
      score[i] = power_of_2(fmaf(score[i], scale, -now[i / 2 % 2]));
      total[i / 2 % 2] += score[i];
    }
  }
};

template <class T>
__device__ void store(const float (&sum)[T::value_dim / 2], Softmax& softmax,
                      const PrefillArguments& a, const Job& job, int first) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float& total = softmax.total[half];
    total += __shfl_xor_sync(all_lanes, total, 1);
    total += __shfl_xor_sync(all_lanes, total, 2);
    const int row = job.row + first + accumulator_cell(threadIdx.x % warpgroup, 2 * half).row;
    if (row >= a.context) continue;
    const float factor = 1.0F / total;
    std::uint16_t* to =
        a.o + (static_cast<std::int64_t>(job.head) * a.context + row) * T::value_dim;
#pragma unroll
    for (int i = 2 * half; i < T::value_dim / 2; i += 4) {
      const int column = accumulator_cell(threadIdx.x % warpgroup, i).column;
      *reinterpret_cast<std::uint32_t*>(to + column) = packed(sum[i] * factor, sum[i + 1] * factor);
    }
  }
}

// A consumer warpgroup's whole work: 64 queries from `first` of the block's on.
template <class T>
__device__ void consume(std::uint8_t* shared, Barriers& barrier, const PrefillArguments& a,
                        const Job& job, int first) {
  const std::uint32_t queries = hopper::shared_address(shared) + first * swizzle_row;
  float sum[T::value_dim / 2] = {};
  Softmax softmax;
  RingPosition<stages> ring;
  int last = -1, tile = 0;
  hopper::wait(&barrier.queries, 0);
  do {  // there is a tile, and a way around the loop would interrupt products on their way out
    const std::uint32_t keys =
        hopper::shared_address(shared + T::query_bytes + ring.stage * T::stage_bytes);
    float score[64], shrink[2];
    hopper::wait(&barrier.full[ring.stage], ring.parity);
    score_keys<T>(score, queries, keys);
    hopper::product_wait<0>();  // also of the values before: products of a warpgroup end in order
    hopper::pin(score);
    hopper::pin(sum);
    if (last >= 0 && threadIdx.x % 32 == 0) hopper::arrive(&barrier.empty[last]);
    softmax.step(score, shrink, a.scale, job.row + first - tile * prefill_keys);
#pragma unroll
    for (int i = 0; i < T::value_dim / 2; ++i) sum[i] *= shrink[i / 2 % 2];
    std::uint32_t p[8][4];
#pragma unroll
    for (int i = 0; i < 32; ++i) p[i / 4][i % 4] = packed(score[2 * i], score[2 * i + 1]);
    add_values(sum, p, keys + T::query_bytes);
    last = ring.stage;
    ring.next();
  } while (++tile < job.tiles);
  hopper::product_wait<0>();
  hopper::pin(sum);
  store<T>(sum, softmax, a, job, first);
}

template <class T>
__global__ void __launch_bounds__(threads, 1)
    prefill_kernel(const __grid_constant__ CUtensorMap q_map,
                   const __grid_constant__ CUtensorMap k_map,
                   const __grid_constant__ CUtensorMap v_map, PrefillArguments a) {
  extern __shared__ std::uint8_t raw[];
  __shared__ Barriers barrier;
  if (threadIdx.x == 0) {
    hopper::init(&barrier.queries, 1);
    for (int s = 0; s < stages; ++s) {
      hopper::init(&barrier.full[s], 1);
      hopper::init(&barrier.empty[s], 4 * consumers);
    }
    hopper::publish_inits();
  }
  __syncthreads();
  std::uint8_t* shared = hopper::aligned(raw);
  const Job job = job_of(a);
  const int group = static_cast<int>(threadIdx.x) / warpgroup;
  if (group == 0) {
    hopper::give_registers<40>();
    if (threadIdx.x == 0) feed<T>(shared, barrier, &q_map, &k_map, &v_map, job);
    return;
  }
  hopper::take_registers<232>();
  consume<T>(shared, barrier, a, job, (group - 1) * 64);
}

// [heads of all sequences, context, width], in boxes of 64 values of 128 rows.
TensorMap head_map(const std::uint16_t* base, std::int64_t heads, std::int64_t context, int width) {
  const auto w = static_cast<std::uint64_t>(width), c = static_cast<std::uint64_t>(context);
  const std::array axes{TensorAxis{w, 2, 64}, TensorAxis{c, 2 * w, prefill_rows},
                        TensorAxis{static_cast<std::uint64_t>(heads), 2 * w * c, 1}};
  return tensor_map(base, 2, axes);
}

template <class T>
void start(const PrefillAttention& p, cudaStream_t stream) {
  const PrefillShape& s = p.shape;
  CUDA_TRY(cudaFuncSetAttribute(prefill_kernel<T>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                T::shared_bytes));
  const PrefillArguments a{static_cast<int>(s.context), s.heads, s.heads / s.kv_heads,
                           log2_e / std::sqrt(static_cast<float>(s.dim)), p.o};
  const dim3 grid(static_cast<unsigned>(s.batch * s.heads),
                  static_cast<unsigned>((s.context + prefill_rows - 1) / prefill_rows));
  prefill_kernel<T><<<grid, threads, T::shared_bytes, stream>>>(
      hopper::as_cuda(p.q_map), hopper::as_cuda(p.k_map), hopper::as_cuda(p.v_map), a);
  CUDA_TRY(cudaGetLastError());
}

bool has_kernel(const PrefillShape& s) {
  return (s.dim == 64 && s.value_dim == 64) ||
         ((s.dim == 128 || s.dim == 192) && s.value_dim == 128);
}

}  // namespace

PrefillAttention plan_prefill(const PrefillShape& s, const std::uint16_t* q, const std::uint16_t* k,
                              const std::uint16_t* v, std::uint16_t* o) {
  if (!has_kernel(s)) throw CaseUnavailable("prefill attention has no kernel for this head size");
  return {s, head_map(q, s.batch * s.heads, s.context, s.dim),
          head_map(k, s.batch * s.kv_heads, s.context, s.dim),
          head_map(v, s.batch * s.kv_heads, s.context, s.value_dim), o};
}

void launch(const PrefillAttention& p, Stream stream) {
  if (p.shape.dim == 64)
    start<PrefillTile<64, 64>>(p, stream);
  else if (p.shape.dim == 128)
    start<PrefillTile<128, 128>>(p, stream);
  else
    start<PrefillTile<192, 128>>(p, stream);
}

}  // namespace jevons::calibration
