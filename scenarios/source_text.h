#pragma once
// Where times and energies of a chip come from, as pages say it.
#include <string>

#include "models/llm/kernel_cost.h"

namespace jevons {

// "fitted to public measurements"
std::string source_text(ProfileSource source);

}  // namespace jevons
