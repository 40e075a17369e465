#include "studies/error_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace jevons {

namespace {

// The value of rank ceil(q n), as sim/sketch.h has it.
double quantile(const std::vector<double>& sorted, double q) {
  const double rank = std::ceil(q * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

std::string percent(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", 100 * share);
  return text.data();
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right = false) {
  const std::string space(width > text.size() ? width - text.size() : 0, ' ');
  return to_the_right ? space + text : text + space;
}

std::string refusals(const std::map<std::string, int>& refused) {
  std::string text;
  for (const auto& [reason, rows] : refused)
    text += (text.empty() ? "" : ", ") + std::to_string(rows) + " " + reason;
  return text;
}

JsonValue text_value(std::string text) {
  return {std::move(text), {}};
}
JsonValue number_value(double number) {
  return {json_number(number), {}};
}

JsonValue to_json_table(const ErrorTable& t) {
  JsonValue::Object refused;
  for (const auto& [reason, rows] : t.refused)
    refused.push_back({reason, {json_number(std::int64_t{rows}), {}}, {}});
  const auto error = [&t](double x) { return t.rows > 0 ? number_value(x) : JsonValue{}; };
  return {JsonValue::Object{{"table", text_value(t.table), {}},
                            {"chip", text_value(t.chip), {}},
                            {"metric", text_value(t.metric), {}},
                            {"rows", {json_number(std::int64_t{t.rows}), {}}, {}},
                            {"refused", {std::move(refused), {}}, {}},
                            {"mape", error(t.mape), {}},
                            {"median_ape", error(t.median_ape), {}},
                            {"p90_ape", error(t.p90_ape), {}},
                            {"worst_ape", error(t.worst_ape), {}},
                            {"worst_row", text_value(t.worst_row), {}},
                            {"bias", error(t.bias), {}}},
          {}};
}

}  // namespace

ErrorTables::Errors& ErrorTables::at(std::string_view table, std::string_view chip,
                                     std::string_view metric) {
  return errors_[Key{table, chip, metric}];
}

bool ErrorTables::note(Errors& errors, double error) {
  errors.sum += error;
  errors.ape.push_back(std::abs(error));
  if (errors.ape.back() <= errors.worst) return false;
  errors.worst = errors.ape.back();
  return true;
}

std::vector<ErrorTable> ErrorTables::summary() const {
  std::vector<ErrorTable> tables;
  for (const auto& [key, errors] : errors_) {
    ErrorTable t;
    std::tie(t.table, t.chip, t.metric) = key;
    t.refused = errors.refused;
    if (!errors.ape.empty()) {
      std::vector<double> sorted = errors.ape;
      std::sort(sorted.begin(), sorted.end());
      const auto n = static_cast<double>(sorted.size());
      t.rows = static_cast<int>(sorted.size());
      t.mape = std::accumulate(sorted.begin(), sorted.end(), 0.0) / n;
      t.median_ape = quantile(sorted, 0.5);
      t.p90_ape = quantile(sorted, 0.9);
      t.worst_ape = errors.worst;
      t.bias = errors.sum / n;
      t.worst_row = errors.worst_row;
    }
    tables.push_back(std::move(t));
  }
  return tables;
}

std::string to_text(const std::vector<ErrorTable>& tables) {
  std::vector<std::array<std::string, 11>> lines{{"table", "chip", "metric", "rows", "MAPE",
                                                  "median", "p90", "worst", "bias", "worst row",
                                                  "refused"}};
  for (const ErrorTable& t : tables) {
    const auto error = [&t](double x) { return t.rows > 0 ? percent(x) : std::string{"-"}; };
    lines.push_back({t.table, t.chip, t.metric, std::to_string(t.rows), error(t.mape),
                     error(t.median_ape), error(t.p90_ape), error(t.worst_ape), error(t.bias),
                     t.worst_row, refusals(t.refused)});
  }
  std::array<std::size_t, 11> width{};
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) width[i] = std::max(width[i], line[i].size());
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i)
      row += padded(line[i], width[i], i >= 3 && i <= 8) + "  ";
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

JsonValue to_json_tables(const std::vector<ErrorTable>& tables) {
  JsonValue::List list;
  for (const ErrorTable& t : tables) list.push_back(to_json_table(t));
  return {std::move(list), {}};
}

}  // namespace jevons
