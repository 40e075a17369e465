#include "scenarios/page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace jevons {

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string figure(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) return grouped(std::llround(value));
  std::array<char, 32> text{};
  const char* format = "%.1f";
  if (size < 9.995) format = "%.2f";
  if (size < 0.0995) format = "%.3g";
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string spoken(double value) {
  if (value >= 1e12) return figure(value * 1e-12) + " trillion";
  if (value >= 1e9) return figure(value * 1e-9) + " billion";
  if (value >= 1e6) return figure(value * 1e-6) + " million";
  return figure(value);
}

std::string signed_figure(double value) {
  return (value < 0 ? "-" : "+") + figure(std::abs(value));
}

std::string percent(double share) {
  return figure(100 * share) + " %";
}

std::string TextTable::to_text(std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - row[i].size(), ' ');
      line += i == 0 ? row[i] + pad : "  " + pad + row[i];
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace jevons
