// No maths: reads the global timer until the time is over. One block of 128 threads for each
// multiprocessor. Its reference is the clock on the wall.
#include "calibration/kernels/device.h"
#include "calibration/rig/spin.h"

namespace jevons::calibration {
namespace {

__global__ void spin(long long nanoseconds) {
  long long begin = 0, now = 0;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(begin));
  do {
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  } while (now - begin < nanoseconds);
}

}  // namespace

void launch_spin(long long nanoseconds, int multiprocessors, cudaStream_t stream) {
  spin<<<multiprocessors, 128, 0, stream>>>(nanoseconds);
  CUDA_TRY(cudaGetLastError());
}

}  // namespace jevons::calibration
