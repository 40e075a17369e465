#pragma once
// Commands about scenarios of kind "serve".
#include "apps/commands.h"

namespace jevons {

// How many replicas the load of a scenario needs.
Answer size_command(const CommandLine& line, const Workbench& bench);
// Where time and joules of an iteration go.
Answer explain_command(const CommandLine& line, const Workbench& bench);

}  // namespace jevons
