#pragma once
// What a value may look like as text: kind, unit, range, default, help. Made from the fields() of
// the value's type (describe.h); read by the checker, the schema and the reference page, so the
// three cannot disagree.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json_value.h"
#include "sim/quantity.h"

namespace jevons {

struct Field;

struct Shape {
  enum class Kind {
    flag,      // true, false
    integer,   // within whole_min..whole_max
    number,    // within min..max
    quantity,  // text with a unit of `dim`, within min..max in base units
    span,      // text with a unit of time, within whole_min..whole_max nanoseconds
    text,
    file,      // path relative to the file that names it
    name,      // one of `names`
    object,    // `fields`
    list,      // of elements[0]
    map,       // from any key to elements[0]
    choice,    // object whose "kind" is one of `names`; its shape is the element of the same index
    scenario,  // objects and paths of files that the kind completes and checks itself
  };
  explicit Shape(Kind which = Kind::object);

  Kind kind;
  bool may_be_null = false;  // absent and null mean: nothing
  Dim dim{};
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::int64_t whole_min = std::numeric_limits<std::int64_t>::min();
  std::int64_t whole_max = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> names;
  std::vector<Field> fields;
  std::vector<Shape> elements;
  std::string catalogue;  // object: may be given as the id of an entry of this catalogue
};

struct Field {
  std::string key;
  bool is_required = false;
  std::string help;
  Shape shape;
  JsonValue initial;  // the default
};

// What a message asks for: an integer from 1 to 8, a quantity such as "700 W", one of fcfs, sjf.
std::string expected(const Shape& shape);
// The same with the bounds, for a value of the right kind: a quantity from "1 W" to "10 kW".
std::string expected_range(const Shape& shape);

// Keys of an object, names of the alternatives of a choice.
std::vector<std::string> known_keys(const Shape& object);
// The alternative of this name; null when there is none.
const Shape* alternative(const Shape& choice, std::string_view name);

}  // namespace jevons
