#include "scenarios/manifest.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "scenarios/sha256.h"

namespace jevons {
namespace {

JsonValue text(std::string value) {
  return {std::move(value), {}};
}

void collect_files(const Shape& shape, const JsonValue& json, const JsonDocument& document,
                   std::set<std::string>& paths);

// A scenario inside of another one, or several of them by name.
void collect_inner(const JsonValue& json, const JsonDocument& document,
                   std::set<std::string>& paths) {
  if (json.object() == nullptr) return;
  const JsonValue* kind = json.find("kind");
  if (kind != nullptr && kind->text() != nullptr)
    return collect_files(kind_of_document(json, kinds()).shape(), json, document, paths);
  for (const JsonMember& member : *json.object()) collect_inner(member.value, document, paths);
}

// The data files that a document names, where its shape says that a text is a path.
void collect_files(const Shape& shape, const JsonValue& json, const JsonDocument& document,
                   std::set<std::string>& paths) {
  if (json.is_null()) return;
  const auto inside = [&](const Shape& inner, const JsonValue& value) {
    collect_files(inner, value, document, paths);
  };
  const auto fields = [&](const Shape& object) {
    for (const Field& field : object.fields)
      if (const JsonValue* member = json.find(field.key)) inside(field.shape, *member);
  };
  switch (shape.kind) {
    case Shape::Kind::file:
      paths.insert(seen_from(document.files[json.place.file], *json.text()).string());
      return;
    case Shape::Kind::object:
      return fields(shape);
    case Shape::Kind::scenario:
      return collect_inner(json, document, paths);
    case Shape::Kind::choice:
      return fields(*alternative(shape, *json.find("kind")->text()));
    case Shape::Kind::list:
      for (const JsonValue& element : *json.list()) inside(shape.elements.front(), element);
      return;
    case Shape::Kind::map:
      for (const JsonMember& member : *json.object()) inside(shape.elements.front(), member.value);
      return;
    default:
      return;
  }
}

}  // namespace

JsonValue manifest(const Scenario& scenario, const BuildInfo& build) {
  const JsonDocument& document = scenario.document;
  std::set<std::string> paths;
  for (const std::string& file : document.files)
    if (!file.starts_with("--")) paths.insert(file);  // the others are options
  collect_files(scenario.kind.shape(), document.root, document, paths);
  JsonValue::Object hashes;
  for (const std::string& path : paths) hashes.push_back({path, text(sha256_of_file(path)), {}});

  const JsonValue resolved = scenario.kind.resolve(document);
  const JsonValue* seed = resolved.find("seed");
  return {JsonValue::Object{{"program", text("jevons"), {}},
                            {"version", text(std::string{build.version}), {}},
                            {"revision", text(std::string{build.revision}), {}},
                            {"kind", text(std::string{scenario.kind.name}), {}},
                            {"seed", seed != nullptr ? *seed : JsonValue{}, {}},
                            {"scenario_sha256", text(sha256(to_text(resolved))), {}},
                            {"files_sha256", JsonValue{std::move(hashes), {}}, {}}},
          {}};
}

}  // namespace jevons
