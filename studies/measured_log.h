#pragma once
// The raw log of jevons-calibrate -> kernel times, profile and energies of a chip.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "calibration/meter/energy_law.h"
#include "calibration/meter/evidence.h"
#include "models/hardware/chip.h"
#include "models/llm/kernel_cost.h"
#include "scenarios/energy_io.h"
#include "studies/kernel_rows.h"

namespace jevons {

// The profile of a folder of calibration/raw: imported tables, and over them the laws of the raw
// log in its folder `measured`, if it has one. Throws ScenarioError.
ChipProfile fit_chip(const std::filesystem::path& folder, const ChipSpec& chip);

// Id in the catalogue of a board as its driver names it. Throws ScenarioError for one that has
// none.
std::string chip_of_board(const std::string& board, const std::filesystem::path& folder);

// Median times of the cases that are kernels of the model. A whole expert layer counts without its
// router and shared expert, which are kernels of their own, where those were timed too; parts of it
// are no kernels of the model and take part in the energies alone.
std::vector<KernelRow> measured_rows(const calibration::Evidence& evidence);

// Laws with fewer rows than this are not fitted.
inline constexpr std::size_t fewest_measured_rows = 8;

// One measured law per kind and format with enough rows; a kind whose judged cases mostly miss
// their targets is marked as a weak instrument. `other` gives the laws that were not measured; they
// keep their own source. `sha256`: of the log.
ChipProfile fit_measured(const calibration::RawLog& log, const calibration::Evidence& evidence,
                         const ChipSpec& chip, const std::optional<ChipProfile>& other,
                         const std::string& sha256);

// Empty if too few points were weighed. Link energy is not measured with one GPU: `link` pJ/byte.
std::optional<EnergyText> fit_measured_energy(const calibration::RawLog& log,
                                              const calibration::Evidence& evidence,
                                              const ChipSpec& chip, double link_pj_per_byte);

}  // namespace jevons
