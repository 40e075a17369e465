#include "studies/csv_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace jevons {

namespace {

void split(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  for (std::size_t begin = 0;;) {
    const std::size_t comma = line.find(',', begin);
    cells.push_back(line.substr(begin, comma - begin));
    if (comma == std::string_view::npos) return;
    begin = comma + 1;
  }
}

}  // namespace

CsvRows::CsvRows(const std::string& path, std::string_view if_missing) : lines_{path} {
  std::string_view header;
  if (!lines_.next(header)) lines_.refuse("a header line", "an empty file");
  split(header, cells_);
  std::vector<std::string_view> names = cells_;
  if (!if_missing.empty() && !if_missing.starts_with(cells_.front())) {
    split(if_missing, names);
    has_row_ = true;
  }
  names_.assign(names.begin(), names.end());
}

bool CsvRows::next() {
  std::string_view line;
  while (!has_row_ && line.empty())
    if (!lines_.next(line)) return false;
  if (!has_row_) split(line, cells_);
  has_row_ = false;
  if (cells_.size() != names_.size())
    lines_.refuse(std::to_string(names_.size()) + " cells", std::to_string(cells_.size()));
  ++rows_;
  return true;
}

int CsvRows::find(std::string_view column) const {
  const auto at = std::find(names_.begin(), names_.end(), column);
  return at == names_.end() ? -1 : static_cast<int>(at - names_.begin());
}

int CsvRows::column(std::string_view name) const {
  const int at = find(name);
  if (at < 0) lines_.refuse("a column \"" + std::string{name} + "\"", "none");
  return at;
}

void CsvRows::refuse(std::string expected, std::string_view got) const {
  lines_.refuse(std::move(expected), '"' + std::string{got} + '"');
}

double CsvRows::number(int column) const {
  const std::string_view cell = text(column);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || !std::isfinite(value))
    lines_.refuse("a number in column \"" + names_[static_cast<std::size_t>(column)] + "\"",
                  "\"" + std::string{cell} + "\"");
  return value;
}

}  // namespace jevons
