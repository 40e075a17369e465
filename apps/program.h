#pragma once
// One run of the program, from words to exit status; the one place where errors end.
#include <iosfwd>
#include <span>
#include <string>

#include "apps/commands.h"

namespace jevons {

// Results go to `out` and nothing else does; with --json that is one document, also on failure.
// Complaints go to `err`. Returns 0, or 1 failed, 2 bad input or usage, 130 interrupted.
int run_program(std::span<const std::string> arguments, const Workbench& bench, std::ostream& out,
                std::ostream& err);

}  // namespace jevons
