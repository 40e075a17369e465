#pragma once
// Commands about training.
#include "apps/commands.h"

namespace jevons {

// The best layouts of a training scenario.
Answer plan_command(const CommandLine& line, const Workbench& bench);
// The dense model of equal capability.
Answer twin_command(const CommandLine& line, const Workbench& bench);

}  // namespace jevons
