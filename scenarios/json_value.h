#pragma once
// A JSON text as a tree in which each value knows where it was written. Only this tree crosses from
// text to values, so nothing else needs a JSON library in its headers.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace jevons {

// Where a value stands: index of the file in its document, line and column from 1. Line 0 means the
// value was not written in a file (an override on the command line, a value printed by us).
struct Place {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// Kept as it was spelled too: a double cannot hold every 64-bit integer, and messages quote it.
struct JsonNumber {
  double value = 0;
  std::string spelled = "0";
};

struct JsonMember;

struct JsonValue {
  using List = std::vector<JsonValue>;
  using Object = std::vector<JsonMember>;  // in the order of the text
  using Data = std::variant<std::nullptr_t, bool, JsonNumber, std::string, List, Object>;

  Data data;  // null until it is given
  Place place{};

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(data); }
  const bool* flag() const { return std::get_if<bool>(&data); }
  const JsonNumber* number() const { return std::get_if<JsonNumber>(&data); }
  const std::string* text() const { return std::get_if<std::string>(&data); }
  const List* list() const { return std::get_if<List>(&data); }
  const Object* object() const { return std::get_if<Object>(&data); }

  // The value of this key; null when this is no object or has no such key.
  const JsonValue* find(std::string_view key) const;
  JsonValue* find(std::string_view key);
};

struct JsonMember {
  std::string key;
  JsonValue value;
  Place place{};  // of the key
};

// A whole text, or several merged into one.
struct JsonDocument {
  std::vector<std::string> files;  // Place::file points here
  JsonValue root;
};

// The value at this JSON pointer (RFC 6901); null when there is none.
const JsonValue* find_pointer(const JsonValue& root, std::string_view pointer);

// One token of a pointer with ~ and / escaped, and the way back. Empty when an escape is wrong.
std::string escape_token(std::string_view token);
std::optional<std::string> unescape_token(std::string_view token);

// The number as an integer, when it is one and fits.
std::optional<std::int64_t> as_integer(const JsonNumber& number);

// Numbers in the shortest spelling that reads back as the same value.
JsonNumber json_number(double value);
JsonNumber json_number(std::int64_t value);

// Text in quotes with JSON escapes.
std::string in_quotes(std::string_view text);

// The value in few words for a message: 700, "700 W", a list, an object, nothing for null pointers.
std::string brief(const JsonValue* value);

// The tree as JSON text with an indent of two, a line feed at the end.
std::string to_text(const JsonValue& value);

}  // namespace jevons
