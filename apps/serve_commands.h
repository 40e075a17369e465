#pragma once
// Commands about scenarios of kind "serve" that those of kind "train" answer too.
#include "apps/commands.h"

namespace jevons {

// How many replicas a load needs, or how many GPUs a training run for a deadline.
Answer size_command(const CommandLine& line, const Workbench& bench);
// Where time and joules of an iteration or step go.
Answer explain_command(const CommandLine& line, const Workbench& bench);

}  // namespace jevons
