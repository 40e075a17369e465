#include "scenarios/workload_tables.h"

#include <charconv>
#include <cmath>

#include "scenarios/trace_row.h"

namespace jevons {

namespace {

std::string_view header(LineReader& lines) {
  std::string_view line;
  if (!lines.next(line)) lines.refuse("a header and rows", "an empty file");
  return line;
}

// Calls `row` with the N columns of each line that is left.
template <std::size_t N, class Row>
void each_row(LineReader& lines, Row row) {
  std::string_view line;
  std::size_t rows = 0;
  while (lines.next(line)) {
    if (line.empty()) continue;
    std::array<std::string_view, N> column;
    const std::size_t count = split(line, column);
    if (count != N) lines.refuse(std::to_string(N) + " columns", std::to_string(count));
    row(column);
    ++rows;
  }
  if (rows == 0) lines.refuse("at least one row", "the end of the file");
}

double between(double least, double most, std::string_view text, std::string_view column,
               const LineReader& at) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (!is_number || !(value >= least && value <= most)) {
    const std::string bound = most < 1e9 ? " to " + std::to_string(std::lround(most)) : " on";
    at.refuse(
        std::string{column} + " as a number from " + std::to_string(std::lround(least)) + bound,
        excerpt(text));
  }
  return value;
}

void read_pairs(LineReader& lines, LengthTable& table) {
  each_row<2>(lines, [&](const auto& column) {
    table.pairs.push_back({tokens(column[0], 1, "prompt_tokens", lines),
                           tokens(column[1], 1, "output_tokens", lines)});
  });
}

bool has_weight(const std::vector<WeightedValue>& histogram) {
  double sum = 0;
  for (const WeightedValue& entry : histogram) sum += entry.weight;
  return sum > 0;
}

void read_histograms(LineReader& lines, LengthTable& table) {
  each_row<3>(lines, [&](const auto& column) {
    const auto [kind, value, weight] = column;
    const bool is_share = kind == "thinking_share";
    if (!is_share && kind != "prompt" && kind != "output")
      lines.refuse("the kind prompt, output or thinking_share", excerpt(kind));
    auto& histogram = is_share           ? table.thinking_share
                      : kind == "prompt" ? table.prompt
                                         : table.output;
    const double number =
        is_share ? between(0, 1, value, "a share", lines) : tokens(value, 1, "tokens", lines);
    histogram.push_back({number, between(0, 1e18, weight, "weight", lines)});
  });
  if (!has_weight(table.prompt) || !has_weight(table.output))
    lines.refuse("prompt and output rows with a positive weight", "the end of the file");
}

}  // namespace

LengthTable read_lengths(const std::string& path, const std::string& shown) {
  LineReader lines{path, shown};
  LengthTable table;
  const std::string_view names = header(lines);
  if (names == "prompt_tokens,output_tokens")
    read_pairs(lines, table);
  else if (names == "kind,value,weight")
    read_histograms(lines, table);
  else
    lines.refuse("the header prompt_tokens,output_tokens or kind,value,weight", excerpt(names));
  return table;
}

std::vector<RatePoint> read_rates(const std::string& path, const std::string& shown) {
  LineReader lines{path, shown};
  if (const std::string_view names = header(lines); names != "time_s,requests_per_s")
    lines.refuse("the header time_s,requests_per_s", excerpt(names));
  std::vector<RatePoint> points;
  each_row<2>(lines, [&](const auto& column) {
    const auto from = seconds(column[0]);
    if (!from) lines.refuse("time_s as seconds from 0 on such as 600", excerpt(column[0]));
    if (!points.empty() && Instant{*from} <= points.back().from)
      lines.refuse("times that rise", excerpt(column[0]), "sort the rows by time");
    points.push_back({Instant{*from}, between(0, 1e18, column[1], "requests_per_s", lines)});
  });
  return points;
}

}  // namespace jevons
