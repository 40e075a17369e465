#pragma once
// Rows of trace files: columns, numbers and times by hand, because the library's readers of numbers
// take longer than the simulation of a request.
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/gzip.h"
#include "sim/time.h"

namespace jevons {

// Splits at commas into `columns`; how many there are, which may be more than fit.
template <std::size_t N>
std::size_t split(std::string_view line, std::array<std::string_view, N>& columns) {
  std::size_t count = 0;
  while (true) {
    const std::size_t comma = line.find(',');
    if (count < N) columns[count] = line.substr(0, comma);
    ++count;
    if (comma == std::string_view::npos) return count;
    line.remove_prefix(comma + 1);
  }
}

// All of the text as a whole number without sign; nothing when it is not one or does not fit.
inline std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Seconds from 0 on, such as 12.5, exact to the nanosecond (further digits are dropped).
std::optional<Span> seconds(std::string_view text);

// A day and time such as 2023-11-16 18:15:46.6805900, as nanoseconds since 1970; UTC when nothing
// or +00:00 follows.
std::optional<Span> day_and_time(std::string_view text);

// A count of tokens between `least` and ten million; else refused, naming the column.
std::int32_t tokens(std::string_view text, std::int32_t least, std::string_view column,
                    const LineReader& at);

// Text as a message quotes it: in quotes, cut where it is long, unprintable bytes as ?.
std::string excerpt(std::string_view text);

}  // namespace jevons
