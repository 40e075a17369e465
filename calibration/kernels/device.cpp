#include "calibration/kernels/device.h"

#include <algorithm>
#include <array>

#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

void check_cuda(cudaError_t result, const char* call, const char* file, int line) {
  if (result == cudaSuccess) return;
  throw std::runtime_error(std::string{call} + " failed: " + cudaGetErrorString(result) + " (" +
                           file + ":" + std::to_string(line) + ")");
}

DeviceFacts device_facts() {
  int device = 0;
  CUDA_TRY(cudaGetDevice(&device));
  const auto attribute = [device](cudaDeviceAttr which) {
    int value = 0;
    CUDA_TRY(cudaDeviceGetAttribute(&value, which, device));
    return value;
  };
  DeviceFacts facts;
  facts.major = attribute(cudaDevAttrComputeCapabilityMajor);
  facts.minor = attribute(cudaDevAttrComputeCapabilityMinor);
  facts.multiprocessors = attribute(cudaDevAttrMultiProcessorCount);
  facts.l2_bytes = static_cast<std::size_t>(attribute(cudaDevAttrL2CacheSize));
  facts.shared_bytes = static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
  CUDA_TRY(cudaMemGetInfo(&facts.free_bytes, &facts.total_bytes));
  return facts;
}

DeviceBytes::DeviceBytes(std::size_t bytes) : bytes_{bytes} {
  const cudaError_t result = cudaMalloc(&data_, bytes + guard);
  if (result == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // else the next launch would report this one
    throw CaseUnavailable("the GPU has no room for " + std::to_string(bytes >> 20) + " MiB more");
  }
  CUDA_TRY(result);
  CUDA_TRY(cudaMemset(data_, poison, bytes + guard));
}

DeviceBytes::~DeviceBytes() {
  cudaFree(data_);
}

void DeviceBytes::fill_poison() const {
  if (bytes_ > 0) CUDA_TRY(cudaMemset(data_, poison, bytes_));
}

bool DeviceBytes::is_guard_whole() const {
  if (data_ == nullptr) return true;
  std::array<unsigned char, guard> seen{};
  CUDA_TRY(cudaMemcpy(seen.data(), static_cast<const char*>(data_) + bytes_, guard,
                      cudaMemcpyDeviceToHost));
  return std::all_of(seen.begin(), seen.end(), [](unsigned char c) { return c == poison; });
}

}  // namespace jevons::calibration
