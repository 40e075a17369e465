#pragma once
// Two pictures as SVG, without a library: bands over years, and a map of cells by colour.
#include <optional>
#include <string>
#include <vector>

#include "models/economics/spread.h"

namespace jevons {

struct Band {
  std::string name;
  std::vector<Spread> values;  // one for each year
};

// A line for the median of each band and its range behind it.
std::string fan_chart(const std::string& title, const std::string& unit, double first_year,
                      const std::vector<Band>& bands);

struct CellMap {
  std::string title, row_name, column_name;
  std::vector<double> rows, columns;
  std::vector<std::vector<std::optional<double>>> cells;  // shares; 1 is where the colour turns
};

std::string cell_map(const CellMap& map);

}  // namespace jevons
