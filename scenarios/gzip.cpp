#include "scenarios/gzip.h"

#include <cstring>

#include <zlib.h>

#include "scenarios/diagnostics.h"

namespace jevons {

struct LineReader::Stream {
  explicit Stream(const std::string& path) : file{gzopen(path.c_str(), "rb")} {
    if (file != nullptr) gzbuffer(file, 1U << 17U);
  }
  ~Stream() {
    if (file != nullptr) gzclose(file);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  Stream(Stream&&) = delete;
  Stream& operator=(Stream&&) = delete;

  gzFile file;
};

namespace {

bool names_gzip(std::string_view name) {
  return name.ends_with(".gz");
}

}  // namespace

LineReader::LineReader(const std::string& path, const std::string& shown)
    : stream_{std::make_unique<Stream>(path)},
      shown_{shown.empty() ? path : shown},
      buffer_(std::size_t{1} << 18) {
  if (stream_->file == nullptr)
    refuse_line(0, "a file that can be read", "none", "check the path and its permissions");
  fill();
  if (names_gzip(path) && end_ > 0 && gzdirect(stream_->file) != 0)
    refuse_line(0, "a gzip-compressed file", "something else",
                "compress it or drop the ending .gz");
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (std::string_view{buffer_.data(), end_}.starts_with(mark)) begin_ = mark.size();
}

LineReader::~LineReader() = default;

void LineReader::refuse(std::string expected, std::string got, std::string hint) const {
  refuse_line(line_number_, std::move(expected), std::move(got), std::move(hint));
}

void LineReader::refuse_line(std::size_t line, std::string expected, std::string got,
                             std::string hint) const {
  throw ScenarioError{Mistake{.file = shown_,
                              .line = line,
                              .pointer = "",
                              .expected = std::move(expected),
                              .got = std::move(got),
                              .hint = std::move(hint)}};
}

bool LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ > max_line)
      refuse_line(line_number_ + 1, "lines of at most " + std::to_string(max_line) + " bytes",
                  "a longer one", "");
    buffer_.resize(2 * buffer_.size());
  }
  const int got =
      gzread(stream_->file, buffer_.data() + end_, static_cast<unsigned>(buffer_.size() - end_));
  // At the end of a truncated file zlib hands out what it has and reports the error besides.
  int error = Z_OK;
  gzerror(stream_->file, &error);
  if (error == Z_BUF_ERROR)
    refuse_line(line_number_ + 1, "a complete gzip file", "one that ends too early",
                "copy the file again");
  if (error == Z_ERRNO)
    refuse_line(line_number_ + 1, "a file that can be read", "an error of the system",
                "a directory cannot be read");
  if (got < 0 || error == Z_DATA_ERROR)
    refuse_line(line_number_ + 1, "a sound file", "damaged data", "copy the file again");
  end_ += static_cast<std::size_t>(got);
  return got > 0;
}

bool LineReader::take(std::size_t length, std::size_t line_end, std::string_view& line) {
  line = {buffer_.data() + begin_, length};
  if (line.ends_with('\r')) line.remove_suffix(1);
  begin_ += length + line_end;
  ++line_number_;
  if (line.size() > max_line)
    refuse("lines of at most " + std::to_string(max_line) + " bytes", "a longer one");
  return true;
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = 0;
  while (true) {
    const char* from = buffer_.data() + begin_ + searched;
    const std::size_t left = end_ - begin_ - searched;
    if (const void* newline = left > 0 ? std::memchr(from, '\n', left) : nullptr) {
      const auto at = static_cast<std::size_t>(static_cast<const char*>(newline) - from);
      return take(searched + at, 1, line);
    }
    searched += left;
    if (!fill()) return end_ > begin_ && take(end_ - begin_, 0, line);
  }
}

}  // namespace jevons
