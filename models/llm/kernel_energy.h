#pragma once
// Energy of a kernel on a chip: E = static power x time + J/FLOP x F + J/byte x B + J/byte x N,
// with F, B, N the kernel's arithmetic, memory and link traffic. Static power is paid for time,
// whatever runs, and is kept apart from the dynamic joules.
#include <array>

#include "models/hardware/chip.h"
#include "models/hardware/power_cap.h"
#include "models/llm/kernel.h"
#include "models/llm/kernel_cost.h"

namespace jevons {

struct ChipEnergy {
  ProfileSource source = ProfileSource::assumed;
  Power busy_static;  // clocks up, kernels resident: drawn during any kernel
  Power idle;         // context alive, no kernel
  Power limit;        // the board's own; kernel times were measured under it
  ClockLaw clock;
  std::array<double, precision_count> joule_per_flop{};
  std::array<double, kernel_kind_count> joule_per_byte{};
  double joule_per_link_byte = 0;
  // Nine times in ten the true joules of a run lie between `low` and `high` times the predicted.
  double low = 1, high = 1;
};

// The same silicon in another package or on another market: static power and joules per FLOP are
// inherited. Another chip: scaled by TDP and by TDP per FLOP/s, which says little, so the interval
// is widened by what this does to chips whose energy is known.
ChipEnergy transferred_energy(const ChipEnergy& energy, const ChipSpec& from, const ChipSpec& to);

// Dynamic joules of one kernel on one GPU, static power not included: those of arithmetic, which
// depend on the clock, and the rest.
struct DynamicJoules {
  double arithmetic = 0, other = 0;
  double total() const { return arithmetic + other; }
};
DynamicJoules dynamic_joules(const ChipEnergy& chip, const Kernel& kernel);

// Coefficients for a chip whose energy nobody measured: board power at full arithmetic is the TDP,
// at full memory bandwidth a stated share of it. Needs tdp, peak.bf16 and memory_bandwidth.
ChipEnergy assumed_energy(const ChipSpec& chip);

}  // namespace jevons
