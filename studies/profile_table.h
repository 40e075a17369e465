#pragma once
// The errors of a profile as rows of a Markdown table.
#include <string>

#include "models/llm/kernel_cost.h"

namespace jevons {

std::string error_table_head();
std::string error_table(const ChipProfile& profile);

}  // namespace jevons
