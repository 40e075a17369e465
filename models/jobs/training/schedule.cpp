#include "models/jobs/training/schedule.h"

#include <algorithm>

namespace jevons {

PipelineTime pipeline_time(std::span<const StageTimes> stages, PipelineSchedule schedule,
                           int chunks) {
  PipelineTime p;
  for (std::size_t s = 1; s < stages.size(); ++s)
    if (stages[s].total() > stages[p.slowest].total()) p.slowest = s;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (s == p.slowest) continue;
    const StageTimes& t = stages[s];
    switch (schedule) {
      case PipelineSchedule::interleaved:
        p.bubble += t.total() / chunks;
        break;
      case PipelineSchedule::zero_bubble:
        p.bubble += std::max(0.0, t.forward + t.backward - t.weight);
        break;
      case PipelineSchedule::one_f_one_b:
      case PipelineSchedule::dual_pipe:  // has its own: dual_pipe.h
        p.bubble += t.total();
        break;
    }
  }
  return p;
}

}  // namespace jevons
