// Counting sort of choices by expert and copy of their rows; shapes: dispatch.h, reference:
// reference.h. Versions: radix sort of (expert, choice) pairs -> counting sort in three small
// kernels (count per chunk, one scan, place with warp votes) and a copy that reads every token once
// and writes it top_k times.
#include "calibration/kernels/device.h"
#include "calibration/kernels/dispatch.h"
#include "calibration/kernels/number_formats.h"

namespace jevons::calibration {

namespace {

constexpr int block = 256, warps = block / 32;
constexpr int scan_block = most_experts;
constexpr unsigned all_lanes = ~0U;

__device__ int chosen(const Dispatch& d, std::int64_t i) {
  return i < d.tokens * d.top_k ? d.expert[i] : -1;
}

__global__ void __launch_bounds__(block) count_kernel(Dispatch d) {
  __shared__ int count[most_experts];
  for (int e = threadIdx.x; e < d.experts; e += block) count[e] = 0;
  __syncthreads();
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * sort_chunk;
  for (int i = threadIdx.x; i < sort_chunk; i += block) {
    const int e = chosen(d, first + i);
    if (e >= 0) atomicAdd(&count[e], 1);
  }
  __syncthreads();
  std::int32_t* out = d.chunk_counts + static_cast<std::int64_t>(blockIdx.x) * d.experts;
  for (int e = threadIdx.x; e < d.experts; e += block) out[e] = count[e];
}

// One thread per expert. Leaves in chunk_counts where each chunk places its first row of an expert.
__global__ void __launch_bounds__(scan_block) scan_kernel(Dispatch d, std::int64_t chunks) {
  __shared__ int sum[scan_block];
  const int e = threadIdx.x;
  int total = 0;
  for (std::int64_t c = 0; e < d.experts && c < chunks; ++c)
    total += d.chunk_counts[c * d.experts + e];
  sum[e] = total;
  __syncthreads();
  for (int step = 1; step < scan_block; step *= 2) {
    const int before = e >= step ? sum[e - step] : 0;
    __syncthreads();
    sum[e] += before;
    __syncthreads();
  }
  if (e >= d.experts) return;
  int next = sum[e] - total;
  d.offsets[e] = next;
  if (e == d.experts - 1) d.offsets[d.experts] = sum[e];
  for (std::int64_t c = 0; c < chunks; ++c) {
    const int count = d.chunk_counts[c * d.experts + e];
    d.chunk_counts[c * d.experts + e] = next;
    next += count;
  }
}

// A choice's row: where its chunk starts for that expert, plus earlier ones of the chunk.
__global__ void __launch_bounds__(block) place_kernel(Dispatch d) {
  __shared__ int next[most_experts], of_warp[warps][most_experts];
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const std::int32_t* start = d.chunk_counts + static_cast<std::int64_t>(blockIdx.x) * d.experts;
  for (int e = threadIdx.x; e < d.experts; e += block) {
    next[e] = start[e];
    for (int w = 0; w < warps; ++w) of_warp[w][e] = 0;
  }
  __syncthreads();
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * sort_chunk;
  for (int round = 0; round < sort_chunk; round += block) {
    const std::int64_t i = first + round + static_cast<int>(threadIdx.x);
    const int e = chosen(d, i);
    const unsigned same = __match_any_sync(all_lanes, e);
    const int rank = __popc(same & ((1U << lane) - 1U));
    if (e >= 0 && rank == 0) of_warp[warp][e] = __popc(same);
    __syncthreads();
    if (e >= 0) {
      int row = next[e] + rank;
      for (int w = 0; w < warp; ++w) row += of_warp[w][e];
      d.row[i] = row;
    }
    __syncthreads();
    for (int x = threadIdx.x; x < d.experts; x += block)
      for (int w = 0; w < warps; ++w) {
        next[x] += of_warp[w][x];
        of_warp[w][x] = 0;
      }
    __syncthreads();
  }
}

// One block per token.
__global__ void __launch_bounds__(block) move_kernel(Dispatch d, int vectors) {
  const std::int64_t token = blockIdx.x;
  const std::int32_t* row = d.row + token * d.top_k;
  const uint4* from = static_cast<const uint4*>(d.x) + token * vectors;
  uint4* to = static_cast<uint4*>(d.y);
  for (int i = threadIdx.x; i < vectors; i += block) {
    const uint4 held = from[i];
    for (int k = 0; k < d.top_k; ++k) to[static_cast<std::int64_t>(row[k]) * vectors + i] = held;
  }
  if (d.x_scale == nullptr) return;
  const int scales = (d.width + scale_block - 1) / scale_block;
  for (int i = threadIdx.x; i < scales; i += block) {
    const float held = d.x_scale[i * d.x_scale_stride + token];
    for (int k = 0; k < d.top_k; ++k) d.y_scale[i * d.y_scale_stride + row[k]] = held;
  }
}

}  // namespace

void launch(const Dispatch& d, Stream stream) {
  if (d.experts > most_experts)
    throw CaseUnavailable("dispatch has no kernel for " + std::to_string(d.experts) + " experts");
  const std::int64_t chunks = chunks_of(d.tokens * d.top_k);
  const auto chunk_blocks = static_cast<unsigned>(chunks);
  const int row_bytes = d.width * (d.x_scale == nullptr ? 2 : 1);
  count_kernel<<<chunk_blocks, block, 0, stream>>>(d);
  scan_kernel<<<1, scan_block, 0, stream>>>(d, chunks);
  place_kernel<<<chunk_blocks, block, 0, stream>>>(d);
  move_kernel<<<static_cast<unsigned>(d.tokens), block, 0, stream>>>(d, row_bytes / 16);
  CUDA_TRY(cudaGetLastError());
}

}  // namespace jevons::calibration
