#pragma once
// `jevons hindcast`: what the years model would have said at past dates, against what came.
#include "apps/commands.h"

namespace jevons {

// --samples N, --data DIR (files as in calibration/economics), --out DIR for hindcast.csv.
Answer hindcast_command(const CommandLine& line, const Workbench& bench);

}  // namespace jevons
