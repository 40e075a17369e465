#pragma once
// A struct as one line of comma-separated text. The struct has
//
//   template <class Self, class Visitor>
//   static void columns(Self& self, Visitor&& column) { column("seconds", self.seconds); ... }
//
// Every line ends in the column `complete`: a program that dies while it writes leaves a line
// without it, and such a line is not read.
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/fields.h"

namespace jevons::calibration {

inline constexpr std::string_view complete_mark = "yes";

namespace csv {

inline std::string cell(const std::string& value) {
  std::string text = value;
  for (char& c : text)
    if (c == ',' || c == '\n' || c == '\r') c = ';';
  return text;
}
inline std::string cell(bool value) {
  return value ? "1" : "0";
}
template <class T>
requires std::is_arithmetic_v<T> std::string cell(T value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}
template <class E>
requires std::is_enum_v<E> std::string cell(E value) {
  return std::string{jevons::name_of(value)};
}

inline bool read(std::string_view text, std::string& value) {
  value = text;
  return true;
}
inline bool read(std::string_view text, bool& value) {
  value = text == "1";
  return value || text == "0";
}
template <class T>
requires std::is_arithmetic_v<T>
bool read(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}
template <class E>
requires std::is_enum_v<E>
bool read(std::string_view text, E& value) {
  for (const auto& entry : enum_names<E>)
    if (entry.name == text) {
      value = entry.value;
      return true;
    }
  return false;
}

inline std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma != std::string_view::npos) line.remove_prefix(comma + 1);
  }
  return cells;
}

}  // namespace csv

template <class T>
std::string header_of() {
  std::string line;
  T none{};
  T::columns(none, [&](std::string_view name, auto&) { line += std::string{name} + ","; });
  return line + "complete";
}

template <class T>
std::string line_of(const T& record) {
  std::string line;
  T::columns(record, [&](std::string_view, const auto& value) { line += csv::cell(value) + ","; });
  return line + std::string{complete_mark};
}

// False for a line that is torn or no such record.
template <class T>
bool read_line(std::string_view line, T& record) {
  const std::vector<std::string_view> cells = csv::cells_of(line);
  if (cells.back() != complete_mark) return false;
  std::size_t i = 0;
  bool is_whole = true;
  T::columns(record, [&](std::string_view, auto& value) {
    is_whole = is_whole && i + 1 < cells.size() && csv::read(cells[i], value);
    ++i;
  });
  return is_whole && i + 1 == cells.size();
}

}  // namespace jevons::calibration
