#pragma once
// JSON text (RFC 8259) to a tree. Comments (// and /* */) are allowed; everything else is as strict
// as the standard, and stricter where it leaves a choice: every key once, numbers finite, UTF-8
// valid, at most `deepest` levels and `largest` bytes.
#include <cstddef>
#include <string>
#include <string_view>

#include "scenarios/json_value.h"

namespace jevons {

inline constexpr std::size_t deepest = 64;
inline constexpr std::size_t largest = std::size_t{8} << 20U;

// Throws ScenarioError: all repeated keys, and the first place where the text stops being JSON.
JsonDocument parse_json(std::string file, std::string_view text);

// The same for one more text of `document`, whose name is its last file.
JsonValue parse_json_into(const JsonDocument& document, std::string_view text);

}  // namespace jevons
