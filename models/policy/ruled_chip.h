#pragma once
// A chip as export rules see it.
#include <array>
#include <optional>
#include <string>

#include "models/hardware/chip.h"
#include "models/policy/terms.h"

namespace jevons {

struct RuledChip {
  std::string id, vendor;
  bool is_datacenter = true;
  bool is_memory = false;
  std::optional<bool> has_hbm;
  std::array<std::optional<double>, chip_fact_count> facts{};

  std::optional<double>& operator[](ChipFact f) { return facts[static_cast<std::size_t>(f)]; }
  const std::optional<double>& operator[](ChipFact f) const {
    return facts[static_cast<std::size_t>(f)];
  }
};

// Best of dense rate x bits; nothing when no rate is known.
std::optional<double> processing_performance(const PeakRates& peak);

// TPP as published, else from the rates. Density from TPP and area where the area is known, else as
// published: published densities are rounded, and thresholds are exact. A chip whose transistors
// are all planar has no area that counts, and density 0.
RuledChip ruled_chip(const ChipSpec& chip);

}  // namespace jevons
