#include "models/hardware/chip.h"

namespace jevons {

std::optional<Speed> peak_rate(const ChipSpec& chip, Precision p) {
  switch (p) {
    case Precision::bf16:
    case Precision::fp16:
      return chip.peak.bf16;
    case Precision::fp8:
    case Precision::fp8_block:
      return chip.peak.fp8;
    case Precision::mxfp8:  // units that take scales per block came with those for 4 bits
      return chip.peak.fp4 ? chip.peak.fp8 : std::nullopt;
    case Precision::int8:
      return chip.peak.int8;
    case Precision::mxfp4:
    case Precision::nvfp4:
      return chip.peak.fp4;
    case Precision::int4:
      return chip.peak.int4;
  }
  return std::nullopt;
}

}  // namespace jevons
