// Runs the arms one after another; laws and the kind itself.
#include <algorithm>
#include <set>
#include <utility>

#include "scenarios/arms_answer.h"
#include "scenarios/arms_print.h"

namespace jevons {
namespace {

JsonValue text(std::string value) {
  return {std::move(value), {}};
}

const JsonValue::Object& arms_of(const JsonDocument& document) {
  return *document.root.find("arms")->object();
}

JsonValue resolve_arms(const JsonDocument& document) {
  JsonValue::Object arms;
  for (const JsonMember& arm : arms_of(document))
    arms.push_back(
        {arm.key, kind_of_document(arm.value, kinds()).resolve({document.files, arm.value}), {}});
  auto scenario = filled<ArmsScenario>(document);
  scenario.arms = {std::move(arms), {}};
  JsonValue::Object members{{"kind", text(std::string{ArmsScenario::name}), {}}};
  append_fields(members, scenario);
  return {std::move(members), {}};
}

std::vector<ArmRun> run_all(const JsonDocument& document, RunContext& context) {
  const JsonValue::Object& arms = arms_of(document);
  const auto count = static_cast<double>(arms.size());
  std::vector<ArmRun> runs;
  for (const JsonMember& arm : arms) {
    const auto before = static_cast<double>(runs.size());
    // Tables of single arms are not kept: the same file names would stand for each.
    RunContext inside = context;
    inside.out = nullptr;
    inside.progress = [&](double share) { context.progress((before + share) / count); };
    const Kind& kind = kind_of_document(arm.value, kinds());
    const JsonDocument alone{document.files, arm.value};
    runs.push_back({arm.key, kind.resolve(alone), kind.run(alone, inside).summary});
  }
  return runs;
}

Answer run_arms(const JsonDocument& document, RunContext& context) {
  const auto scenario = filled<ArmsScenario>(document);
  ArmsOutcome outcome{run_all(document, context), {}, {}, {}, {}};
  outcome.differences = differences(outcome.runs);
  outcome.rows = metric_rows(scenario, document, outcome.runs);
  for (const BreakEven& asked : scenario.break_evens)
    outcome.points.push_back(break_even_points(asked, outcome.runs, outcome.rows));
  outcome.caveats = caveats_of(outcome.runs);
  if (context.out != nullptr) write_arms_csv(scenario, outcome, *context.out);
  return {arms_text(scenario, outcome), arms_summary(scenario, outcome)};
}

bool fits_a_cell(std::string_view name) {
  return !name.empty() && !name.starts_with('/') &&
         name.find_first_of(",\"\n\r") == std::string_view::npos;
}

constexpr const char* cell_law =
    "a name without commas, quotes and line breaks that begins with no /";

class ArmLaws {
 public:
  explicit ArmLaws(const JsonDocument& document) : document_{&document} {}

  // The name of something new.
  void named(const std::string& name, const std::string& pointer, const char* what) {
    if (!fits_a_cell(name)) refuse(pointer, cell_law, name);
    const bool is_new = std::find(names_.begin(), names_.end(), name) == names_.end();
    if (!is_new) refuse(pointer, std::string{"a name that no other "} + what + " has", name);
    names_.push_back(name);
  }
  // The name of a metric above.
  void refers(const std::string& name, const std::string& pointer, bool may_point) {
    if (may_point && name.starts_with('/')) return;
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return;
    const std::string expected =
        may_point ? "a JSON pointer or the name of a metric above" : "the name of a metric";
    refuse(pointer, expected, name, names_.empty() ? "" : did_you_mean(name, names_, "metrics"));
  }
  void all_refer(const std::vector<std::string>& terms, const std::string& pointer) {
    for (std::size_t i = 0; i < terms.size(); ++i)
      refers(terms[i], pointer + "/" + std::to_string(i), true);
  }
  void hold(bool law, const std::string& pointer, std::string expected, std::string got) {
    if (!law) broken_.add(mistake_at(*document_, pointer, std::move(expected), std::move(got)));
  }
  void forget_names() { names_.clear(); }
  Mistakes broken() const { return broken_; }

 private:
  void refuse(const std::string& pointer, std::string expected, const std::string& got,
              std::string hint = "") {
    broken_.add(
        mistake_at(*document_, pointer, std::move(expected), in_quotes(got), std::move(hint)));
  }
  const JsonDocument* document_;
  Mistakes broken_;
  std::vector<std::string> names_;
};

// Arms of a range are others than the first, which they stand in for.
void range_laws(const ArmsScenario& scenario, std::size_t index, const std::string& pointer,
                ArmLaws& law) {
  const JsonValue::Object& arms = *scenario.arms.object();
  const std::vector<std::string>& range = scenario.break_evens[index].range;
  for (std::size_t i = 0; i < range.size(); ++i) {
    const auto is_it = [&](const JsonMember& arm) { return arm.key == range[i]; };
    const bool is_known = !arms.empty() && std::any_of(arms.begin() + 1, arms.end(), is_it);
    law.hold(is_known, pointer + "/" + std::to_string(i), "the name of an arm but the first",
             in_quotes(range[i]));
  }
}

}  // namespace

Mistakes laws(const ArmsScenario& scenario, const JsonDocument& document) {
  ArmLaws law{document};
  const JsonValue::Object& arms = *scenario.arms.object();
  law.hold(!arms.empty(), "/arms", "at least one arm", "none");
  for (const JsonMember& arm : arms) law.named(arm.key, "/arms/" + escape_token(arm.key), "arm");
  law.forget_names();
  for (std::size_t i = 0; i < scenario.metrics.size(); ++i) {
    const ArmMetric& m = scenario.metrics[i];
    const std::string pointer = "/metrics/" + std::to_string(i);
    law.hold(!m.sum.empty(), pointer + "/sum", "at least one term", "none");
    law.all_refer(m.sum, pointer + "/sum");
    law.all_refer(m.minus, pointer + "/minus");
    law.all_refer(m.over, pointer + "/over");
    law.named(m.name, pointer + "/name", "metric");
  }
  for (std::size_t i = 0; i < scenario.break_evens.size(); ++i) {
    const std::string pointer = "/break_evens/" + std::to_string(i);
    law.hold(fits_a_cell(scenario.break_evens[i].name), pointer + "/name", cell_law,
             in_quotes(scenario.break_evens[i].name));
    law.refers(scenario.break_evens[i].fixed, pointer + "/fixed", false);
    law.refers(scenario.break_evens[i].each, pointer + "/each", false);
    range_laws(scenario, i, pointer + "/range", law);
  }
  return law.broken();
}

Kind arms_kind() {
  return {
      ArmsScenario::name,
      ArmsScenario::help,
      [] { return describe(ArmsScenario{}); },
      [](const JsonDocument& document) { return laws(filled<ArmsScenario>(document), document); },
      resolve_arms,
      run_arms,
      complete_arms};
}

}  // namespace jevons
