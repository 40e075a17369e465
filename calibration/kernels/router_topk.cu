// Choice of experts; maths and shapes: router_topk.h, reference: reference.h.
// Versions: sort per token -> one warp per token with the scores in registers, top_k rounds of a
// warp maximum; groups are registers, since 256 / 8 experts are one per lane.
#include <cmath>

#include "calibration/kernels/device.h"
#include "calibration/kernels/router_topk.h"

namespace jevons::calibration {

namespace {

constexpr int block = 256;
constexpr unsigned all_lanes = ~0U;
constexpr float nothing = -INFINITY;

__device__ float warp_max(float x) {
  for (int step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(all_lanes, x, step));
  return x;
}
__device__ float warp_sum(float x) {
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(all_lanes, x, step);
  return x;
}

// Sum of the two best values of a warp: equal ones count twice.
__device__ float two_best(float x, int lane) {
  const float best = warp_max(x);
  const int winner = __ffs(static_cast<int>(__ballot_sync(all_lanes, x == best))) - 1;
  return best + warp_max(lane == winner ? nothing : x);
}

// Strikes out the experts of all but the best groups; group j is register j.
template <int PerLane>
__device__ void keep_groups(float (&score)[PerLane], int lane) {
  float group[PerLane];
#pragma unroll
  for (int j = 0; j < PerLane; ++j) group[j] = two_best(score[j], lane);
#pragma unroll
  for (int j = 0; j < PerLane; ++j) {
    int better = 0;
#pragma unroll
    for (int i = 0; i < PerLane; ++i)
      better += group[i] > group[j] || (group[i] == group[j] && i < j) ? 1 : 0;
    if (better >= router_groups_kept) score[j] = nothing;
  }
}

struct Best {
  float score;
  int expert;
};
__device__ Best warp_best(Best b) {
  for (int step = 16; step > 0; step /= 2) {
    const float score = __shfl_xor_sync(all_lanes, b.score, step);
    const int expert = __shfl_xor_sync(all_lanes, b.expert, step);
    if (score > b.score || (score == b.score && expert < b.expert)) b = {score, expert};
  }
  return b;
}

// Scores (what chooses) and values (what weighs) of experts lane, lane + 32, ...
template <int PerLane>
__device__ void score_experts(const RouterTopK& r, const float* logits, int lane,
                              float (&score)[PerLane], float (&value)[PerLane]) {
  float largest = nothing;
#pragma unroll
  for (int j = 0; j < PerLane; ++j) {
    const int e = j * 32 + lane;
    score[j] = e < r.experts ? logits[e] : nothing;
    largest = fmaxf(largest, score[j]);
  }
  if (r.rule == RouterRule::grouped_sigmoid) {
#pragma unroll
    for (int j = 0; j < PerLane; ++j) {
      value[j] = 1.0F / (1.0F + expf(-score[j]));
      score[j] = value[j] + r.bias[j * 32 + lane];
    }
    keep_groups(score, lane);
    return;
  }
  // The sum over all experts cancels when weights are divided by the sum of the chosen.
  largest = warp_max(largest);
#pragma unroll
  for (int j = 0; j < PerLane; ++j) value[j] = expf(score[j] - largest);
}

template <int PerLane>
__global__ void __launch_bounds__(block) topk_kernel(RouterTopK r) {
  const std::int64_t token = (static_cast<std::int64_t>(blockIdx.x) * block + threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x % 32);
  if (token >= r.tokens) return;
  float score[PerLane], value[PerLane];
  score_experts(r, r.logits + token * r.experts, lane, score, value);
  float sum = 0, my_value = 0;
  int my_expert = 0;
  for (int k = 0; k < r.top_k; ++k) {
    Best mine{nothing, 1 << 30};
#pragma unroll
    for (int j = 0; j < PerLane; ++j)
      if (score[j] > mine.score) mine = {score[j], j * 32 + lane};
    const int chosen = warp_best(mine).expert;
    float v = 0;
#pragma unroll
    for (int j = 0; j < PerLane; ++j) {
      if (j * 32 + lane != chosen) continue;
      v = value[j];
      score[j] = nothing;
    }
    v = warp_sum(v);
    sum += v;
    if (lane == k) {
      my_value = v;
      my_expert = chosen;
    }
  }
  if (lane >= r.top_k) return;
  const float scale = r.rule == RouterRule::grouped_sigmoid ? router_scale : 1.0F;
  r.expert[token * r.top_k + lane] = my_expert;
  r.weight[token * r.top_k + lane] = my_value * scale / sum;
}

template <int PerLane>
void start(const RouterTopK& r, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((r.tokens * 32 + block - 1) / block);
  topk_kernel<PerLane><<<blocks, block, 0, stream>>>(r);
  CUDA_TRY(cudaGetLastError());
}

}  // namespace

void launch(const RouterTopK& r, Stream stream) {
  const bool is_grouped = r.rule == RouterRule::grouped_sigmoid;
  if (r.experts > 512 || r.top_k > 32 || (is_grouped && r.experts != 32 * router_groups))
    throw CaseUnavailable("top-k has no kernel for " + std::to_string(r.experts) + " experts");
  if (r.experts <= 32)
    start<1>(r, stream);
  else if (r.experts <= 128)
    start<4>(r, stream);
  else if (r.experts <= 256)
    start<8>(r, stream);
  else
    start<16>(r, stream);
}

}  // namespace jevons::calibration
