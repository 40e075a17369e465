#include "scenarios/file_path.h"

#include <algorithm>
#include <system_error>

namespace jevons {

std::filesystem::path seen_from(const std::string& named_in, const std::string& written) {
  return (std::filesystem::path{named_in}.parent_path() / written).lexically_normal();
}

std::vector<std::string> names_beside(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  std::error_code ignored;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{parent, ignored})
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace jevons
