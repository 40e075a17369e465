#include "calibration/kernels/tensor_map.h"

#include <cstring>
#include <string>

#include <cuda.h>

#include "calibration/kernels/device.h"
#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

namespace {

using Encode = decltype(&cuTensorMapEncodeTiled);

// The driver's function by way of the runtime: linking libcuda would tie the program to machines
// that have a driver.
Encode encoder() {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found{};
  CUDA_TRY(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12'000,
                                            cudaEnableDefault, &found));
  if (found != cudaDriverEntryPointSuccess || function == nullptr)
    throw CaseUnavailable("the driver has no cuTensorMapEncodeTiled (CUDA 12.0)");
  return reinterpret_cast<Encode>(function);
}

}  // namespace

TensorMap tensor_map(const void* base, int element, std::span<const TensorAxis> axes) {
  static const Encode encode = encoder();
  std::array<cuuint64_t, 5> size{}, stride{};
  std::array<cuuint32_t, 5> box{}, step{};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    size.at(i) = axes[i].size;
    box.at(i) = axes[i].box;
    step.at(i) = 1;
    if (i > 0) stride.at(i - 1) = axes[i].stride;
  }
  static_assert(sizeof(CUtensorMap) == sizeof(TensorMap));
  CUtensorMap map;
  const CUresult result = encode(
      &map, element == 1 ? CU_TENSOR_MAP_DATA_TYPE_UINT8 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16,
      static_cast<cuuint32_t>(axes.size()), const_cast<void*>(base), size.data(), stride.data(),
      box.data(), step.data(), CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
      CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS)
    throw std::runtime_error("cuTensorMapEncodeTiled failed: code " + std::to_string(result));
  TensorMap out;
  std::memcpy(out.bytes.data(), &map, out.bytes.size());
  return out;
}

}  // namespace jevons::calibration
