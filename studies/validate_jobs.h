#pragma once
// Published failures, effective training times and steps of RL post-training against the model.
#include <filesystem>
#include <vector>

#include "scenarios/catalogue_entries.h"
#include "studies/error_table.h"

namespace jevons {

// `profiles`: folder of calibrated chips. Throws ScenarioError.
std::vector<ErrorTable> validate_jobs(const std::filesystem::path& profiles,
                                      const Catalogues& catalogues);

}  // namespace jevons
