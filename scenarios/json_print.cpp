// The only place where our tree meets the JSON library that prints it.
#include <nlohmann/json.hpp>

#include "scenarios/json_value.h"

namespace jevons {
namespace {

using Json = nlohmann::ordered_json;

Json to_library(const JsonValue& value) {
  if (value.is_null()) return nullptr;
  if (const bool* flag = value.flag()) return *flag;
  if (const std::string* text = value.text()) return *text;
  if (const JsonNumber* number = value.number()) {
    const bool is_whole = number->spelled.find_first_not_of("-0123456789") == std::string::npos;
    const auto integer = is_whole ? as_integer(*number) : std::nullopt;
    return integer ? Json(*integer) : Json(number->value);
  }
  if (const JsonValue::List* list = value.list()) {
    Json out = Json::array();
    for (const JsonValue& element : *list) out.push_back(to_library(element));
    return out;
  }
  // Appended without a search for the key: the library's own insertion is linear in the keys.
  Json::object_t out;
  for (const auto& [key, member, place] : *value.object())
    out.Json::object_t::Container::emplace_back(key, to_library(member));
  return out;
}

}  // namespace

std::string to_text(const JsonValue& value) {
  return to_library(value).dump(2) + "\n";
}

}  // namespace jevons
