#pragma once
// Published training runs against the step model. What the software of a run adds to its kernels is
// fitted on a fixed half of the rows of a table and chip, and tested on the rest.
#include <filesystem>
#include <vector>

#include "scenarios/catalogue_entries.h"
#include "studies/error_table.h"

namespace jevons {

// Tables "<name>, uncorrected" (all rows), "<name>, fitted" and "<name>, tested"; tables of few
// rows borrow the factor fitted on Megatron's. Metered runs, whose layout is not published, take
// the plan's fastest. `published` is the folder of the tables, `profiles` that of the chips' laws.
// Throws ScenarioError.
std::vector<ErrorTable> validate_training(const std::filesystem::path& published,
                                          const std::filesystem::path& profiles,
                                          const Catalogues& catalogues);

}  // namespace jevons
