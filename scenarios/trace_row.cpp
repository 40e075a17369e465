#include "scenarios/trace_row.h"

#include <chrono>
#include <cmath>

namespace jevons {

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int32_t most_tokens = 10'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Digits behind a decimal point as nanoseconds; nothing when there are none or others.
std::optional<std::int64_t> fraction(std::string_view digits) {
  std::int64_t value = 0;
  std::int64_t unit = second;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    unit /= 10;
    value += (c - '0') * unit;
  }
  if (digits.empty()) return std::nullopt;
  return value;
}

// Spreadsheets write small times as 1e-05.
std::optional<Span> scientific_seconds(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (!is_number || !(value >= 0 && value < 9e9)) return std::nullopt;
  return Span{std::llround(value * 1e9)};
}

// The number of `length` digits at `from`, or -1.
int digits(std::string_view text, std::size_t from, std::size_t length) {
  int value = 0;
  for (const char c : text.substr(from, length)) {
    if (!is_digit(c)) return -1;
    value = 10 * value + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<Span> seconds(std::string_view text) {
  if (text.find_first_of("eE") != std::string_view::npos) return scientific_seconds(text);
  const std::size_t point = text.find('.');
  const auto whole = whole_number(text.substr(0, point));
  if (!whole || *whole >= 9'000'000'000) return std::nullopt;
  const auto part = point == std::string_view::npos ? std::optional<std::int64_t>{0}
                                                    : fraction(text.substr(point + 1));
  if (!part) return std::nullopt;
  return Span{static_cast<std::int64_t>(*whole) * second + *part};
}

std::optional<Span> day_and_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00 00:00:00";
  constexpr std::string_view utc = "+00:00";
  if (text.ends_with(utc)) text.remove_suffix(utc.size());
  if (text.size() < shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return std::nullopt;
  const int year = digits(text, 0, 4);
  if (year < 1970 || year > 2261) return std::nullopt;  // nanoseconds since 1970 fit in 64 bits
  const std::chrono::year_month_day day{
      std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(digits(text, 5, 2))},
      std::chrono::day{static_cast<unsigned>(digits(text, 8, 2))}};
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), s = digits(text, 17, 2);
  if (!day.ok() || hour > 23 || minute > 59 || s > 59) return std::nullopt;
  std::int64_t part = 0;
  if (text.size() > shape.size()) {
    const auto behind = text[shape.size()] == '.' ? fraction(text.substr(shape.size() + 1))
                                                  : std::optional<std::int64_t>{};
    if (!behind) return std::nullopt;
    part = *behind;
  }
  const std::int64_t days = std::chrono::sys_days{day}.time_since_epoch().count();
  return Span{(((days * 24 + hour) * 60 + minute) * 60 + s) * second + part};
}

std::int32_t tokens(std::string_view text, std::int32_t least, std::string_view column,
                    const LineReader& at) {
  const auto value = whole_number(text);
  if (!value || *value < static_cast<std::uint64_t>(least) || *value > most_tokens)
    at.refuse(std::string{column} + " as a whole number from " + std::to_string(least) + " to " +
                  std::to_string(most_tokens),
              excerpt(text));
  return static_cast<std::int32_t>(*value);
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string shown{text.substr(0, longest)};
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '?';
  return '"' + shown + (text.size() > longest ? "..." : "") + '"';
}

}  // namespace jevons
