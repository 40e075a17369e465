#pragma once
// A place for a file of a test. Tests run side by side as processes: each has its own place.
#include <filesystem>
#include <string>

#include <unistd.h>

namespace jevons {

inline std::filesystem::path temporary_path(const std::string& name) {
  return std::filesystem::temp_directory_path() /
         ("jevons-" + std::to_string(getpid()) + "-" + name);
}

}  // namespace jevons
