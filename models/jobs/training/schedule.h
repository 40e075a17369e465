#pragma once
// Time of a pipeline in closed form. Stage s takes F_s, B_s (gradients of activations with
// recomputation) and W_s (of weights) for a micro-batch; T = F + B + W, the slowest stage is x.
//
//   one_f_one_b   m T_x + sum_{s != x} T_s
//   interleaved   m T_x + sum_{s != x} T_s / v             v chunks per stage
//   zero_bubble   m T_x + sum_{s != x} max(0, F + B - W)
//   dual_pipe     rank r of p/2 pairs runs 3p/2 - r - 1 forwards and as many backwards alone, the
//                 other m - (3p/2 - r - 1) overlapped; the bubble is (p/2 - 1)(FB + B + W - 3 W)
//
// Sources: Narayanan et al. 2021 (arXiv:2104.04473, section 2.2), Qi et al. 2023
// (arXiv:2401.10241), DeepSeek-V3 report (arXiv:2412.19437, table 2) and its published schedule.
#include <span>

#include "models/jobs/training/training_setup.h"

namespace jevons {

struct StageTimes {
  double forward = 0, backward = 0, weight = 0;
  double total() const { return forward + backward + weight; }
};

struct PipelineTime {
  std::size_t slowest = 0;  // stage
  double bubble = 0;        // of the slowest stage
};

PipelineTime pipeline_time(std::span<const StageTimes> stages, PipelineSchedule schedule,
                           int chunks);

// How often rank r of a DualPipe of p stages runs what, of m micro-batches.
struct DualPipeCounts {
  int alone = 0;         // forwards alone; as many backwards
  int weight_alone = 0;  // backwards alone whose weight gradients come later
  int overlapped = 0;    // a forward and a backward side by side
};
DualPipeCounts dual_pipe_counts(int stages, int rank, int micro_batches);

}  // namespace jevons
