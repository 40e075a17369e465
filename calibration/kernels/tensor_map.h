#pragma once
// Descriptors by which TMA copies boxes of a tensor to shared memory, in 128-byte swizzled rows.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace jevons::calibration {

// The bytes of a CUtensorMap, so that headers need no cuda.h.
struct alignas(64) TensorMap {
  std::array<std::byte, 128> bytes{};
};

struct TensorAxis {
  std::uint64_t size = 0;    // elements
  std::uint64_t stride = 0;  // bytes from one to the next; of the first axis: the element
  std::uint32_t box = 0;     // elements copied at once; first axis: 128 bytes' worth
};

// Fastest axis first. element: 2 bf16, 1 fp8. Base on 16 bytes, strides multiples of 16.
// Throws std::runtime_error if the driver refuses, CaseUnavailable if it is too old to know TMA.
TensorMap tensor_map(const void* base, int element, std::span<const TensorAxis> axes);

}  // namespace jevons::calibration
