#include "scenarios/schema.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include <nlohmann/json.hpp>

#include "scenarios/unit_text.h"

namespace jevons {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Shape::Kind;

class Schema {
 public:
  explicit Schema(const Catalogues& catalogues) : catalogues_{&catalogues} {}

  Json of(const Shape& shape) const {
    Json out = shape.catalogue.empty() ? plain(shape) : catalogued(shape);
    if (shape.may_be_null) return {{"anyOf", Json::array({out, {{"type", "null"}}})}};
    return out;
  }

  Json of(const Field& field) const {
    Json out = of(field.shape);
    out["description"] =
        field.help + " (" + expected_range(field.shape) + (field.is_required ? "; required)" : ")");
    if (!field.is_required && !field.initial.is_null() && field.initial.object() == nullptr)
      out["default"] = Json::parse(to_text(field.initial));
    return out;
  }

 private:
  Json plain(const Shape& shape) const {
    switch (shape.kind) {
      case Kind::flag:
        return {{"type", "boolean"}};
      case Kind::integer:
        return integer(shape);
      case Kind::number:
        return number(shape);
      case Kind::quantity:
        return quantity(example_quantity(shape.dim));
      case Kind::span:
        return quantity("50 ms");
      case Kind::text:
      case Kind::file:
        return {{"type", "string"}};
      case Kind::name:
        return {{"enum", shape.names}};
      case Kind::object:
        return object(shape, "");
      case Kind::list:
        return {{"type", "array"}, {"items", of(shape.elements.front())}};
      case Kind::map:
        return {{"type", "object"}, {"additionalProperties", of(shape.elements.front())}};
      case Kind::choice:
        return choice(shape);
      case Kind::scenario:
        return {{"type", {"object", "string"}}};
    }
    return true;
  }

  static Json integer(const Shape& shape) {
    Json out{{"type", "integer"}};
    if (shape.whole_min > std::numeric_limits<std::int64_t>::min())
      out["minimum"] = shape.whole_min;
    if (shape.whole_max < std::numeric_limits<std::int64_t>::max())
      out["maximum"] = shape.whole_max;
    return out;
  }

  static Json number(const Shape& shape) {
    Json out{{"type", "number"}};
    if (std::isfinite(shape.min)) out["minimum"] = shape.min;
    if (std::isfinite(shape.max)) out["maximum"] = shape.max;
    return out;
  }

  static Json quantity(const std::string& example) {
    return {{"type", "string"},
            {"pattern", "^[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)? [A-Za-z0-9/*]+$"},
            {"examples", {example}}};
  }

  Json object(const Shape& shape, const std::string& kind) const {
    Json properties = Json::object();
    if (!kind.empty()) properties["kind"] = {{"const", kind}};
    for (const Field& field : shape.fields) properties[field.key] = of(field);
    properties["$extends"] = {
        {"description", "file or files to start from, relative to this one"},
        {"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}}}};
    return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  }

  Json catalogued(const Shape& shape) const {
    Json id{{"type", "string"}, {"description", "id in the catalogue " + shape.catalogue}};
    id["examples"] = catalogues_->ids(shape.catalogue);
    return {{"anyOf", Json::array({id, plain(shape)})}};
  }

  Json choice(const Shape& shape) const {
    Json alternatives = Json::array();
    for (std::size_t i = 0; i < shape.names.size(); ++i)
      alternatives.push_back(object(shape.elements[i], shape.names[i]));
    alternatives.push_back({{"enum", shape.names}, {"description", "that kind by its defaults"}});
    return {{"anyOf", alternatives}};
  }

  const Catalogues* catalogues_;
};

}  // namespace

std::string schema_text(std::span<const jevons::Kind> known, const Catalogues& catalogues) {
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "jevons scenario"}};
  out.update(Schema{catalogues}.of(scenario_shape(known)));
  out["anyOf"].erase(known.size());  // a scenario is more than the name of its kind
  for (std::size_t i = 0; i < known.size(); ++i) {
    Json& kind = out["anyOf"][i];
    kind["title"] = known[i].name;
    kind["description"] = known[i].help;
    for (const char* remark : {"$schema", "$origin"}) kind["properties"][remark] = true;
  }
  return out.dump(2) + "\n";
}

}  // namespace jevons
