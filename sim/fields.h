#pragma once
// How a plain value tells its fields, without knowing JSON. A type that can be configured has
//
//   template <class Visitor>
//   void fields(Visitor&& field) {
//     field("depth", depth, Range{1, 10'000}, "how many queued jobs are considered");
//     field("warmup", warmup, Range{0 * unit::s, 1 * unit::year}, "time before measuring starts");
//     field(required("trace"), trace, "path of the trace, relative to this file");
//     field("stepping", stepping, "macro: closed form between changes; iteration: reference");
//   }
//
// Members may be: bool, int, std::int64_t, std::uint64_t, double, Quantity<D>, Span (text with a
// time unit), std::string, an enum with names (below), a struct with fields(), std::optional,
// std::vector, std::map<std::string, T> or a variant of structs that have `name` and, if they have
// settings, fields(). A range holds for the numbers inside of an optional, vector or map. Without
// one, quantities and spans are not negative, and numbers are free.
//
// A struct with `static constexpr std::string_view catalogue = "chips";` and a member `id` may also
// be written as the id of an entry of that catalogue.
//
// Parser, defaults, ranges, error texts, schema and reference page all come from this one table.
#include <array>
#include <string_view>
#include <utility>

namespace jevons {

// Closed interval a number must lie in.
template <class T>
struct Range {
  T min, max;
};
template <class T>
Range(T, T) -> Range<T>;

// A key that must be there, or (the normal case) one with a default.
struct Key {
  std::string_view name;
  bool is_required = false;
  constexpr Key(const char* n) : name{n} {}  // NOLINT(google-explicit-constructor): reads as text
  constexpr Key(std::string_view n, bool r) : name{n}, is_required{r} {}
};
constexpr Key required(const char* name) {
  return Key{name, true};
}

// The names of an enum's values: specialise `enum_names<E>` with an array of EnumName<E>.
template <class E>
struct EnumName {
  E value;
  std::string_view name;
};
template <class E>
EnumName(E, std::string_view) -> EnumName<E>;
template <class E>
inline constexpr std::array<EnumName<E>, 0> enum_names{};

template <class E>
constexpr std::string_view name_of(E value) {
  for (const auto& entry : enum_names<E>)
    if (entry.value == value) return entry.name;
  return "?";
}

}  // namespace jevons
