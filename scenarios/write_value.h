#pragma once
// Value -> JSON, with units; read back it is the same value.
#include <string>

#include "scenarios/field_types.h"
#include "scenarios/file_path.h"
#include "scenarios/json_value.h"
#include "scenarios/unit_text.h"
#include "sim/time.h"

namespace jevons {

template <class T>
JsonValue to_json(const T& value);

template <class T>
void append_fields(JsonValue::Object& members, T value) {
  visit_fields(value, [&members](Key key, const auto& member, const auto&...) {
    members.push_back({std::string{key.name}, to_json(member), {}});
  });
}

template <class T>
JsonValue::Object members_of(const T& value) {
  JsonValue::Object members;
  append_fields(members, value);
  return members;
}

template <class T>
JsonValue::Data json_data(const T& value) {
  if constexpr (std::same_as<T, bool> || std::same_as<T, std::string>) {
    return value;
  } else if constexpr (std::same_as<T, JsonValue>) {
    return value.data;
  } else if constexpr (std::same_as<T, double>) {
    return json_number(value);
  } else if constexpr (Whole<T>) {
    return json_number(static_cast<std::int64_t>(value));
  } else if constexpr (AnyQuantity<T>) {
    return print(value);
  } else if constexpr (std::same_as<T, Span>) {
    return print_span(value);
  } else if constexpr (std::same_as<T, FilePath>) {
    return value.written;
  } else if constexpr (Enum<T>) {
    return std::string{name_of(value)};
  } else if constexpr (Optional<T>) {
    return value ? json_data(*value) : JsonValue::Data{nullptr};
  } else if constexpr (List<T>) {
    JsonValue::List list;
    for (const auto& element : value) list.push_back(to_json(element));
    return list;
  } else if constexpr (Map<T>) {
    JsonValue::Object members;
    for (const auto& [key, element] : value) members.push_back({key, to_json(element), {}});
    return members;
  } else if constexpr (Choice<T>) {
    return std::visit(
        [](const auto& chosen) {
          const std::string name{std::decay_t<decltype(chosen)>::name};
          JsonValue::Object members{{"kind", JsonValue{name, {}}, {}}};
          append_fields(members, chosen);
          return JsonValue::Data{std::move(members)};
        },
        value);
  } else {
    static_assert(HasFields<T>, "a field is a plain type or a struct with fields()");
    return members_of(value);
  }
}

template <class T>
JsonValue to_json(const T& value) {
  return {json_data(value), {}};
}

}  // namespace jevons
