#pragma once
// Numbers and rows as a page for people shows them. Plain text: aligned, no colour, no locale.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jevons {

// 19366 -> "19,366"
std::string grouped(std::int64_t value);
// Three significant digits at least, thousands grouped: 0.0123, 1.23, 12.3, 123, 1,234.
std::string figure(double value);
// 14.8e12 -> "14.8 trillion"
std::string spoken(double value);
// The same with its sign: +1.23, -12.3.
std::string signed_figure(double value);
// 0.123 -> "12.3 %"
std::string percent(double share);

// Rows of cells in columns: the first to the left, the others to the right; each row indented.
struct TextTable {
  std::vector<std::vector<std::string>> rows;
  std::string to_text(std::size_t indent) const;
};

}  // namespace jevons
