#pragma once
// `jevons validate`: measurements against the model.
#include "apps/commands.h"

namespace jevons {

// Tables of errors; with --out also rows.csv, every prediction beside its measurement.
Answer validate_command(const CommandLine& line, const Workbench& bench);

}  // namespace jevons
