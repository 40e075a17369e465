#include "scenarios/overrides.h"

#include <charconv>
#include <utility>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/json_text.h"
#include "scenarios/utf8.h"

namespace jevons {
namespace {

[[noreturn]] void refuse(const std::string& said_as, std::string_view pointer, std::string expected,
                         std::string got, std::string hint = "") {
  throw ScenarioError{Mistake{said_as, 0, std::string{pointer}, std::move(expected), std::move(got),
                              std::move(hint)}};
}

std::vector<std::string> tokens_of(std::string_view pointer, const std::string& said_as) {
  if (!pointer.starts_with('/'))
    refuse(said_as, "", "/pointer/to/key=value", in_quotes(pointer),
           R"(begin with "/", put "/" between keys)");
  std::vector<std::string> tokens;
  for (std::string_view rest = pointer; !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const auto token = unescape_token(rest.substr(0, end));
    if (!token)
      refuse(said_as, "", "a JSON pointer", in_quotes(pointer), "write ~ as ~0 and / as ~1");
    tokens.push_back(*token);
    rest.remove_prefix(end);
  }
  return tokens;
}

// JSON where it is JSON, text otherwise; without places, since it stands in no file.
JsonValue value_of(std::string_view text) {
  try {
    JsonValue value = parse_json("", text).root;
    return value;
  } catch (const ScenarioError&) {
    return {std::string{text}, {}};
  }
}

void clear_places(JsonValue& value, std::uint32_t file) {
  value.place = {file, 0, 0};
  if (auto* list = std::get_if<JsonValue::List>(&value.data))
    for (JsonValue& element : *list) clear_places(element, file);
  if (auto* members = std::get_if<JsonValue::Object>(&value.data))
    for (JsonMember& member : *members) {
      member.place = {file, 0, 0};
      clear_places(member.value, file);
    }
}

JsonValue& element(JsonValue::List& list, const std::string& token, const std::string& said_as,
                   std::string_view pointer) {
  std::size_t index = 0;
  const char* const last = token.data() + token.size();
  const auto [end, error] = std::from_chars(token.data(), last, index);
  if (error == std::errc{} && end == last && index < list.size()) return list[index];
  const std::string indices =
      list.empty() ? "" : "indices are 0 to " + std::to_string(list.size() - 1);
  refuse(said_as, pointer, "the index of an element of the list", in_quotes(token), indices);
}

// The member a pointer token names, made where it is missing.
JsonValue& step(JsonValue& at, const std::string& token, Place place) {
  if (const std::string* id = at.text()) {
    JsonValue entry{*id, at.place};
    at.data = JsonValue::Object{{"id", std::move(entry), at.place}};
  }
  if (at.object() == nullptr) at = {JsonValue::Object{}, place};
  if (JsonValue* member = at.find(token)) return *member;
  auto& members = std::get<JsonValue::Object>(at.data);
  members.push_back({token, JsonValue{nullptr, place}, place});
  return members.back().value;
}

}  // namespace

void override_value(JsonDocument& document, const Setting& setting) {
  const auto& [text, said_as] = setting;
  if (first_invalid_utf8(text) != text.size()) refuse(said_as, "", "UTF-8 text", "other bytes");
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    refuse(said_as, "", "/pointer/to/key=value", in_quotes(text), "write = and the value");
  const std::string_view pointer = std::string_view{text}.substr(0, equals);
  const std::vector<std::string> tokens = tokens_of(pointer, said_as);
  if (tokens.size() > deepest) refuse(said_as, "", "a pointer of fewer levels", in_quotes(pointer));
  const Place place{static_cast<std::uint32_t>(document.files.size()), 0, 0};
  document.files.push_back(said_as);
  JsonValue* at = &document.root;
  for (const std::string& token : tokens) {
    auto* list = std::get_if<JsonValue::List>(&at->data);
    at = list != nullptr ? &element(*list, token, said_as, pointer) : &step(*at, token, place);
  }
  *at = value_of(std::string_view{text}.substr(equals + 1));
  clear_places(*at, place.file);
}

}  // namespace jevons
