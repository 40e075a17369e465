#pragma once
// y[m, n] = x[m, k] w[n, k]^T through cuBLASLt, the library that production stacks call.
//   bf16: x, w bf16; y bf16 or f32. fp8: x, w e4m3 with one f32 per 128 values of x's rows,
//   x_scale [k/128][m rounded up to 4], and per 128 x 128 of w, w_scale [ceil(n/128)][k/128 rounded
//   up to 4]; y bf16; k a multiple of 128, m of 16 (callers pad), sm_90 and newer.
// Source of the scale layouts: cuBLAS documentation, "Narrow precision data types usage".
#include <cstdint>
#include <memory>

#include "calibration/kernels/device.h"
#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

struct DenseOperands {
  Format format = Format::bf16;
  bool is_f32_result = false;
  std::int64_t m = 0, n = 0, k = 0;
  const void* x = nullptr;
  const void* w = nullptr;
  const float* x_scale = nullptr;
  const float* w_scale = nullptr;
  void* y = nullptr;
};

constexpr std::int64_t rounded_up(std::int64_t x, std::int64_t to) {
  return (x + to - 1) / to * to;
}

// A plan bound to its operands. Throws CaseUnavailable when the library has no algorithm.
class DenseGemm {
 public:
  explicit DenseGemm(const DenseOperands& operands);
  DenseGemm(DenseGemm&& other) noexcept;
  DenseGemm& operator=(DenseGemm&& other) noexcept;
  ~DenseGemm();

  void launch(Stream stream) const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace jevons::calibration
