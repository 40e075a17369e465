#include "scenarios/hourly_table.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "scenarios/diagnostics.h"
#include "scenarios/gzip.h"
#include "scenarios/trace_row.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

using std::chrono::sys_days;

constexpr std::string_view example = "an hour such as 2022-01-01T00";

struct Hour {
  std::chrono::year_month_day day;
  int hour = 0;

  std::int64_t since_1970() const {
    return std::int64_t{sys_days{day}.time_since_epoch().count()} * 24 + hour;
  }
  bool is_leap_day() const {
    return day.month() == std::chrono::February && day.day() == std::chrono::day{29};
  }
  std::int64_t of_year() const {
    const sys_days first{day.year() / std::chrono::January / 1};
    std::int64_t days = (sys_days{day} - first).count();
    if (day.year().is_leap() && day.month() > std::chrono::February) --days;
    if (is_leap_day()) --days;
    return days * 24 + hour;
  }
};

std::optional<int> digits(std::string_view text, std::size_t from, std::size_t count) {
  if (text.size() < from + count) return std::nullopt;
  const auto number = whole_number(text.substr(from, count));
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

// What follows the hour (minutes, zone) is not read.
std::optional<Hour> parse_hour(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  Hour hour{std::chrono::year{*year} / *month / *day};
  if (!hour.day.ok()) return std::nullopt;
  if (text.size() == 10) return hour;
  const auto h = digits(text, 11, 2);
  if (!h || *h > 23) return std::nullopt;
  hour.hour = *h;
  return hour;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t comma = line.find(','); comma != std::string_view::npos;
       comma = line.find(',')) {
    cells.push_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  cells.push_back(line);
  return cells;
}

std::string shown_number(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  ensure(error == std::errc{}, "a number fits in 32 characters");
  return {text.data(), end};
}

class Reader {
 public:
  Reader(const std::string& path, const std::string& shown, std::span<const HourlyColumn> known)
      : lines_{path, shown},
        known_{known},
        table_{.values = {known.size(), std::vector<double>{}}} {}

  HourlyTable read(std::size_t needed) {
    header(needed);
    std::string_view line;
    while (lines_.next(line))
      if (!line.empty()) row(line);
    if (!last_) lines_.refuse("at least one row", "the end of the file");
    return std::move(table_);
  }

 private:
  void header(std::size_t needed) {
    std::string_view line;
    if (!lines_.next(line)) lines_.refuse("a header and rows", "an empty file");
    std::vector<std::string> names;
    for (const HourlyColumn& column : known_) names.emplace_back(column.name);
    std::vector<std::string_view> cells = cells_of(line);
    if (cells.front() != "utc") lines_.refuse("a first column utc", excerpt(cells.front()));
    for (std::size_t i = 1; i < cells.size(); ++i) {
      const auto found = std::find(names.begin(), names.end(), cells[i]);
      if (found == names.end())
        lines_.refuse("columns " + joined(names), excerpt(cells[i]),
                      did_you_mean(cells[i], names, "columns"));
      places_.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    for (std::size_t i = 0; i < needed; ++i)
      if (std::find(places_.begin(), places_.end(), i) == places_.end())
        lines_.refuse("a column " + names[i], "none");
  }

  void row(std::string_view line) {
    const std::vector<std::string_view> cells = cells_of(line);
    if (cells.size() != places_.size() + 1)
      lines_.refuse(std::to_string(places_.size() + 1) + " columns", std::to_string(cells.size()));
    const auto hour = parse_hour(cells.front());
    if (!hour) lines_.refuse(std::string{example}, excerpt(cells.front()));
    if (last_ && hour->since_1970() != *last_ + 1)
      lines_.refuse("the hour after that of the row before", excerpt(cells.front()),
                    "rows are one hour apart, without gaps");
    if (!last_) table_.first_hour = hour->of_year();
    last_ = hour->since_1970();
    if (hour->is_leap_day()) return;
    for (std::size_t i = 0; i < places_.size(); ++i)
      table_.values[places_[i]].push_back(number(cells[i + 1], known_[places_[i]]));
  }

  double number(std::string_view text, const HourlyColumn& column) const {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (!is_number || !(value >= column.least && value <= column.most))
      lines_.refuse(std::string{column.name} + " as a number from " + shown_number(column.least) +
                        " to " + shown_number(column.most),
                    excerpt(text));
    return value;
  }

  LineReader lines_;
  std::span<const HourlyColumn> known_;
  std::vector<std::size_t> places_;  // in `known`, by column
  std::optional<std::int64_t> last_;
  HourlyTable table_;
};

}  // namespace

std::size_t HourlyTable::rows() const {
  std::size_t most = 0;
  for (const auto& column : values) most = std::max(most, column.size());
  return most;
}

HourlyTable read_hourly(const std::string& path, const std::string& shown,
                        std::span<const HourlyColumn> known, std::size_t needed) {
  return Reader{path, shown, known}.read(needed);
}

std::optional<std::int64_t> hour_of_year(std::string_view text) {
  const auto hour = parse_hour(text);
  if (!hour) return std::nullopt;
  return hour->of_year();
}

}  // namespace jevons
