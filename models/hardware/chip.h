#pragma once
// One accelerator as its datasheet states it. Unknown stays unknown: an empty optional, never 0.
#include <optional>
#include <string>

#include "models/hardware/precision.h"
#include "sim/quantity.h"

namespace jevons {

// Peak rates of matrix units, dense (no sparsity).
struct PeakRates {
  std::optional<Speed> bf16, fp8, int8, fp4;
};

struct ChipSpec {
  std::string id;      // catalogue key, e.g. "h800-sxm"
  std::string vendor;  // e.g. "NVIDIA"
  std::string name;    // as printed, e.g. "NVIDIA H800 SXM"
  PeakRates peak;
  std::optional<Bytes> memory;
  std::optional<Bandwidth> memory_bandwidth;
  // Scale-up link (NVLink, Infinity Fabric, HCCS), both directions together, per chip.
  std::optional<Bandwidth> link_bandwidth;
  std::optional<Power> tdp;
  std::optional<Money> price;
};

// The dense peak of the matrix units for this number format; empty when the chip has no units for
// it. 4-bit weights on chips without 4-bit units run at the rate of the activations' format.
std::optional<Speed> peak_rate(const ChipSpec& chip, Precision p);

}  // namespace jevons
