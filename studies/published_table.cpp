#include "studies/published_table.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "scenarios/gzip.h"

namespace jevons {

namespace {

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Place behind a whole word; a digit may follow directly.
std::size_t behind(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_letter(text[at - 1]);
    const bool ends = end == text.size() || !is_letter(text[end]) ||
                      std::isdigit(static_cast<unsigned char>(text[end])) != 0;
    if (begins && ends) return end;
  }
  return std::string_view::npos;
}

std::optional<double> to_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return {};
  return value;
}

}  // namespace

std::vector<std::string> split_cells(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
      cells.back() += line[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

std::vector<PublishedRow> read_published(const std::string& path) {
  LineReader lines{path};
  std::string_view line;
  if (!lines.next(line)) lines.refuse("a header line", "an empty file");
  const std::vector<std::string> names = split_cells(line);
  const auto column = [&](std::string_view name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) lines.refuse("a column \"" + std::string{name} + "\"", "none");
    return static_cast<std::size_t>(at - names.begin());
  };
  const std::size_t id = column("id"), metric = column("metric"), value = column("value"),
                    chip = column("chip"), chips = column("n_chips"), model = column("model"),
                    conditions = column("conditions");
  std::vector<PublishedRow> rows;
  while (lines.next(line)) {
    const std::vector<std::string> c = split_cells(line);
    if (c.size() != names.size())
      lines.refuse(std::to_string(names.size()) + " cells", std::to_string(c.size()));
    const auto number = to_number(c[value]);
    if (!number) continue;
    const double n = to_number(c[chips]).value_or(0);
    rows.push_back(
        {c[id], c[metric], c[chip], c[model], c[conditions], *number, static_cast<int>(n)});
  }
  return rows;
}

std::optional<double> number_after(std::string_view conditions, std::string_view word) {
  std::size_t at = behind(conditions, word);
  if (at == std::string_view::npos) return {};
  while (at < conditions.size() && conditions[at] == ' ') ++at;
  return to_number(conditions.substr(at));
}

std::string text_after(std::string_view conditions, std::string_view word) {
  std::size_t at = behind(conditions, word);
  if (at == std::string_view::npos) return {};
  while (at < conditions.size() && conditions[at] == ' ') ++at;
  return std::string{conditions.substr(at, conditions.find(';', at) - at)};
}

}  // namespace jevons
