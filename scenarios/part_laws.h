#pragma once
// Laws between the fields of catalogue entries that no range of a single field can say. To be held
// wherever a scenario may have changed an entry.
#include <string_view>

#include "models/hardware/chip.h"
#include "models/llm/transformer.h"
#include "scenarios/diagnostics.h"
#include "scenarios/json_value.h"

namespace jevons {

// `pointer` is where the card stands in the document.
Mistakes laws(const ModelCard& card, const JsonDocument& document, std::string_view pointer);

// What a simulation needs to know about a chip, though a catalogue entry may leave it unknown.
Mistakes laws_to_simulate(const ChipSpec& chip, const JsonDocument& document,
                          std::string_view pointer);

}  // namespace jevons
