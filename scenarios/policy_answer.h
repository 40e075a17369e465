#pragma once
// What the export rules say about chips, as pages and as JSON.
#include <span>
#include <string>
#include <vector>

#include "models/policy/rulebook.h"
#include "scenarios/kinds.h"

namespace jevons {

// One chip in one deal: headline, vector of parts, distances, citation.
Answer policy_chip_answer(const Rulebook& book, const ChipSpec& chip, const Deal& deal);

// The headline and the prong of each chip on one day.
Answer policy_chips_answer(const Rulebook& book, std::span<const ChipSpec> chips, const Deal& deal);

// Each chip on every day on which a rule begins or ends. The deal's date is not used.
Answer policy_timeline_answer(const Rulebook& book, std::span<const ChipSpec> chips,
                              const Deal& deal);
// The days, sorted.
std::vector<std::string> days_of_change(const Rulebook& book);

}  // namespace jevons
