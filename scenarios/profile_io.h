#pragma once
// Chip profiles as JSON: calibration/profiles/<chip>.json.
#include <filesystem>
#include <string>

#include "models/llm/kernel_cost.h"

namespace jevons {

// Throws ScenarioError with every mistake: unknown keys and kinds, numbers out of range, tables
// whose values do not fit their knots.
ChipProfile load_profile(const std::filesystem::path& path);

// The profile as text; loading it gives the same profile once more, digit for digit, if the numbers
// went through `rounded` before.
std::string profile_text(const ChipProfile& profile);

// Coefficients to 6 significant digits, corrections to 1e-4: what the text holds.
KernelCost rounded(const KernelCost& law);

}  // namespace jevons
