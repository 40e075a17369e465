#pragma once
// scenario.resolved.json: every value of a scenario, defaults included, with where it came from. It
// is a scenario itself and repeats the run.
#include "scenarios/json_value.h"

namespace jevons {

// Adds "$origin" to `resolved`, the written form of the value that `document` describes: for each
// leaf its pointer and "file:line", the option that set it, or "default".
JsonValue with_origins(JsonValue resolved, const JsonDocument& document);

}  // namespace jevons
