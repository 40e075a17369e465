#pragma once
// Which kind of field a C++ type is.
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <template <class...> class Template, class... Ts>
inline constexpr bool is_a<Template<Ts...>, Template> = true;

template <class T>
inline constexpr bool is_quantity = false;
template <Dim D>
inline constexpr bool is_quantity<Quantity<D>> = true;

template <class T>
inline constexpr Dim dimension{};
template <Dim D>
inline constexpr Dim dimension<Quantity<D>> = D;

template <class T>
concept Optional = is_a<T, std::optional>;
template <class T>
concept List = is_a<T, std::vector>;
template <class T>
concept Map = is_a<T, std::map> && std::same_as<typename T::key_type, std::string>;
template <class T>
concept Choice = is_a<T, std::variant>;
template <class T>
concept AnyQuantity = is_quantity<T>;
template <class T>
concept Whole = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Enum = std::is_enum_v<T>;

template <class T>
concept HasFields = requires(T& value) {
  value.fields([](auto&&...) {});
};
// An alternative of a choice needs a name; one without settings needs no fields().
template <class T>
concept Named = requires {
  std::string_view{T::name};
};
// A struct with `static constexpr std::string_view catalogue` and a member `id` may be written as
// the id of an entry of that catalogue.
template <class T>
concept Catalogued = requires(T value) {
  std::string_view{T::catalogue};
  value.id;
};

// Calls the table of fields of a value that may be without one.
template <class T, class Visitor>
void visit_fields(T& value, Visitor&& visitor) {
  if constexpr (Catalogued<T>)
    visitor(Key{"id"}, value.id, "entry of the catalogue from which the other values come");
  if constexpr (HasFields<T>) value.fields(visitor);
}

}  // namespace jevons
