#pragma once
// What arms have in common and in what they differ, as values; the page, arms.csv and summary.json
// are made from them.
#include <optional>
#include <string>
#include <vector>

#include "scenarios/arms_scenario.h"

namespace jevons {

struct ArmRun {
  std::string name;
  JsonValue inputs;  // resolved
  JsonValue summary;
};

// An input that is not the same in all arms. Of a catalogue entry under another id only the id is
// told; names and remarks are no inputs.
struct Difference {
  std::string pointer;
  std::vector<std::string> values;  // by arm; empty: there is no such key
};
std::vector<Difference> differences(const std::vector<ArmRun>& runs);

// A row of the table; nothing where an arm has no such number.
struct MetricRow {
  std::string name, unit;
  std::vector<std::optional<double>> values;           // by arm
  std::optional<double> ratio(std::size_t arm) const;  // to the first arm
};
// Throws ScenarioError for a term that no arm has.
std::vector<MetricRow> metric_rows(const ArmsScenario& scenario, const JsonDocument& document,
                                   const std::vector<ArmRun>& runs);

// Of one arm against the first.
struct BreakEvenPoint {
  std::string arm;
  std::optional<double> units;  // nothing: the two never cost the same
  std::optional<double> days;
  std::string words;
  // The least and the most units against the first arm and those that stand in for it; nothing
  // where none do. `has_open_end`: with one of them the two never cost the same.
  std::optional<double> low{}, high{};
  bool has_open_end = false;
};
std::vector<BreakEvenPoint> break_even_points(const BreakEven& asked,
                                              const std::vector<ArmRun>& runs,
                                              const std::vector<MetricRow>& rows);

// A remark of the arms' answers and the arms that make it.
struct Caveat {
  std::string text;
  std::vector<std::string> arms;
};
std::vector<Caveat> caveats_of(const std::vector<ArmRun>& runs);

}  // namespace jevons
