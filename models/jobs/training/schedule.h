#pragma once
// Time of a pipeline in closed form. Stage s takes F_s, B_s (gradients of activations with
// recomputation) and W_s (of weights) for a micro-batch; T = F + B + W, the slowest stage is x.
//
//   one_f_one_b   m T_x + sum_{s != x} T_s
//   interleaved   m T_x + sum_{s != x} T_s / v             v chunks per stage
//   zero_bubble   m T_x + sum_{s != x} max(0, F + B - W)
//
// DualPipe is rehearsed instead: dual_pipe.h.
// Sources: Narayanan et al. 2021 (arXiv:2104.04473, section 2.2), Qi et al. 2023
// (arXiv:2401.10241).
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

}  // namespace jevons
