#pragma once
// A table of results, a cell at a time.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "sim/time.h"

namespace jevons {

// Plain CSV, a cell at a time. Formatting by hand: the library's streams take longer than the
// simulation of a request.
class CsvFile {
 public:
  CsvFile(const std::filesystem::path& path, std::string_view header);

  CsvFile& whole(std::int64_t value);
  CsvFile& text(std::string_view value);
  CsvFile& empty() { return text(""); }
  CsvFile& seconds(Span value);  // to the nanosecond, without needless zeros
  CsvFile& number(double value);
  void end_row();
  // Throws OutputError if anything could not be written.
  void close();

 private:
  void comma() {
    if (!is_row_empty_) buffer_ += ',';
    is_row_empty_ = false;
  }
  void flush();

  std::filesystem::path path_;
  std::ofstream file_;
  std::string buffer_;
  bool is_row_empty_ = true;
};

}  // namespace jevons
