#include "scenarios/csv_file.h"

#include <array>
#include <charconv>
#include <ios>

#include "scenarios/output_dir.h"

namespace jevons {
namespace {

constexpr std::size_t flush_at = std::size_t{1} << 16;

template <class Value>
void append(std::string& out, Value value) {
  std::array<char, 32> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), result.ptr);
}

}  // namespace

CsvFile::CsvFile(const std::filesystem::path& path, std::string_view header)
    : path_{path}, file_{path, std::ios::binary} {
  buffer_.reserve(flush_at + 1024);
  buffer_ += header;
  buffer_ += '\n';
}

CsvFile& CsvFile::whole(std::int64_t value) {
  comma();
  append(buffer_, value);
  return *this;
}

CsvFile& CsvFile::text(std::string_view value) {
  comma();
  buffer_ += value;
  return *this;
}

CsvFile& CsvFile::seconds(Span value) {
  constexpr std::int64_t ns_per_s = 1'000'000'000;
  comma();
  append(buffer_, value.count() / ns_per_s);
  std::int64_t rest = value.count() % ns_per_s;
  if (rest == 0) return *this;
  buffer_ += '.';
  for (std::int64_t digit = ns_per_s / 10; rest > 0; digit /= 10) {
    buffer_ += static_cast<char>('0' + rest / digit);
    rest %= digit;
  }
  return *this;
}

CsvFile& CsvFile::number(double value) {
  comma();
  append(buffer_, value);
  return *this;
}

void CsvFile::end_row() {
  buffer_ += '\n';
  is_row_empty_ = true;
  if (buffer_.size() >= flush_at) flush();
}

void CsvFile::flush() {
  file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

void CsvFile::close() {
  flush();
  file_.close();
  if (!file_) throw OutputError{path_.string() + ": could not be written"};
}

}  // namespace jevons
