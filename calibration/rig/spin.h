#pragma once
// The kernel that only waits.
#include <cuda_runtime_api.h>

namespace jevons::calibration {

// On every multiprocessor, for `nanoseconds` of the GPU's clock: clocks are up, nothing is computed
// and no memory moves, as while a GPU waits for its neighbours in a collective.
void launch_spin(long long nanoseconds, int multiprocessors, cudaStream_t stream);

}  // namespace jevons::calibration
