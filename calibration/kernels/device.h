#pragma once
// Device memory that frees itself, and CUDA calls that do not fail in silence.
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <cuda_runtime_api.h>

namespace jevons::calibration {

// Throws std::runtime_error "cudaMalloc(...) failed: out of memory (device.h:12)".
void check_cuda(cudaError_t result, const char* call, const char* file, int line);
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): call text, file and line of the caller
#define CUDA_TRY(call) ::jevons::calibration::check_cuda((call), #call, __FILE__, __LINE__)

// What launches and refusals depend on. Of the current device.
struct DeviceFacts {
  int major = 0, minor = 0;
  int multiprocessors = 0;
  std::size_t l2_bytes = 0, shared_bytes = 0;
  std::size_t free_bytes = 0, total_bytes = 0;

  int architecture() const { return 10 * major + minor; }
};
DeviceFacts device_facts();

// n values of T in device memory, followed by a guard that verify() looks at. Throws
// CaseUnavailable when memory is short.
class DeviceBytes {
 public:
  static constexpr std::size_t guard = 256;
  static constexpr int poison = 0xff;  // NaN as f32, bf16 and e4m3; -1 as an integer

  DeviceBytes() = default;
  explicit DeviceBytes(std::size_t bytes);
  DeviceBytes(DeviceBytes&& other) noexcept { *this = std::move(other); }
  DeviceBytes& operator=(DeviceBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~DeviceBytes();

  void* data() const { return data_; }
  std::size_t size() const { return bytes_; }
  void fill_poison() const;
  // Nobody wrote behind the end.
  bool is_guard_whole() const;

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t n) : bytes_{n * sizeof(T)}, n_{n} {}
  explicit DeviceBuffer(std::span<const T> values) : DeviceBuffer(values.size()) {
    CUDA_TRY(cudaMemcpy(data(), values.data(), values.size_bytes(), cudaMemcpyHostToDevice));
  }

  T* data() const { return static_cast<T*>(bytes_.data()); }
  std::size_t size() const { return n_; }
  const DeviceBytes& bytes() const { return bytes_; }
  std::vector<T> to_host() const {
    std::vector<T> out(n_);
    CUDA_TRY(cudaMemcpy(out.data(), data(), n_ * sizeof(T), cudaMemcpyDeviceToHost));
    return out;
  }

 private:
  DeviceBytes bytes_;
  std::size_t n_ = 0;
};

}  // namespace jevons::calibration
