#include "scenarios/json_value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

const JsonValue* JsonValue::find(std::string_view key) const {
  if (const Object* members = object())
    for (const JsonMember& member : *members)
      if (member.key == key) return &member.value;
  return nullptr;
}

JsonValue* JsonValue::find(std::string_view key) {
  if (Object* members = std::get_if<Object>(&data))
    for (JsonMember& member : *members)
      if (member.key == key) return &member.value;
  return nullptr;
}

std::string escape_token(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::optional<std::string> unescape_token(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out += token[i];
      continue;
    }
    ++i;
    if (i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
    out += token[i] == '0' ? '~' : '/';
  }
  return out;
}

namespace {

const JsonValue* find_token(const JsonValue& value, const std::string& token) {
  const JsonValue::List* list = value.list();
  if (list == nullptr) return value.find(token);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool is_index = error == std::errc{} && end == token.data() + token.size();
  return is_index && index < list->size() ? &(*list)[index] : nullptr;
}

template <class Number>
std::string spell(Number value) {
  std::array<char, 40> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  ensure(error == std::errc{}, "a number fits its buffer");
  return {buffer.data(), end};
}

}  // namespace

const JsonValue* find_pointer(const JsonValue& root, std::string_view pointer) {
  const JsonValue* at = &root;
  while (at != nullptr && !pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const auto token = unescape_token(pointer.substr(0, end));
    if (!token) return nullptr;
    at = find_token(*at, *token);
    pointer.remove_prefix(end);
  }
  return at;
}

std::optional<std::int64_t> as_integer(const JsonNumber& number) {
  std::int64_t value = 0;
  const char* const last = number.spelled.data() + number.spelled.size();
  const auto [end, error] = std::from_chars(number.spelled.data(), last, value);
  if (error == std::errc{} && end == last) return value;
  // Spelled as 1e6 or 3.0: an integer all the same, as far as a double is exact.
  if (std::trunc(number.value) != number.value || std::abs(number.value) > 0x1p53)
    return std::nullopt;
  return static_cast<std::int64_t>(number.value);
}

JsonNumber json_number(double value) {
  ensure(std::isfinite(value), "a number that is written is finite");
  return {value, spell(value)};
}

JsonNumber json_number(std::int64_t value) {
  return {static_cast<double>(value), spell(value)};
}

std::string in_quotes(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (code < 0x20 || code == 0x7f)
      out += std::string{"\\u00"} + hex[code >> 4U] + hex[code & 15U];
    else
      out += c;
  }
  return out + '"';
}

std::string brief(const JsonValue* value) {
  constexpr std::size_t longest = 60;
  if (value == nullptr) return "nothing";
  if (value->is_null()) return "null";
  if (const bool* flag = value->flag()) return *flag ? "true" : "false";
  if (value->list() != nullptr) return "a list";
  if (value->object() != nullptr) return "an object";
  if (const JsonNumber* number = value->number())
    return number->spelled.size() <= longest ? number->spelled
                                             : number->spelled.substr(0, longest) + "...";
  const std::string& text = *value->text();
  if (text.size() <= longest) return in_quotes(text);
  // Cut between characters: a byte 10xxxxxx continues the one before it.
  std::size_t cut = longest;
  while ((static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return in_quotes(text.substr(0, cut)) + "...";
}

}  // namespace jevons
