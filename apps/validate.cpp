#include "apps/validate.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>

#include "scenarios/json_value.h"
#include "studies/validate.h"

namespace jevons {

namespace {

std::string in_csv(const std::string& cell) {
  if (cell.find_first_of(",\"") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string{c};
  return quoted + "\"";
}

JsonValue names(const std::vector<std::string>& list) {
  JsonValue::List values;
  for (const std::string& name : list) values.push_back({name, {}});
  return {std::move(values), {}};
}

// Published figures, each beside what is simulated.
std::string figures_text(const std::vector<Comparison>& figures) {
  if (figures.empty()) return "";
  std::map<std::string, std::size_t> width;
  for (const Comparison& c : figures) width[c.table] = std::max(width[c.table], c.row.size());
  std::string text, table;
  for (const Comparison& c : figures) {
    if (c.table != table) text += "\n" + c.table + "\n";
    table = c.table;
    std::array<char, 96> numbers{};
    std::snprintf(numbers.data(), numbers.size(), "  published %14.4f  simulated %14.4f  %+.3f %%",
                  c.measured, c.predicted, 100 * (c.predicted / c.measured - 1));
    std::string row = c.row;
    row.resize(width[c.table], ' ');
    text += "  " + row + "  " + c.metric + numbers.data() + "\n";
  }
  return text;
}

JsonValue figures_json(const std::vector<Comparison>& figures) {
  JsonValue::List list;
  for (const Comparison& c : figures)
    list.push_back({JsonValue::Object{{"table", {c.table, {}}, {}},
                                      {"metric", {c.metric, {}}, {}},
                                      {"row", {c.row, {}}, {}},
                                      {"simulated", {json_number(c.predicted), {}}, {}},
                                      {"published", {json_number(c.measured), {}}, {}}},
                    {}});
  return {std::move(list), {}};
}

}  // namespace

Answer validate_command(const CommandLine& line, const Workbench& bench) {
  const std::filesystem::path calibration = bench.parts.parent_path().parent_path() / "calibration";
  std::optional<OutputDir> out;
  std::ofstream rows;
  ValidationInput input{.data = line.data ? std::filesystem::path{*line.data} : calibration,
                        .calibration = calibration,
                        .catalogues = catalogues_in({bench.parts}),
                        .progress = bench.progress};
  if (line.out) {
    out.emplace(*line.out);
    rows.open(out->file("rows.csv"));
    rows << "table,chip,metric,row,predicted,measured\n";
    input.row = [&rows](const Comparison& c) {
      rows << in_csv(c.table) << ',' << c.chip << ',' << c.metric << ',' << in_csv(c.row) << ','
           << json_number(c.predicted).spelled << ',' << json_number(c.measured).spelled << '\n';
    };
  }
  const ValidationReport report = validate(input);
  Answer answer{to_text(report.tables),
                {JsonValue::Object{{"tables", to_json_tables(report.tables), {}},
                                   {"figures", figures_json(report.figures), {}},
                                   {"skipped", names(report.skipped), {}}},
                 {}}};
  answer.text += figures_text(report.figures);
  for (const std::string& part : report.skipped)
    answer.text += "not there, skipped: " + part + "\n";
  if (out) {
    rows.close();
    out->write(
        "manifest.json",
        to_text(JsonValue{JsonValue::Object{{"tables", to_json_tables(report.tables), {}}}, {}}));
    out->commit();
    answer.text += "\nrows in " + out->final_path().string() + "\n";
  }
  return answer;
}

}  // namespace jevons
