// Differences of inputs, metrics and break-evens of arms that were run.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "scenarios/arms_answer.h"
#include "scenarios/page.h"

namespace jevons {
namespace {

using Values = std::vector<const JsonValue*>;

bool is_remark_key(std::string_view key) {
  return key == "name" || key == "note" || key == "facts" || key == "source";
}

// What a person calls the value: an entry by its id, a choice by its kind.
std::string shown(const JsonValue* value) {
  if (value == nullptr) return "";
  for (const std::string_view key : {"id", "kind"})
    if (const JsonValue* name = value->find(key); name != nullptr && name->text() != nullptr)
      if (!name->text()->empty()) return *name->text();
  return value->text() != nullptr ? *value->text() : brief(value);
}

bool have_object(const Values& at) {
  return std::all_of(at.begin(), at.end(),
                     [](const JsonValue* v) { return v != nullptr && v->object() != nullptr; });
}

bool are_equal(const Values& at) {
  const auto text = [](const JsonValue* v) { return v != nullptr ? to_text(*v) : ""; };
  const std::string first = text(at.front());
  return std::all_of(at.begin(), at.end(), [&](const JsonValue* v) { return text(v) == first; });
}

Values inside(const Values& at, std::string_view key) {
  Values out;
  for (const JsonValue* v : at) out.push_back(v->find(key));
  return out;
}

bool name_differs(const Values& at) {
  return !are_equal(inside(at, "id")) || !are_equal(inside(at, "kind"));
}

std::vector<std::string> keys_of(const Values& at) {
  std::vector<std::string> keys;
  for (const JsonValue* v : at)
    for (const JsonMember& member : *v->object())
      if (std::find(keys.begin(), keys.end(), member.key) == keys.end()) keys.push_back(member.key);
  return keys;
}

void collect(const Values& at, const std::string& pointer, std::vector<Difference>& out) {
  if (are_equal(at)) return;
  const bool is_root = pointer.empty();
  if (have_object(at) && (is_root || !name_differs(at))) {
    for (const std::string& key : keys_of(at))
      if (!is_remark_key(key)) collect(inside(at, key), pointer + "/" + escape_token(key), out);
    return;
  }
  Difference d{pointer, {}};
  for (const JsonValue* v : at) d.values.push_back(shown(v));
  out.push_back(std::move(d));
}

void collect_numbers(const JsonValue& json, const std::string& pointer,
                     std::vector<std::string>& out) {
  if (json.number() != nullptr) out.push_back(pointer);
  if (const auto* members = json.object())
    for (const JsonMember& m : *members)
      collect_numbers(m.value, pointer + "/" + escape_token(m.key), out);
  if (const auto* list = json.list())
    for (std::size_t i = 0; i < list->size(); ++i)
      collect_numbers((*list)[i], pointer + "/" + std::to_string(i), out);
}

std::optional<double> number_at(const JsonValue& summary, const std::string& pointer) {
  const JsonValue* found = find_pointer(summary, pointer);
  if (found == nullptr || found->number() == nullptr) return std::nullopt;
  return found->number()->value;
}

const MetricRow* row_named(const std::vector<MetricRow>& rows, const std::string& name) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&name](const MetricRow& r) { return r.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

// Sums terms of one arm; nothing when one of them is not there.
std::optional<double> total(const std::vector<std::string>& terms, const ArmRun& run,
                            std::size_t arm, const std::vector<MetricRow>& rows) {
  double sum = 0;
  for (const std::string& term : terms) {
    const std::optional<double> value =
        term.starts_with('/') ? number_at(run.summary, term) : row_named(rows, term)->values[arm];
    if (!value) return std::nullopt;
    sum += *value;
  }
  return sum;
}

std::optional<double> metric_of(const ArmMetric& m, const ArmRun& run, std::size_t arm,
                                const std::vector<MetricRow>& rows) {
  const auto plus = total(m.sum, run, arm, rows), minus = total(m.minus, run, arm, rows);
  const auto over = m.over.empty() ? std::optional{1.0} : total(m.over, run, arm, rows);
  if (!plus || !minus || !over || *over == 0) return std::nullopt;
  return m.times * (*plus - *minus) / *over;
}

// A pointer that leads to no number in any arm is a slip of the pen.
void refuse_lost_terms(const ArmMetric& m, const std::string& pointer, const JsonDocument& document,
                       const std::vector<ArmRun>& runs, Mistakes& out) {
  const auto check = [&](const std::vector<std::string>& terms, const char* key) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const auto has = [&](const ArmRun& r) { return number_at(r.summary, terms[i]).has_value(); };
      if (!terms[i].starts_with('/') || std::any_of(runs.begin(), runs.end(), has)) continue;
      std::vector<std::string> known;
      collect_numbers(runs.front().summary, "", known);
      const std::string close = did_you_mean(terms[i], known, "");
      out.add(mistake_at(document, pointer + "/" + key + "/" + std::to_string(i),
                         "a pointer to a number in the summary of an arm", in_quotes(terms[i]),
                         close.starts_with("did") ? close : "jevons run --json shows them"));
    }
  };
  check(m.sum, "sum");
  check(m.minus, "minus");
  check(m.over, "over");
}

// What an arm costs: something fixed, and something for each unit.
struct Line {
  std::string arm;
  double fixed = 0, each = 0;
};

BreakEvenPoint crossing(const Line& first, const Line& other) {
  const double ahead = first.fixed - other.fixed;  // of the first before any unit
  const double slope = other.each - first.each;
  BreakEvenPoint p{other.arm, {}, {}, {}};
  if (slope != 0 && ahead / slope > 0) p.units = ahead / slope;
  const bool starts_cheaper = ahead > 0 || (ahead == 0 && slope < 0);
  const std::string& early = starts_cheaper ? other.arm : first.arm;
  const std::string& late = starts_cheaper ? first.arm : other.arm;
  if (p.units)
    p.words = early + " costs less up to there, " + late + " beyond";
  else
    p.words = ahead == 0 && slope == 0 ? "both cost the same" : early + " always costs less";
  return p;
}

bool is_named(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Line of an arm by its index; nothing where a number is missing.
using Lines = std::vector<std::optional<Line>>;

// Widens the point by the arms that stand in for the first one.
void add_range(const BreakEven& asked, const Line& other, const Lines& lines, BreakEvenPoint& p) {
  if (asked.range.empty() || !p.units) return;
  p.low = p.high = p.units;
  for (const std::optional<Line>& line : lines) {
    if (!line || !is_named(asked.range, line->arm)) continue;
    const std::optional<double> units = crossing(*line, other).units;
    p.has_open_end |= !units;
    if (!units) continue;
    p.low = std::min(*p.low, *units);
    p.high = std::max(*p.high, *units);
  }
}

}  // namespace

std::vector<Difference> differences(const std::vector<ArmRun>& runs) {
  Values roots;
  for (const ArmRun& run : runs) roots.push_back(&run.inputs);
  std::vector<Difference> out;
  collect(roots, "", out);
  return out;
}

std::optional<double> MetricRow::ratio(std::size_t arm) const {
  if (!values.front() || !values[arm] || *values.front() == 0) return std::nullopt;
  return *values[arm] / *values.front();
}

std::vector<MetricRow> metric_rows(const ArmsScenario& scenario, const JsonDocument& document,
                                   const std::vector<ArmRun>& runs) {
  Mistakes lost;
  std::vector<MetricRow> rows;
  for (std::size_t i = 0; i < scenario.metrics.size(); ++i) {
    const ArmMetric& m = scenario.metrics[i];
    refuse_lost_terms(m, "/metrics/" + std::to_string(i), document, runs, lost);
    MetricRow row{m.name, m.unit, {}};
    for (std::size_t arm = 0; arm < runs.size(); ++arm)
      row.values.push_back(metric_of(m, runs[arm], arm, rows));
    rows.push_back(std::move(row));
  }
  throw_if_any(lost);
  return rows;
}

std::vector<BreakEvenPoint> break_even_points(const BreakEven& asked,
                                              const std::vector<ArmRun>& runs,
                                              const std::vector<MetricRow>& rows) {
  const MetricRow& fixed = *row_named(rows, asked.fixed);
  const MetricRow& each = *row_named(rows, asked.each);
  Lines lines;
  for (std::size_t arm = 0; arm < runs.size(); ++arm) {
    std::optional<Line>& line = lines.emplace_back();
    if (fixed.values[arm] && each.values[arm])
      line = Line{runs[arm].name, *fixed.values[arm], *each.values[arm]};
  }
  std::vector<BreakEvenPoint> out;
  for (std::size_t arm = 1; arm < runs.size(); ++arm) {
    if (is_named(asked.range, runs[arm].name)) continue;
    BreakEvenPoint p{runs[arm].name, {}, {}, "a number is missing"};
    if (lines[0] && lines[arm]) p = crossing(*lines[0], *lines[arm]);
    if (p.units && asked.per_day) p.days = *p.units / *asked.per_day;
    if (p.units) add_range(asked, *lines[arm], lines, p);
    out.push_back(std::move(p));
  }
  return out;
}

std::vector<Caveat> caveats_of(const std::vector<ArmRun>& runs) {
  std::vector<Caveat> out;
  const auto add = [&out](const JsonValue& remark, const std::string& arm) {
    if (remark.text() == nullptr) return;
    const auto known = std::find_if(out.begin(), out.end(),
                                    [&](const Caveat& c) { return c.text == *remark.text(); });
    Caveat& caveat = known != out.end() ? *known : out.emplace_back(Caveat{*remark.text(), {}});
    if (caveat.arms.empty() || caveat.arms.back() != arm) caveat.arms.push_back(arm);
  };
  for (const ArmRun& run : runs) {
    const JsonValue* list = run.summary.find("caveats");
    if (list == nullptr || list->list() == nullptr) continue;
    for (const JsonValue& remark : *list->list())
      add(remark.object() != nullptr ? *remark.find("text") : remark, run.name);
  }
  return out;
}

}  // namespace jevons
