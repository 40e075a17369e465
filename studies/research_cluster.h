#pragma once
// A research cluster of A100 nodes with a mix of jobs, and the powers that its GPUs and nodes draw.
// Sizes and durations follow what AcmeTrace says of the cluster Seren (663,813 jobs: run time
// median 122 s, mean 1,414 s); which job draws how much nobody published, so that mix is chosen.
#include <vector>

namespace jevons {

struct PowerSamples {
  std::vector<double> gpu_w, node_w;  // sorted
};

PowerSamples research_cluster_powers();

// The same for a node whose eight GPUs draw `gpu_w` in the mean, at the plug.
double a100_node_watts(double gpu_w);

}  // namespace jevons
