#include "models/policy/ruled_chip.h"

#include <algorithm>

namespace jevons {

namespace {

std::optional<double> density(const ChipFacts& facts, std::optional<double> tpp) {
  if (!facts.is_nonplanar) return 0.0;
  if (tpp && facts.die_area_mm2) return *tpp / *facts.die_area_mm2;
  return facts.tpp_per_mm2;
}

// HBM by its usual names; nothing for memory whose kind is not known.
std::optional<bool> is_hbm(const std::string& memory) {
  if (memory.starts_with("HBM")) return true;
  if (memory.find("DDR") != std::string::npos) return false;
  return std::nullopt;
}

}  // namespace

std::optional<double> processing_performance(const PeakRates& peak) {
  std::optional<double> best;
  const auto consider = [&best](std::optional<Speed> rate, double bits) {
    if (rate) best = std::max(best.value_or(0), bits * rate->in(unit::TFLOP / unit::s));
  };
  consider(peak.bf16, 16);
  consider(peak.fp8, 8);
  consider(peak.int8, 8);
  consider(peak.fp4, 4);
  consider(peak.int4, 4);
  return best;
}

RuledChip ruled_chip(const ChipSpec& chip) {
  RuledChip out{chip.id, chip.vendor, chip.facts.is_datacenter, false,
                is_hbm(chip.facts.memory_type)};
  const auto gb_s = [](std::optional<Bandwidth> b) {
    return b ? std::optional{b->in(unit::GB / unit::s)} : std::nullopt;
  };
  out[ChipFact::tpp] = chip.facts.tpp ? chip.facts.tpp : processing_performance(chip.peak);
  out[ChipFact::performance_density] = density(chip.facts, out[ChipFact::tpp]);
  out[ChipFact::memory_bandwidth] = gb_s(chip.memory_bandwidth);
  out[ChipFact::io_bandwidth] = gb_s(chip.link_bandwidth);
  if (chip.memory_bandwidth && chip.link_bandwidth)
    out[ChipFact::bandwidth_sum] = *out[ChipFact::memory_bandwidth] + *out[ChipFact::io_bandwidth];
  return out;
}

}  // namespace jevons
