#include "models/jobs/training_job/checkpoint.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

CheckpointCost checkpoint_cost(const Checkpointing& how, double parameters, int gpus,
                               int gpus_per_node) {
  ensure(parameters > 0 && gpus > 0 && gpus_per_node > 0, "a job has parameters and GPUs");
  const Bytes all = how.bytes_per_parameter * parameters * unit::B;
  const double nodes = std::ceil(static_cast<double>(gpus) / gpus_per_node);
  const Time transfer = std::max(all / how.storage, all / (nodes * how.node_link));
  if (!how.is_asynchronous) return {.stall = transfer, .write = Time{}, .load = transfer};
  return {.stall = all / (gpus * how.host_copy), .write = transfer, .load = transfer};
}

Time young_interval(Time stall, Time mttf) {
  return std::sqrt(2 * (stall / mttf)) * mttf;
}

Time daly_interval(Time stall, Time mttf) {
  const double x = stall / (2 * mttf);
  if (x >= 1) return mttf;
  return young_interval(stall, mttf) * (1 + std::sqrt(x) / 3 + x / 9) - stall;
}

Time daly_wall_time(Time work, Time interval, Time stall, Time restart, Time mttf) {
  return mttf * std::exp(restart / mttf) * std::expm1((interval + stall) / mttf) *
         (work / interval);
}

double first_order_ettr(Time interval, Time stall, Time recovery, Time mttf) {
  return (1 - (recovery + interval / 2) / mttf) / (1 + stall / interval);
}

}  // namespace jevons
