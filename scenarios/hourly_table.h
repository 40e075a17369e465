#pragma once
// A table of consecutive hours, plain or gzip-compressed CSV with a header.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jevons {

struct HourlyColumn {
  std::string_view name;
  double least, most;
};

struct HourlyTable {
  std::int64_t first_hour = 0;  // of the year, 29 February left out
  std::vector<std::vector<double>>
      values;  // in the order of the columns asked for; empty: not there

  std::size_t rows() const;
};

// Columns beside utc must be among `known`; those of `needed` first names must be there. Throws
// ScenarioError.
HourlyTable read_hourly(const std::string& path, const std::string& shown,
                        std::span<const HourlyColumn> known, std::size_t needed);

// Hours from 1 January to 2022-03-01T14 or 2022-03-01; on 29 February, those to 28 February.
std::optional<std::int64_t> hour_of_year(std::string_view text);

}  // namespace jevons
