#pragma once
// `jevons claims`: what is said in public, against what the models say.
#include "apps/commands.h"

namespace jevons {

// [FILE] of claims, --samples N, --set of the file, --out DIR for summary.json.
Answer claims_command(const CommandLine& line, const Workbench& bench);

}  // namespace jevons
