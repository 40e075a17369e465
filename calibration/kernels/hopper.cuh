#pragma once
// The instructions of Hopper that have no C++ name: barriers in shared memory, tensor copies (TMA),
// warpgroup products (wgmma), register hand-over. Each wrapper is one instruction of the PTX ISA.
#include <cstdint>
#include <cstring>

#include <cuda.h>

#include "calibration/kernels/shared_layout.h"
#include "calibration/kernels/tensor_map.h"

namespace jevons::calibration::hopper {

__device__ inline std::uint32_t shared_address(const void* p) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(p));
}

// The first place in dynamic shared memory where a swizzled tile may start.
__device__ inline std::uint8_t* aligned(std::uint8_t* raw) {
  const std::uintptr_t mask = swizzle_atom - 1;
  const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(raw);
  return raw + (((address + mask) & ~mask) - address);
}

// Barriers: `arrivals` threads and the expected bytes of copies complete a phase.
__device__ inline void init(std::uint64_t* barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)),
               "r"(arrivals)
               : "memory");
}
__device__ inline void publish_inits() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
__device__ inline void expect(std::uint64_t* barrier, int bytes) {
  asm volatile(
      "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)),
      "r"(bytes)
      : "memory");
}
__device__ inline void arrive(std::uint64_t* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier))
               : "memory");
}
// Returns when the phase of this parity is complete. A fresh barrier is in phase 0, so waiting for
// parity 1 returns at once.
__device__ inline void wait(std::uint64_t* barrier, int parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra again;\n"
      "}" ::"r"(shared_address(barrier)),
      "r"(parity)
      : "memory");
}

// Copies the box at (x, y) or (x, y, z) of a tensor to shared memory; its bytes count on `barrier`.
// What lies outside of the tensor arrives as zeros.
__device__ inline void load_2d(void* to, const CUtensorMap* map, int x, int y,
                               std::uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes"
      " [%0], [%1, {%2, %3}], [%4];" ::"r"(shared_address(to)),
      "l"(map), "r"(x), "r"(y), "r"(shared_address(barrier))
      : "memory");
}
__device__ inline void load_3d(void* to, const CUtensorMap* map, int x, int y, int z,
                               std::uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes"
      " [%0], [%1, {%2, %3, %4}], [%5];" ::"r"(shared_address(to)),
      "l"(map), "r"(x), "r"(y), "r"(z), "r"(shared_address(barrier))
      : "memory");
}

// Registers go from the warps that copy to those that multiply.
template <int Registers>
__device__ inline void give_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(Registers));
}
template <int Registers>
__device__ inline void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(Registers));
}

// Waits for `threads` threads that name the same barrier; 0 is that of __syncthreads.
__device__ inline void meet(int name, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(name), "r"(threads) : "memory");
}
// Makes what threads wrote to shared memory visible to wgmma and TMA.
__device__ inline void publish_to_async() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Products run asynchronously: fence before the first that uses registers, commit a group, wait
// until at most Pending groups are unfinished.
__device__ inline void product_fence() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ inline void product_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
template <int Pending>
__device__ inline void product_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Pending) : "memory");
}
// Keeps the compiler from moving accumulators while a product writes them, or from making a
// product's operand after the fence before it.
template <int N>
__device__ inline void pin(float (&d)[N]) {
#pragma unroll
  for (int i = 0; i < N; ++i) asm volatile("" : "+f"(d[i])::"memory");
}
template <int N>
__device__ inline void pin(std::uint32_t (&a)[N][4]) {
#pragma unroll
  for (int i = 0; i < 4 * N; ++i) asm volatile("" : "+r"(a[i / 4][i % 4])::"memory");
}

inline CUtensorMap as_cuda(const TensorMap& map) {
  CUtensorMap out;
  std::memcpy(&out, &map, sizeof out);
  return out;
}

}  // namespace jevons::calibration::hopper
