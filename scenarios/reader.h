#pragma once
// Document -> value of any type with fields(). The document is held against the type's shape first,
// so that every mistake is found, and the value is filled only when there are none.
//
//   const JsonDocument document = load_document("scenarios/smoke.json", disk());
//   const Cluster cluster = read<Cluster>(document);   // throws ScenarioError with all mistakes
#include <span>
#include <string>

#include "scenarios/check.h"
#include "scenarios/describe.h"
#include "scenarios/field_types.h"
#include "scenarios/file_path.h"
#include "scenarios/json_value.h"
#include "scenarios/unit_text.h"
#include "sim/ensure.h"

namespace jevons {

// Assigns what a checked document says; keys it does not name keep the value they have.
class Filler {
 public:
  explicit Filler(std::span<const std::string> files) : files_{files} {}

  template <class T>
  void fill(T& value, const JsonValue& json) const {
    if constexpr (std::same_as<T, JsonValue>) {
      value = json;
    } else if constexpr (Optional<T>) {
      if (json.is_null()) return value.reset();
      fill(value ? *value : value.emplace(), json);
    } else if constexpr (List<T>) {
      value.clear();
      for (const JsonValue& element : *json.list()) fill(value.emplace_back(), element);
    } else if constexpr (Map<T>) {
      value.clear();
      for (const JsonMember& member : *json.object()) fill(value[member.key], member.value);
    } else if constexpr (Choice<T>) {
      choose(value, json);
    } else if constexpr (HasFields<T> || Named<T>) {
      fill_fields(value, json);
    } else {
      fill_plain(value, json);
    }
  }

 private:
  template <class T>
  void fill_plain(T& value, const JsonValue& json) const {
    if constexpr (std::same_as<T, bool>) {
      value = *json.flag();
    } else if constexpr (Whole<T>) {
      value = static_cast<T>(*as_integer(*json.number()));
    } else if constexpr (std::same_as<T, double>) {
      value = json.number()->value;
    } else if constexpr (AnyQuantity<T>) {
      value = T::from_base(std::get<double>(read_quantity(*json.text(), dimension<T>)));
    } else if constexpr (std::same_as<T, Span>) {
      value = std::get<Span>(read_span(*json.text()));
    } else if constexpr (std::same_as<T, std::string>) {
      value = *json.text();
    } else if constexpr (std::same_as<T, FilePath>) {
      value = {*json.text(), seen_from(files_[json.place.file], *json.text())};
    } else {
      static_assert(Enum<T>, "a field is a plain type or a struct with fields()");
      for (const auto& entry : enum_names<T>)
        if (entry.name == *json.text()) value = entry.value;
    }
  }

  template <class T>
  void fill_fields(T& value, const JsonValue& json) const {
    visit_fields(value, [&](Key key, auto& member, const auto&...) {
      if (const JsonValue* found = json.find(key.name)) fill(member, *found);
    });
  }

  // An alternative that is held already keeps its settings, another one starts from its own.
  template <class... Ts>
  void choose(std::variant<Ts...>& value, const JsonValue& json) const {
    const std::string& kind = *json.find("kind")->text();
    const auto try_one = [&]<class T>(T*) {
      if (kind != T::name) return;
      if (!std::holds_alternative<T>(value)) value = T{};
      fill_fields(std::get<T>(value), json);
    };
    (try_one(static_cast<Ts*>(nullptr)), ...);
  }

  std::span<const std::string> files_;
};

// The value a document describes, starting from `initial`. Throws ScenarioError.
template <class T>
T read(const JsonDocument& document, T initial = T{}) {
  throw_if_any(check(describe(initial), document));
  Filler{document.files}.fill(initial, document.root);
  return initial;
}

}  // namespace jevons
