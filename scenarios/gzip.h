#pragma once
// Lines of a plain or gzip-compressed text file, one at a time, in constant memory. What is wrong
// with the file is said with its name and the line.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jevons {

class LineReader {
 public:
  // A line longer than this is refused: the file is not what it is taken for.
  static constexpr std::size_t max_line = std::size_t{1} << 20;

  // `shown` is how messages name the file; it is opened at `path`. Throws ScenarioError.
  explicit LineReader(const std::string& path, const std::string& shown = "");
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  LineReader(LineReader&&) = delete;
  LineReader& operator=(LineReader&&) = delete;

  // The next line without its line end (LF or CRLF; the last one may lack it); false at the end.
  // The view lives until the next call. A byte order mark before the first line is dropped.
  bool next(std::string_view& line);

  // Number of the line last returned, from 1; 0 before the first.
  std::size_t line_number() const { return line_number_; }

  // Throws the mistake at the line last returned.
  [[noreturn]] void refuse(std::string expected, std::string got, std::string hint = "") const;

 private:
  struct Stream;  // keeps zlib.h out of this header

  bool fill();  // reads on behind what is left; false when the file has ended
  bool take(std::size_t length, std::size_t line_end, std::string_view& line);
  [[noreturn]] void refuse_line(std::size_t line, std::string expected, std::string got,
                                std::string hint) const;

  std::unique_ptr<Stream> stream_;
  std::string shown_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // unread bytes of the buffer
  std::size_t line_number_ = 0;
};

}  // namespace jevons
