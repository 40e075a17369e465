#include <string>

#include "scenarios/schema.h"

namespace jevons {
namespace {

using Kind = Shape::Kind;

// A cell of a Markdown table: a bar would end it.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string{c};
  return out;
}

std::string code(const std::string& text) {
  return "`" + text + "`";
}

std::string initial_text(const Field& field) {
  if (field.is_required) return "required";
  if (field.initial.is_null()) return "nothing";
  if (const JsonValue* kind = field.initial.find("kind"); field.shape.kind == Kind::choice)
    return "kind " + code(brief(kind));
  if (const JsonValue::List* list = field.initial.list()) return list->empty() ? code("[]") : "";
  if (field.initial.object() != nullptr) return "";
  return code(brief(&field.initial));
}

void rows(const Shape& shape, const std::string& path, std::string& out);

void row(const Field& field, const std::string& path, std::string& out) {
  const std::string key = path + field.key;
  out += "| " + code(key) + " | " + cell(expected_range(field.shape)) + " | " +
         cell(initial_text(field)) + " | " + cell(field.help) + " |\n";
  rows(field.shape, key, out);
}

// The rows of what stands inside of a value at `path`.
void rows(const Shape& shape, const std::string& path, std::string& out) {
  const std::string inside = path.empty() ? "" : path + ".";
  switch (shape.kind) {
    case Kind::object:
      for (const Field& field : shape.fields) row(field, inside, out);
      return;
    case Kind::list:
      return rows(shape.elements.front(), path + "[]", out);
    case Kind::map:
      return rows(shape.elements.front(), path + ".*", out);
    case Kind::choice:
      for (std::size_t i = 0; i < shape.names.size(); ++i) {
        const std::string name = shape.names[i];
        out += "| " + code(inside + "kind");
        out += " | " + code(in_quotes(name)) + " | | |\n";
        rows(shape.elements[i], std::string{path}.append("(").append(name).append(")"), out);
      }
      return;
    default:
      return;
  }
}

}  // namespace

std::string reference_text(std::span<const jevons::Kind> known) {
  std::string out =
      "# Scenario reference\n\n"
      "Printed by `jevons reference` from the tables that also check a scenario.\n\n"
      "A scenario is JSON with comments (`//` and `/* */`). Quantities are text with a unit\n"
      "(`\"700 W\"`, `\"3.35 TB/s\"`). `\"$extends\": \"base.json\"` (or a list) starts from other "
      "files,\n"
      "relative to the one that says it; objects are merged key by key and `null` removes (RFC "
      "7396).\n"
      "In the tables `[]` is an element of a list, `.*` any key, `(name)` the alternative whose\n"
      "`kind` is that name; the bare name stands for it with its defaults (`\"parallelism\": "
      "\"best\"`).\n";
  for (const jevons::Kind& kind : known) {
    out += "\n## kind `" + std::string{kind.name} + "`: " + std::string{kind.help} + "\n\n";
    out += "| key | value | default | meaning |\n|---|---|---|---|\n";
    rows(kind.shape(), "", out);
  }
  return out;
}

}  // namespace jevons
