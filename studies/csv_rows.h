#pragma once
// Cells of a comma-separated table by column name, one row at a time.
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/gzip.h"

namespace jevons {

class CsvRows {
 public:
  // Reads the header. Some published tables lack theirs: `if_missing` stands in where the first
  // line does not begin with its first name. Throws ScenarioError.
  explicit CsvRows(const std::string& path, std::string_view if_missing = "");

  bool next();
  // Place of a column, -1 if there is none.
  int find(std::string_view column) const;
  // Place of a column that must be there. Throws ScenarioError.
  int column(std::string_view name) const;

  std::string_view text(int column) const { return cells_[static_cast<std::size_t>(column)]; }
  // Throws ScenarioError if the cell is not a finite number.
  double number(int column) const;
  int whole(int column) const { return static_cast<int>(number(column)); }
  std::size_t rows() const { return rows_; }  // returned so far
  // Throws the mistake at the present row.
  [[noreturn]] void refuse(std::string expected, std::string_view got) const;

 private:
  LineReader lines_;
  std::vector<std::string> names_;
  std::vector<std::string_view> cells_;
  std::size_t rows_ = 0;
  bool has_row_ = false;  // the line in cells_ was not returned yet
};

}  // namespace jevons
