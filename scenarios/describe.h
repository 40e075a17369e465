#pragma once
// Type -> Shape, through fields(). Defaults are those of the given value, so a struct that sets its
// members otherwise than their types do is described as it will be.
#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/field_types.h"
#include "scenarios/file_path.h"
#include "scenarios/shape.h"
#include "scenarios/write_value.h"
#include "sim/time.h"

namespace jevons {

template <class T>
Shape describe(const T& initial = T{});

// A bound as whole nanoseconds, whether given as Time or as Span.
constexpr std::int64_t bound_ns(Span bound) {
  return bound.count();
}
inline std::int64_t bound_ns(Time bound) {
  constexpr auto longest = static_cast<double>(std::numeric_limits<std::int64_t>::max());
  const double ns = std::round(bound.in(unit::s)*1e9);
  return ns >= longest ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(ns);
}

// Puts the range of a field on the number inside it: on the elements of a list, map or optional.
template <class T, class Bound>
void limit(Shape& shape, const Range<Bound>& range) {
  if constexpr (Optional<T>) {
    limit<typename T::value_type>(shape, range);
  } else if constexpr (List<T>) {
    limit<typename T::value_type>(shape.elements.front(), range);
  } else if constexpr (Map<T>) {
    limit<typename T::mapped_type>(shape.elements.front(), range);
  } else if constexpr (Whole<T>) {
    shape.whole_min = static_cast<std::int64_t>(range.min);
    shape.whole_max = static_cast<std::int64_t>(range.max);
  } else if constexpr (std::same_as<T, double>) {
    shape.min = static_cast<double>(range.min);
    shape.max = static_cast<double>(range.max);
  } else if constexpr (std::same_as<T, Span>) {
    shape.whole_min = bound_ns(range.min);
    shape.whole_max = bound_ns(range.max);
  } else {
    static_assert(std::same_as<T, Bound>, "the range of a quantity has its dimension");
    shape.min = range.min.base();
    shape.max = range.max.base();
  }
}

class Describer {
 public:
  explicit Describer(Shape& object) : object_{&object} {}

  template <class T>
  void operator()(Key key, const T& member, std::string_view help) const {
    add(key, member, help);
  }
  template <class T, class Bound>
  void operator()(Key key, const T& member, Range<Bound> range, std::string_view help) const {
    limit<T>(add(key, member, help), range);
  }

 private:
  template <class T>
  Shape& add(Key key, const T& member, std::string_view help) const {
    object_->fields.push_back({std::string{key.name}, key.is_required, std::string{help},
                               describe(member), to_json(member)});
    return object_->fields.back().shape;
  }

  Shape* object_;
};

template <class T>
Shape describe_object(T initial) {
  Shape shape{Shape::Kind::object};
  visit_fields(initial, Describer{shape});
  if constexpr (Catalogued<T>) shape.catalogue = T::catalogue;
  return shape;
}

template <class... Ts>
Shape describe_choice(const std::variant<Ts...>& initial) {
  Shape shape{Shape::Kind::choice};
  const auto add = [&]<class T>(const T* held) {
    shape.names.emplace_back(T::name);
    shape.elements.push_back(describe_object(held != nullptr ? *held : T{}));
  };
  (add(std::get_if<Ts>(&initial)), ...);
  return shape;
}

template <class T>
Shape describe_whole() {
  constexpr auto widest = std::numeric_limits<std::int64_t>::max();
  Shape shape{Shape::Kind::integer};
  shape.whole_min = static_cast<std::int64_t>(std::numeric_limits<T>::min());
  if constexpr (sizeof(T) < sizeof(widest) || std::is_signed_v<T>)
    shape.whole_max = static_cast<std::int64_t>(std::numeric_limits<T>::max());
  return shape;
}

template <class T>
Shape describe(const T& initial) {
  using Kind = Shape::Kind;
  if constexpr (std::same_as<T, bool>) {
    return Shape{Kind::flag};
  } else if constexpr (std::same_as<T, JsonValue>) {
    return Shape{Kind::scenario};
  } else if constexpr (Whole<T>) {
    return describe_whole<T>();
  } else if constexpr (std::same_as<T, double>) {
    return Shape{Kind::number};
  } else if constexpr (AnyQuantity<T>) {
    Shape shape{Kind::quantity};
    shape.dim = dimension<T>;
    shape.min = 0;
    return shape;
  } else if constexpr (std::same_as<T, Span>) {
    Shape shape{Kind::span};
    shape.whole_min = 0;
    return shape;
  } else if constexpr (std::same_as<T, std::string>) {
    return Shape{Kind::text};
  } else if constexpr (std::same_as<T, FilePath>) {
    return Shape{Kind::file};
  } else if constexpr (Enum<T>) {
    static_assert(!enum_names<T>.empty(), "an enum that is a field has enum_names");
    Shape shape{Kind::name};
    for (const auto& entry : enum_names<T>) shape.names.emplace_back(entry.name);
    return shape;
  } else if constexpr (Optional<T>) {
    using Inner = typename T::value_type;
    Shape shape = describe(initial.value_or(Inner{}));
    shape.may_be_null = true;
    return shape;
  } else if constexpr (List<T>) {
    Shape shape{Kind::list};
    shape.elements.push_back(describe(typename T::value_type{}));
    return shape;
  } else if constexpr (Map<T>) {
    Shape shape{Kind::map};
    shape.elements.push_back(describe(typename T::mapped_type{}));
    return shape;
  } else if constexpr (Choice<T>) {
    return describe_choice(initial);
  } else {
    static_assert(HasFields<T>, "a field is a plain type or a struct with fields()");
    return describe_object(initial);
  }
}

}  // namespace jevons
