#pragma once
// The dense model of equal capability, and what the mixture of experts gains over it.
#include <optional>

#include "models/hardware/chip.h"
#include "models/llm/transformer.h"
#include "scenarios/kinds.h"

namespace jevons {

// With a chip also steps and joules, on a cluster of it and in the layout that the search finds.
// Throws ScenarioError where there is none.
Answer twin(const ModelCard& card, const std::optional<ChipSpec>& chip);

}  // namespace jevons
