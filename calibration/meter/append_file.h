#pragma once
// A text file that only grows, line by line, and outlives whoever writes it: every line is one
// write, so a killed program loses at most the one it was writing. A machine that dies may lose the
// last seconds: waiting for the disk after every row costs more than measuring again.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace jevons::calibration {

class AppendFile {
 public:
  // Creates the file with its header, or goes on with one that has this header; a torn last line is
  // closed, so that the next one stands alone. Throws Refusal: cannot be written, another header.
  AppendFile(std::filesystem::path path, std::string_view header);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // One or several lines, without the last newline.
  void append(std::string_view lines);

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

// The lines behind the header; none if there is no such file. Throws Refusal: another header.
std::vector<std::string> lines_of(const std::filesystem::path& path, std::string_view header);

}  // namespace jevons::calibration
