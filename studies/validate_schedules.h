#pragma once
// Published schedules of job traces, and closed forms of queueing, against the scheduler.
#include <filesystem>
#include <vector>

#include "studies/comparison.h"

namespace jevons {

// Of a directory with the files named as docs/validation.md says; those that are not there are left
// out. Throws ScenarioError.
std::vector<Comparison> validate_schedules(const std::filesystem::path& jobs);

}  // namespace jevons
