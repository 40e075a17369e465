#include "apps/validate.h"

#include <fstream>
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
                                   {"skipped", names(report.skipped), {}}},
                 {}}};
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
