#pragma once
// A folder of measured kernel tables -> the profile of a chip.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/hardware/chip.h"
#include "models/llm/kernel_cost.h"
#include "studies/kernel_rows.h"

namespace jevons {

struct MeasuredChip {
  Provenance provenance;
  std::vector<KernelRow> rows;                 // of all tables, files in the order of their names
  std::map<std::string, std::size_t> refused;  // reason -> rows
};

// Reads <folder>/provenance.json and every kernel table beside it. Throws ScenarioError.
MeasuredChip read_measured_chip(const std::filesystem::path& folder);

// One law per (kernel kind, precision) that has rows.
ChipProfile fit_profile(const MeasuredChip& measured, const ChipSpec& chip);

}  // namespace jevons
