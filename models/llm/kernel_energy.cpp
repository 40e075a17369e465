#include "models/llm/kernel_energy.h"

#include "models/llm/profile_transfer.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

// Shares of TDP. An H100 SXM (700 W) idles near 70 W with a context alive and draws about 140 W
// with clocks up; memory-bound decoding draws about 450 W.
constexpr double assumed_idle_share = 0.10;
constexpr double assumed_static_share = 0.20;
constexpr double assumed_memory_bound_share = 0.65;
// Matrix units reach this share of the datasheet rate when they draw the TDP.
constexpr double assumed_rate_at_tdp = 0.75;
constexpr double assumed_link_joule_per_byte = 50e-12;

// What an assumed energy can be off by.
constexpr double assumed_low = 0.6, assumed_high = 1.7;
// Widening of the interval: same die, other die. Chosen, then checked by predicting B200 and H100
// from each other (docs/calibration.md).
constexpr double same_die_widening = 1.10, other_die_widening = 1.35;

}  // namespace

DynamicJoules dynamic_joules(const ChipEnergy& chip, const Kernel& kernel) {
  const KernelWork work = work_of(kernel);
  const auto kind = static_cast<std::size_t>(kind_of(kernel));
  const auto precision = static_cast<std::size_t>(precision_of(kernel));
  return {work.flop * chip.joule_per_flop[precision],
          work.hbm_bytes * chip.joule_per_byte[kind] + work.link_bytes * chip.joule_per_link_byte};
}

ChipEnergy assumed_energy(const ChipSpec& chip) {
  ensure(chip.tdp && chip.peak.bf16 && chip.memory_bandwidth,
         "an assumed energy needs TDP, bf16 peak and memory bandwidth");
  ChipEnergy e;
  const double tdp = chip.tdp->in(unit::W);
  e.limit = *chip.tdp;
  e.idle = assumed_idle_share * *chip.tdp;
  e.busy_static = assumed_static_share * *chip.tdp;
  const double bandwidth = chip.memory_bandwidth->in(unit::B / unit::s);
  e.joule_per_byte.fill((assumed_memory_bound_share - assumed_static_share) * tdp / bandwidth);
  for (std::size_t p = 0; p < e.joule_per_flop.size(); ++p) {
    const Speed peak = peak_rate(chip, static_cast<Precision>(p)).value_or(*chip.peak.bf16);
    e.joule_per_flop[p] =
        (1 - assumed_static_share) * tdp / (assumed_rate_at_tdp * peak.in(unit::flop / unit::s));
  }
  e.joule_per_link_byte = assumed_link_joule_per_byte;
  e.low = assumed_low;
  e.high = assumed_high;
  return e;
}

ChipEnergy transferred_energy(const ChipEnergy& energy, const ChipSpec& from, const ChipSpec& to) {
  ChipEnergy e = energy;
  e.source = ProfileSource::transferred;
  if (to.tdp) e.limit = *to.tdp;
  if (is_same_die(from, to)) {
    e.low /= same_die_widening;
    e.high *= same_die_widening;
    return e;
  }
  e.low /= other_die_widening;
  e.high *= other_die_widening;
  if (!from.tdp || !to.tdp || !from.peak.bf16 || !to.peak.bf16) return e;
  const double power = *to.tdp / *from.tdp;
  e.idle = power * e.idle;
  e.busy_static = power * e.busy_static;
  const double arithmetic = power / (*to.peak.bf16 / *from.peak.bf16);
  for (double& j : e.joule_per_flop) j *= arithmetic;
  return e;
}

}  // namespace jevons
