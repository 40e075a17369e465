#pragma once
// Number formats of weights, activations and the KV cache.
#include <array>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

enum class Precision { bf16, fp16, fp8, fp8_block, int8, mxfp4, nvfp4, int4, mxfp8 };

template <>
inline constexpr std::array enum_names<Precision>{
    EnumName{Precision::bf16, "bf16"},   EnumName{Precision::fp16, "fp16"},
    EnumName{Precision::fp8, "fp8"},     EnumName{Precision::fp8_block, "fp8_block"},
    EnumName{Precision::int8, "int8"},   EnumName{Precision::mxfp4, "mxfp4"},
    EnumName{Precision::nvfp4, "nvfp4"}, EnumName{Precision::int4, "int4"},
    EnumName{Precision::mxfp8, "mxfp8"},
};

// Bytes one element takes in memory, scale factors included: fp8_block has one fp32 scale per
// 128x128 weights (0.02 %, left out), mxfp4 and mxfp8 one byte per 32 values, nvfp4 one byte
// per 16.
constexpr double bytes_per_element(Precision p) {
  switch (p) {
    case Precision::bf16:
    case Precision::fp16:
      return 2.0;
    case Precision::fp8:
    case Precision::fp8_block:
    case Precision::int8:
      return 1.0;
    case Precision::mxfp8:
      return 1.0 + 1.0 / 32;
    case Precision::mxfp4:
      return 0.5 + 1.0 / 32;
    case Precision::nvfp4:
      return 0.5 + 1.0 / 16;
    case Precision::int4:
      return 0.5 + 2.0 / 128;
  }
  return 2.0;
}

}  // namespace jevons
