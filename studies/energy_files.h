#pragma once
// The committed energy measurements -> calibration/energy/<chip>.json.
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/catalogue_entries.h"
#include "scenarios/energy_io.h"
#include "studies/energy_fit.h"

namespace jevons {

// Medians over long GEMM kernels of one chip: dynamic joules per FLOP relative to bf16, with the
// static power taken off. Formats without rows keep the share of the next wider one.
FormatShares format_shares(const std::filesystem::path& gemm_power, const std::string& chip,
                           double static_watts);

// One entry per chip that has serving energies. `raw` holds mlenergy_v3.csv.gz and gemm_power.csv.
std::vector<EnergyText> fit_energies(const std::filesystem::path& raw,
                                     const std::filesystem::path& profiles,
                                     const Catalogues& catalogues);

}  // namespace jevons
