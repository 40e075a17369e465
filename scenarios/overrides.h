#pragma once
// `--set /chip/tdp="500 W"`: one value of a scenario replaced from the command line. It is held
// against the same shape as the file, so it gets the same messages.
#include <span>
#include <string>
#include <string_view>

#include "scenarios/json_value.h"

namespace jevons {

// `setting` is POINTER=VALUE. VALUE is JSON; what is no JSON is taken as text, so that a quantity
// needs no second pair of quotes. Objects on the way are made where they are missing; a text on the
// way is taken for the id of a catalogue entry of which one value changes. `said_as` names the
// option in messages and origins. Throws ScenarioError.
void override_value(JsonDocument& document, std::string_view setting,
                    const std::string& said_as = "--set");
void override_values(JsonDocument& document, std::span<const std::string> settings);

}  // namespace jevons
