#pragma once
// `--set /chip/tdp="500 W"`: one value of a scenario replaced from the command line. It is held
// against the same shape as the file, so it gets the same messages.
#include <string>

#include "scenarios/json_value.h"

namespace jevons {

// VALUE is JSON; what is no JSON is taken as text, so that a quantity
// needs no second pair of quotes. Objects on the way are made where they are missing; a text on the
// way is taken for the id of a catalogue entry of which one value changes. Throws ScenarioError.
struct Setting {
  std::string text;              // POINTER=VALUE
  std::string option = "--set";  // named in messages and origins
};
void override_value(JsonDocument& document, const Setting& setting);

}  // namespace jevons
