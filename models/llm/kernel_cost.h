#pragma once
// Time of a kernel on a chip. A chip profile holds one small cost law per (kernel kind, precision);
// where it comes from (measurements of this chip, of a sibling, or a datasheet) is part of it.
#include <array>
#include <string>

#include "models/hardware/chip.h"
#include "models/llm/kernel.h"

namespace jevons {

enum class ProfileSource { measured, imported, transferred, assumed };
template <>
inline constexpr std::array enum_names<ProfileSource>{
    EnumName{ProfileSource::measured, "measured"},
    EnumName{ProfileSource::imported, "imported"},
    EnumName{ProfileSource::transferred, "transferred"},
    EnumName{ProfileSource::assumed, "assumed"},
};

inline constexpr int precision_count = 8;

// t = launch + hops step + ((F/flop_rate)^s + (B/byte_rate)^s + (N/link_rate)^s)^(1/s): a smooth
// roofline over arithmetic F, memory traffic B and link traffic N. A rate of 0 means the resource
// is not used. Rates are those at full clock, in FLOP/s and B/s; times in seconds.
struct KernelCost {
  double launch = 0;
  double step = 0;  // per further GPU that takes part (collectives)
  double flop_rate = 0;
  double byte_rate = 0;
  double link_rate = 0;     // one direction, within the scale-up domain
  double network_rate = 0;  // one direction, between nodes
  double sharpness = 1;     // s >= 1; 1: resources follow one another, large: they overlap fully
};

struct ChipProfile {
  std::string chip;  // catalogue id
  ProfileSource source = ProfileSource::assumed;
  std::array<std::array<KernelCost, precision_count>, kernel_kind_count> costs;
};

struct KernelTime {
  double seconds = 0;
  bool extrapolated = false;  // the shape lies outside what was measured, or nothing was
};

// Number format that selects the cost law; bf16 for kernels that have none.
Precision precision_of(const Kernel& kernel);

// Cost: below 100 ns, no allocation.
KernelTime kernel_time(const ChipProfile& profile, const Kernel& kernel);

// A roofline from the datasheet for a chip nobody measured: rates times efficiencies that are
// assumed and the same for every chip. Precisions without matrix units run at the rate of bf16.
// Needs at least peak.bf16 and memory_bandwidth; without a scale-up link, traffic crosses PCIe.
ChipProfile assumed_profile(const ChipSpec& chip);

}  // namespace jevons
