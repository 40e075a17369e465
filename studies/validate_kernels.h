#pragma once
// Measured kernel times against the laws of their chips.
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/catalogue_entries.h"
#include "studies/error_table.h"

namespace jevons {

struct KernelData {
  std::filesystem::path
      folder;  // one folder per chip, of tables named as calibration/raw names them
  bool is_held_out_only = false;  // rows that were not used in a fit
};

// Adds one table per file and chip, and one per number format of it. A chip's folder is named by
// its catalogue id or as it is published (h200_sxm, h20). Throws ScenarioError.
void validate_kernels(const KernelData& data, const std::filesystem::path& profiles,
                      const Catalogues& catalogues, ErrorTables& errors);

}  // namespace jevons
