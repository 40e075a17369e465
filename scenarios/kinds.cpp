#include "scenarios/kinds.h"

#include <algorithm>
#include <utility>

#include "scenarios/arms_scenario.h"
#include "scenarios/compare_scenario.h"
#include "scenarios/rl_scenario.h"
#include "scenarios/serve_scenario.h"
#include "scenarios/site_scenario.h"
#include "scenarios/train_scenario.h"
#include "scenarios/years_scenario.h"

namespace jevons {

namespace {

Kind resumable(Kind kind) {
  kind.is_resumable = true;
  return kind;
}

}  // namespace

std::span<const Kind> kinds() {
  static const std::vector<Kind> all{
      kind_of<ServeScenario>(),
      kind_of<TrainScenario>(),
      kind_of<RlScenario>(),
      resumable(kind_of<SiteScenario>()),
      kind_of<CompareScenario>(),
      kind_of<YearsScenario>(),
      arms_kind(),
  };
  return all;
}

Shape scenario_shape(std::span<const Kind> known) {
  Shape shape{Shape::Kind::choice};
  for (const Kind& kind : known) {
    shape.names.emplace_back(kind.name);
    shape.elements.push_back(kind.shape());
  }
  return shape;
}

const Kind& kind_of_document(const JsonValue& root, std::span<const Kind> known) {
  const std::string& name = *root.find("kind")->text();
  const auto kind =
      std::find_if(known.begin(), known.end(), [&name](const Kind& k) { return k.name == name; });
  ensure(kind != known.end(), "a checked scenario has a known kind");
  return *kind;
}

Scenario complete_scenario(JsonDocument document, const Surroundings& surroundings) {
  const Shape shape = scenario_shape(surroundings.known);
  Mistakes mistakes = put_entries(shape, document, surroundings.catalogues, surroundings.files);
  mistakes.add_outside(check(shape, document));
  throw_if_any(mistakes);
  const Kind& kind = kind_of_document(document.root, surroundings.known);
  if (kind.complete != nullptr) kind.complete(document, surroundings);
  throw_if_any(kind.laws(document));
  return {std::move(document), kind};
}

Scenario load_scenario(const std::string& path, std::span<const Setting> settings,
                       const Surroundings& surroundings) {
  JsonDocument document = load_document(path, surroundings.files);
  for (const Setting& setting : settings) override_value(document, setting);
  return complete_scenario(std::move(document), surroundings);
}

}  // namespace jevons
