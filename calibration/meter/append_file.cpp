#include "calibration/meter/append_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "calibration/meter/refusal.h"

namespace jevons::calibration {
namespace {

void ensure_header(const std::filesystem::path& path, std::string_view got,
                   std::string_view header) {
  if (got != header)
    throw Refusal{path.string() +
                  ": the columns are not those of this version (hint: give another --out)"};
}

// The first line, if it was finished.
std::string first_line(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::string line;
  std::getline(in, line);
  return in.eof() ? std::string{} : line;
}

bool ends_within_a_line(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  in.seekg(-1, std::ios::end);
  return in.get() != '\n';
}

}  // namespace

AppendFile::AppendFile(std::filesystem::path path, std::string_view header)
    : path_{std::move(path)} {
  std::error_code failed;
  std::filesystem::create_directories(path_.parent_path(), failed);
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw Refusal{path_.string() + ": cannot be written (" + strerror(errno) + ")"};
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    close(file_);
    throw Refusal{path_.string() + ": another program is writing it"};
  }
  const std::string first = first_line(path_);
  try {
    if (first.empty() && std::filesystem::file_size(path_) < header.size() + 1) {
      // New, or its writer died within the header.
      if (ftruncate(file_, 0) != 0) throw Refusal{path_.string() + ": cannot be written"};
      append(header);
    } else {
      ensure_header(path_, first, header);
      if (ends_within_a_line(path_)) append("");
    }
  } catch (...) {
    close(file_);
    throw;
  }
}

AppendFile::~AppendFile() {
  close(file_);
}

void AppendFile::append(std::string_view lines) {
  const std::string text = std::string{lines} + "\n";
  const bool is_written =
      write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!is_written) throw Refusal{path_.string() + ": cannot be written (" + strerror(errno) + ")"};
}

std::vector<std::string> lines_of(const std::filesystem::path& path, std::string_view header) {
  std::vector<std::string> lines;
  std::ifstream in{path, std::ios::binary};
  std::string line;
  if (!std::getline(in, line)) return lines;
  ensure_header(path, line, header);
  while (std::getline(in, line)) lines.push_back(line);
  return lines;
}

}  // namespace jevons::calibration
