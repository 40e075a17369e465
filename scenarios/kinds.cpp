#include "scenarios/kinds.h"

#include "scenarios/serve_scenario.h"

namespace jevons {

std::span<const Kind> kinds() {
  static const std::vector<Kind> all{kind_of<ServeScenario>()};
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

Scenario load_scenario(const std::string& path, std::span<const Setting> settings,
                       const Surroundings& surroundings) {
  JsonDocument document = load_document(path, surroundings.files);
  for (const Setting& setting : settings) override_value(document, setting);
  const Shape shape = scenario_shape(surroundings.known);
  Mistakes mistakes = put_entries(shape, document, surroundings.catalogues, surroundings.files);
  mistakes.add_outside(check(shape, document));
  throw_if_any(mistakes);
  const std::string& name = *document.root.find("kind")->text();
  for (const Kind& kind : surroundings.known) {
    if (kind.name != name) continue;
    throw_if_any(kind.laws(document));
    return {std::move(document), kind};
  }
  ensure(false, "a checked scenario has a known kind");
  return {};
}

}  // namespace jevons
