#pragma once
// kind "arms": one scenario in several arms, run with the same seed and set side by side. An arm is
// what differs from the base (RFC 7396), or a scenario of its own where it says "kind" or is the
// path of a file. Any kind can stand in an arm, this one too: so an arm may consist of several
// runs.
//
//   { "kind": "arms", "base": "chat.json",
//     "arms": { "H100": {}, "H20": { "chip": "h20-96" } },
//     "metrics": [ { "name": "energy", "unit": "J/token", "sum": ["/energy/node_j"],
//                    "over": ["/requests/output_tokens"] } ] }
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/kinds.h"
#include "sim/fields.h"

namespace jevons {

// A number of each arm: times x (sum - minus) / over, each the sum of its terms. A term is a JSON
// pointer into the arm's summary, or the name of a metric above.
struct ArmMetric {
  std::string name, unit;
  std::vector<std::string> sum, minus, over;
  double times = 1;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "as printed; later metrics may use it");
    field("unit", unit, "as printed");
    field(required("sum"), sum,
          "pointers into the arm's summary, or names of metrics above; added");
    field("minus", minus, "the same, taken away");
    field("over", over, "the same, added up: what is left is divided by it; absent: by one");
    field("times", times, "factor, to change the unit");
  }
};

// How many units make an arm cost as much as the first one: both begin with something fixed and
// spend something on each unit.
struct BreakEven {
  std::string name, unit = "units";
  std::string fixed, each;           // names of metrics
  std::optional<double> per_day;     // units
  std::vector<std::string> range{};  // arms that stand in for the first one where its range ends

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "as printed");
    field("unit", unit, "what is counted, in the plural");
    field(required("fixed"), fixed, "metric: what an arm costs before the first unit");
    field(required("each"), each, "metric: what it costs more with each unit");
    field("per_day", per_day, Range{1e-12, 1e18}, "units a day, to say the time it takes");
    field(
        "range", range,
        "arms that stand in for the first one at the ends of its range; break-evens are then told "
        "with their range");
  }
};

struct ArmsScenario {
  static constexpr std::string_view name = "arms";
  static constexpr std::string_view help = "one scenario in several arms, set side by side";
  std::string title, note;
  std::uint64_t seed = 1;
  std::optional<JsonValue> base;
  JsonValue arms{JsonValue::Object{}, {}};
  std::vector<ArmMetric> metrics;
  std::vector<BreakEven> break_evens;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", title, "as printed");
    field("note", note, "remark for readers");
    field("seed", seed, "seed of every arm");
    field("base", base, "scenario that arms change; absent: arms stand for themselves");
    field(required("arms"), arms,
          "by name: what differs from the base, a scenario of its own, or the path of one; ratios "
          "are to the first");
    field("metrics", metrics, "numbers to compare");
    field("break_evens", break_evens, "where an arm has spent as much as the first");
  }
};

Kind arms_kind();

// `patch` over `base` in one document, as an arm is made. A text that the patch looks into is taken
// for the id of a catalogue entry, as with --set.
JsonValue patched(JsonValue base, JsonValue patch);

Mistakes laws(const ArmsScenario& scenario, const JsonDocument& document);
// Merges base and arms and completes each of them in place; the base is gone then.
void complete_arms(JsonDocument& document, const Surroundings& surroundings);

}  // namespace jevons
