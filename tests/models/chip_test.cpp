#include "models/hardware/chip.h"

#include <doctest/doctest.h>

namespace jevons {

TEST_CASE("formats with the same units share a peak and formats without units have none") {
  ChipSpec chip;
  chip.peak.bf16 = 989.5 * unit::TFLOP / unit::s;
  chip.peak.fp8 = 1979 * unit::TFLOP / unit::s;
  CHECK(peak_rate(chip, Precision::fp16) == chip.peak.bf16);
  CHECK(peak_rate(chip, Precision::fp8_block) == chip.peak.fp8);
  CHECK_FALSE(peak_rate(chip, Precision::int8).has_value());
  CHECK_FALSE(peak_rate(chip, Precision::mxfp4).has_value());
}

TEST_CASE("four-bit integers and four-bit floats are different units") {
  ChipSpec ada;
  ada.peak.int4 = 1466 * unit::TFLOP / unit::s;
  CHECK(peak_rate(ada, Precision::int4) == ada.peak.int4);
  CHECK_FALSE(peak_rate(ada, Precision::nvfp4).has_value());
}

}  // namespace jevons
