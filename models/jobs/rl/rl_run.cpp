#include "models/jobs/rl/rl_run.h"

#include "sim/ensure.h"

namespace jevons {

RlRunResult rl_run(const RlSetup& setup, std::int64_t steps, int stages, std::uint64_t seed,
                   const std::function<void(double)>& progress) {
  ensure(steps > 0 && stages >= 2, "a training has steps and is looked at from both ends");
  RlRunResult all;
  for (int i = 0; i < stages; ++i) {
    const double at = static_cast<double>(i) / (stages - 1);
    // Trapezoids: the ends stand for half an interval each.
    const double share = (i == 0 || i == stages - 1 ? 0.5 : 1.0) / (stages - 1);
    const double count = share * static_cast<double>(steps);
    const RlStepResult step = rl_step(setup, at, mix(seed + static_cast<std::uint64_t>(i)));
    for (std::size_t p = 0; p < rl_phase_count; ++p) all.phases[p] += count * step.phases[p];
    all.seconds += count * step.seconds;
    all.gpu_hours += count * step.gpu_hours();
    all.tokens += count * step.tokens;
    all.gpu_energy += count * step.gpu_energy;
    all.host_energy += count * step.host_energy;
    all.stages.push_back(step);
    progress(static_cast<double>(i + 1) / stages);
  }
  return all;
}

}  // namespace jevons
