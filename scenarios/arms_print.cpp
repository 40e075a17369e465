#include "scenarios/arms_print.h"

#include <algorithm>
#include <utility>

#include "scenarios/csv_file.h"
#include "scenarios/page.h"

namespace jevons {
namespace {

// With more arms than this a page is too narrow for a column each.
constexpr std::size_t most_columns = 4;

std::string or_dash(const std::optional<double>& value) {
  return value ? figure(*value) : "-";
}

std::string labelled(const MetricRow& row) {
  return row.unit.empty() ? row.name : row.name + " (" + row.unit + ")";
}

std::string ratio_text(const MetricRow& row, std::size_t arm) {
  const auto ratio = row.ratio(arm);
  return ratio ? "x " + figure(*ratio) : "";
}

// Cells by row and column, turned round where columns would be too many.
TextTable turned(TextTable table, bool is_turned) {
  if (!is_turned) return table;
  TextTable out;
  out.rows.resize(table.rows.front().size());
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i) out.rows[i].push_back(row[i]);
  return out;
}

std::string metric_text(const ArmsOutcome& o) {
  if (o.rows.empty()) return "";
  TextTable table{{{"compared"}}};
  for (std::size_t arm = 0; arm < o.runs.size(); ++arm) {
    table.rows.front().push_back(o.runs[arm].name);
    if (arm > 0) table.rows.front().emplace_back("");
  }
  for (const MetricRow& row : o.rows) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    cells.push_back(labelled(row));
    for (std::size_t arm = 0; arm < o.runs.size(); ++arm) {
      cells.push_back(or_dash(row.values[arm]));
      if (arm > 0) cells.push_back(ratio_text(row, arm));
    }
  }
  return table.to_text(2);
}

// One block for each metric: with many arms that is easier to read than one wide table.
std::string long_metric_text(const ArmsOutcome& o) {
  TextTable table{{{"compared"}}};
  for (const MetricRow& row : o.rows) {
    table.rows.front().push_back(labelled(row));
    table.rows.front().emplace_back("");
  }
  for (std::size_t arm = 0; arm < o.runs.size(); ++arm) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    cells.push_back(o.runs[arm].name);
    for (const MetricRow& row : o.rows) {
      cells.push_back(or_dash(row.values[arm]));
      cells.push_back(arm > 0 ? ratio_text(row, arm) : "");
    }
  }
  return table.to_text(2);
}

std::string difference_text(const ArmsOutcome& o) {
  if (o.differences.empty()) return "  no input differs\n";
  TextTable table{{{"inputs that differ"}}};
  for (const ArmRun& run : o.runs) table.rows.front().push_back(run.name);
  for (const Difference& d : o.differences) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    cells.push_back(d.pointer);
    for (const std::string& value : d.values) cells.push_back(value.empty() ? "-" : value);
  }
  return turned(std::move(table), o.runs.size() > most_columns).to_text(2);
}

// The break-even against the arms that stand in for the first one.
std::string range_text(const BreakEven& asked, const BreakEvenPoint& p) {
  if (!p.low) return "";
  std::string out = "      against " + joined(asked.range) + " too: " + spoken(*p.low) + " to " +
                    spoken(*p.high) + " " + asked.unit;
  if (asked.per_day)
    out += ", " + figure(*p.low / *asked.per_day) + " to " + figure(*p.high / *asked.per_day) +
           " days";
  if (p.has_open_end) out += "; against one of them there is none";
  return out + "\n";
}

std::string break_even_text(const BreakEven& asked, const std::vector<BreakEvenPoint>& points) {
  std::string out = "  " + asked.name + "\n";
  for (const BreakEvenPoint& p : points) {
    out += "    " + p.arm + ": ";
    if (p.units) out += spoken(*p.units) + " " + asked.unit;
    if (p.days) out += ", " + figure(*p.days) + " days at " + spoken(*asked.per_day) + " a day";
    out += (p.units ? "; " : "") + p.words + "\n" + range_text(asked, p);
  }
  return out;
}

std::string caveat_text(const ArmsOutcome& o) {
  if (o.caveats.empty()) return "";
  std::string out = "\n  caveats\n";
  for (const Caveat& c : o.caveats) {
    out += "  - ";
    if (c.arms.size() < o.runs.size()) out += joined(c.arms) + ": ";
    out += c.text + "\n";
  }
  return out;
}

JsonValue text(std::string value) {
  return {std::move(value), {}};
}

JsonValue number(const std::optional<double>& value) {
  return value ? JsonValue{json_number(*value), {}} : JsonValue{};
}

JsonValue metric_json(const ArmsOutcome& o, const MetricRow& row) {
  JsonValue::Object values, ratios;
  for (std::size_t arm = 0; arm < o.runs.size(); ++arm) {
    values.push_back({o.runs[arm].name, number(row.values[arm]), {}});
    ratios.push_back({o.runs[arm].name, number(row.ratio(arm)), {}});
  }
  return {JsonValue::Object{{"name", text(row.name), {}},
                            {"unit", text(row.unit), {}},
                            {"values", {std::move(values), {}}, {}},
                            {"ratios", {std::move(ratios), {}}, {}}},
          {}};
}

JsonValue difference_json(const ArmsOutcome& o, const Difference& d) {
  JsonValue::Object values;
  for (std::size_t arm = 0; arm < o.runs.size(); ++arm)
    values.push_back(
        {o.runs[arm].name, d.values[arm].empty() ? JsonValue{} : text(d.values[arm]), {}});
  return {
      JsonValue::Object{{"pointer", text(d.pointer), {}}, {"values", {std::move(values), {}}, {}}},
      {}};
}

JsonValue break_even_json(const BreakEven& asked, const std::vector<BreakEvenPoint>& points) {
  JsonValue::Object arms;
  for (const BreakEvenPoint& p : points)
    arms.push_back({p.arm,
                    {JsonValue::Object{{"count", number(p.units), {}},
                                       {"days", number(p.days), {}},
                                       {"count_low", number(p.low), {}},
                                       {"count_high", number(p.high), {}},
                                       {"text", text(p.words), {}}},
                     {}},
                    {}});
  return {JsonValue::Object{{"name", text(asked.name), {}},
                            {"unit", text(asked.unit), {}},
                            {"arms", {std::move(arms), {}}, {}}},
          {}};
}

JsonValue caveat_json(const Caveat& c) {
  JsonValue::List arms;
  for (const std::string& arm : c.arms) arms.push_back(text(arm));
  return {JsonValue::Object{{"text", text(c.text), {}}, {"arms", {std::move(arms), {}}, {}}}, {}};
}

}  // namespace

std::string arms_text(const ArmsScenario& scenario, const ArmsOutcome& o) {
  std::string page = scenario.title.empty() ? "arms" : scenario.title;
  page += "\n\n" + difference_text(o) + "\n";
  page += o.runs.size() > most_columns ? long_metric_text(o) : metric_text(o);
  for (std::size_t i = 0; i < o.points.size(); ++i)
    page += "\n" + break_even_text(scenario.break_evens[i], o.points[i]);
  return page + caveat_text(o);
}

JsonValue arms_summary(const ArmsScenario& scenario, const ArmsOutcome& o) {
  JsonValue::Object arms;
  for (const ArmRun& run : o.runs) arms.push_back({run.name, run.summary, {}});
  JsonValue::List metrics, different, points, caveats;
  for (const MetricRow& row : o.rows) metrics.push_back(metric_json(o, row));
  for (const Difference& d : o.differences) different.push_back(difference_json(o, d));
  for (std::size_t i = 0; i < o.points.size(); ++i)
    points.push_back(break_even_json(scenario.break_evens[i], o.points[i]));
  for (const Caveat& c : o.caveats) caveats.push_back(caveat_json(c));
  return {JsonValue::Object{{"name", text(scenario.title), {}},
                            {"differences", {std::move(different), {}}, {}},
                            {"metrics", {std::move(metrics), {}}, {}},
                            {"break_evens", {std::move(points), {}}, {}},
                            {"arms", {std::move(arms), {}}, {}},
                            {"caveats", {std::move(caveats), {}}, {}}},
          {}};
}

void write_arms_csv(const ArmsScenario& scenario, const ArmsOutcome& o, const OutputDir& out) {
  CsvFile file{out.file("arms.csv"), "metric,unit,arm,value,ratio"};
  const auto cell = [&file](const std::optional<double>& value) {
    if (value)
      file.number(*value);
    else
      file.empty();
  };
  for (const MetricRow& row : o.rows)
    for (std::size_t arm = 0; arm < o.runs.size(); ++arm) {
      file.text(row.name).text(row.unit).text(o.runs[arm].name);
      cell(row.values[arm]);
      cell(row.ratio(arm));
      file.end_row();
    }
  for (std::size_t i = 0; i < o.points.size(); ++i)
    for (const BreakEvenPoint& p : o.points[i]) {
      file.text(scenario.break_evens[i].name).text(scenario.break_evens[i].unit).text(p.arm);
      cell(p.units);
      file.empty();
      file.end_row();
    }
  file.close();
}

}  // namespace jevons
