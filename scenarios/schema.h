#pragma once
// What can be written in a scenario, for machines and for people; both come from the shape that
// also checks it.
#include <span>
#include <string>

#include "scenarios/kinds.h"

namespace jevons {

// JSON Schema draft-07, with which editors complete and explain keys. It asks for no key: a file
// that extends another one may leave out any of them; `jevons check` finds what is missing in the
// end. Ids of catalogues are offered as examples.
std::string schema_text(std::span<const Kind> known, const Catalogues& catalogues);

// docs/scenario.md.
std::string reference_text(std::span<const Kind> known);

}  // namespace jevons
