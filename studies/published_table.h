#pragma once
// Tables of published figures: a row has an id, a value, a chip, a model and its conditions as text
// such as "TP8 PP2 GBS 192; seq 4096". Cells may be quoted.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jevons {

struct PublishedRow {
  std::string id, metric, chip, model, conditions;
  double value = 0;
  int chips = 0;
};

// Rows whose value is a number. Throws ScenarioError.
std::vector<PublishedRow> read_published(const std::string& path);

// Cells of one line; quotes removed.
std::vector<std::string> split_cells(std::string_view line);

// The number behind a word of the conditions: "TP8" and "TP 8" both say 8 for "TP".
std::optional<double> number_after(std::string_view conditions, std::string_view word);
// The text behind a word, to the next semicolon.
std::string text_after(std::string_view conditions, std::string_view word);

}  // namespace jevons
