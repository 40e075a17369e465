#include "scenarios/shape.h"

#include <cmath>

#include "scenarios/diagnostics.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

using Kind = Shape::Kind;

std::string bounds(const std::string& what, const std::string& low, const std::string& high) {
  if (low.empty() && high.empty()) return what;
  if (high.empty()) return what + " of at least " + low;
  if (low.empty()) return what + " of at most " + high;
  return what + " from " + low + " to " + high;
}

std::string whole_range(const Shape& shape) {
  // A bound that only says how wide the type is helps nobody.
  const auto is_wide = [](std::int64_t bound) {
    return bound <= std::numeric_limits<std::int32_t>::min() ||
           bound >= std::numeric_limits<std::int32_t>::max();
  };
  const auto text = [](std::int64_t bound) { return std::to_string(bound); };
  return bounds("an integer", is_wide(shape.whole_min) ? "" : text(shape.whole_min),
                is_wide(shape.whole_max) ? "" : text(shape.whole_max));
}

std::string number_range(const Shape& shape) {
  const auto text = [](double bound) {
    return std::isfinite(bound) ? json_number(bound).spelled : "";
  };
  return bounds("a number", text(shape.min), text(shape.max));
}

std::string quantity_range(const Shape& shape) {
  const auto text = [&shape](double bound) {
    return std::isfinite(bound) ? in_quotes(print_quantity(bound, shape.dim)) : "";
  };
  return bounds("a quantity", text(shape.min), text(shape.max));
}

std::string span_range(const Shape& shape) {
  const auto text = [](std::int64_t bound) { return in_quotes(print_span(Span{bound})); };
  const bool has_end = shape.whole_max < std::numeric_limits<std::int64_t>::max();
  return bounds("a time", text(shape.whole_min), has_end ? text(shape.whole_max) : "");
}

}  // namespace

Shape::Shape(Kind which) : kind{which} {}

std::string expected(const Shape& shape) {
  switch (shape.kind) {
    case Kind::flag:
      return "true or false";
    case Kind::integer:
      return whole_range(shape);
    case Kind::number:
      return number_range(shape);
    case Kind::quantity:
      return "a quantity such as " + in_quotes(example_quantity(shape.dim));
    case Kind::span:
      return "a time such as \"50 ms\"";
    case Kind::text:
      return "text";
    case Kind::file:
      return "the path of a file";
    case Kind::name:
      return "one of " + joined(shape.names);
    case Kind::object:
      return shape.catalogue.empty() ? "an object"
                                     : "an object or an id of the catalogue " + shape.catalogue;
    case Kind::list:
      return "a list";
    case Kind::map:
      return "an object";
    case Kind::choice:
      return "an object with \"kind\"";
    case Kind::scenario:
      return "an object or the path of a scenario";
  }
  return "a value";
}

std::string expected_range(const Shape& shape) {
  if (shape.kind == Kind::quantity) return quantity_range(shape);
  if (shape.kind == Kind::span) return span_range(shape);
  return expected(shape);
}

std::vector<std::string> known_keys(const Shape& object) {
  std::vector<std::string> keys;
  for (const Field& field : object.fields) keys.push_back(field.key);
  return keys;
}

const Shape* alternative(const Shape& choice, std::string_view name) {
  for (std::size_t i = 0; i < choice.names.size(); ++i)
    if (choice.names[i] == name) return &choice.elements[i];
  return nullptr;
}

}  // namespace jevons
