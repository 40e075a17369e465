#pragma once
// The path of a file as a scenario names it.
#include <filesystem>
#include <string>
#include <vector>

namespace jevons {

struct FilePath {
  std::string written;  // as in the text
  std::filesystem::path
      path;  // relative to the file that names it; for an override, to where we are
};

// `written` as seen from the file `named_in`.
std::filesystem::path seen_from(const std::string& named_in, const std::string& written);

// Names in the directory of this path, sorted; none when it cannot be read.
std::vector<std::string> names_beside(const std::filesystem::path& path);

}  // namespace jevons
