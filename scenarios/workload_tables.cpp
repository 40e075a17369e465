#include "scenarios/workload_tables.h"

#include <charconv>
#include <cmath>
#include <initializer_list>

#include "scenarios/trace_row.h"

namespace jevons {

namespace {

// Calls `row` with the two columns of each line below one of the allowed headers.
template <class Row>
void each_row(LineReader& lines, std::initializer_list<std::string_view> headers, Row row) {
  std::string_view line;
  if (!lines.next(line)) lines.refuse("a header and rows", "an empty file");
  bool is_known = false;
  std::string allowed;
  for (const std::string_view header : headers) {
    is_known = is_known || line == header;
    allowed += (allowed.empty() ? "" : " or ") + std::string{header};
  }
  if (!is_known) lines.refuse("the header " + allowed, excerpt(line));
  std::size_t rows = 0;
  while (lines.next(line)) {
    if (line.empty()) continue;
    std::array<std::string_view, 2> column;
    const std::size_t count = split(line, column);
    if (count != 2) lines.refuse("2 columns", std::to_string(count));
    row(column[0], column[1]);
    ++rows;
  }
  if (rows == 0) lines.refuse("at least one row", "the end of the file");
}

double not_negative(std::string_view text, std::string_view column, const LineReader& at) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (!is_number || !std::isfinite(value) || value < 0)
    at.refuse(std::string{column} + " as a number from 0 on", excerpt(text));
  return value;
}

}  // namespace

std::vector<LengthPair> read_length_pairs(const std::string& path) {
  LineReader lines{path};
  std::vector<LengthPair> pairs;
  each_row(lines, {"prompt_tokens,output_tokens"}, [&](std::string_view a, std::string_view b) {
    pairs.push_back({tokens(a, 1, "prompt_tokens", lines), tokens(b, 1, "output_tokens", lines)});
  });
  return pairs;
}

std::vector<WeightedValue> read_histogram(const std::string& path) {
  LineReader lines{path};
  std::vector<WeightedValue> values;
  double sum = 0;
  each_row(lines, {"tokens,probability", "share,probability"},
           [&](std::string_view a, std::string_view b) {
             const WeightedValue next{not_negative(a, "the value", lines),
                                      not_negative(b, "probability", lines)};
             if (!values.empty() && next.value <= values.back().value)
               lines.refuse("values that rise", excerpt(a), "sort the rows by value");
             sum += next.probability;
             values.push_back(next);
           });
  if (std::abs(sum - 1) > 1e-3) lines.refuse("probabilities that sum to 1", std::to_string(sum));
  return values;
}

std::vector<RatePoint> read_rates(const std::string& path) {
  LineReader lines{path};
  std::vector<RatePoint> points;
  each_row(lines, {"time_s,requests_per_s"}, [&](std::string_view a, std::string_view b) {
    const auto from = seconds(a);
    if (!from) lines.refuse("time_s as seconds from 0 on such as 600", excerpt(a));
    if (!points.empty() && Instant{*from} <= points.back().from)
      lines.refuse("times that rise", excerpt(a), "sort the rows by time");
    points.push_back({Instant{*from}, not_negative(b, "requests_per_s", lines)});
  });
  return points;
}

}  // namespace jevons
