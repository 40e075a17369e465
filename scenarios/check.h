#pragma once
// Holds a document against a shape and names every difference.
#include <string_view>

#include "scenarios/diagnostics.h"
#include "scenarios/json_value.h"
#include "scenarios/shape.h"

namespace jevons {

// Unknown and missing keys, wrong types, wrong units, values out of range, unknown names, files
// that are not there; in the order in which they stand in the text.
Mistakes check(const Shape& shape, const JsonDocument& document);

// A mistake at this pointer of a document, for laws between fields that no single range can say.
Mistake mistake_at(const JsonDocument& document, std::string_view pointer, std::string expected,
                   std::string got, std::string hint = "");

// Keys allowed at the top beside those of the shape: "$schema" is for editors, "$origin" is what
// scenario.resolved.json says about where its values came from.
bool is_remark(std::string_view key);

}  // namespace jevons
