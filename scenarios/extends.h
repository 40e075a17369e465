#pragma once
// Documents made of several files. An object that says "$extends": "base.json" (or a list of files)
// starts from what those files hold and changes it as RFC 7396 says: objects are merged key by key,
// anything else replaces, null removes. Paths are relative to the file that says them.
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/json_value.h"

namespace jevons {

// Where texts come from: the disk; tests and the fuzzer keep theirs in memory.
struct TextFiles {
  std::function<std::optional<std::string>(const std::string& path)> read;
  // Names in the directory of `path`, to offer where a file is missing.
  std::function<std::vector<std::string>(const std::string& path)> beside;
};
TextFiles disk();

// A document may load this many files; more are taken for an explosion of mutual extension.
inline constexpr std::size_t most_files = 1000;

// Throws ScenarioError: unreadable files, texts that are no JSON, cycles, wrong "$extends".
JsonDocument load_document(const std::string& path, const TextFiles& files);

// Loads one more file as a value of `document`.
JsonValue load_into(JsonDocument& document, const std::string& path, const TextFiles& files);

// RFC 7396: `patch` over `target`.
void merge(JsonValue& target, JsonValue patch);

}  // namespace jevons
