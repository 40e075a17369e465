#include "models/hardware/node_power.h"

#include <algorithm>

namespace jevons {

Power host_per_gpu(const PoweredNodes& pool, Power gpu) {
  const Power span = pool.gpu_limit - pool.gpu_idle;
  const double share = span > Power{} ? std::clamp((gpu - pool.gpu_idle) / span, 0.0, 1.0) : 0.0;
  return (pool.host.idle() + share * (pool.host.full() - pool.host.idle())) / pool.gpus_per_node;
}

}  // namespace jevons
