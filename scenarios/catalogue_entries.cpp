#include "scenarios/catalogue_entries.h"

#include <set>
#include <utility>

#include "scenarios/file_path.h"

namespace jevons {
namespace {

class Entries {
 public:
  Entries(JsonDocument& document, const Catalogues& catalogues, const TextFiles& files)
      : document_{&document}, catalogues_{&catalogues}, files_{&files} {}

  Mistakes put(const Shape& shape) {
    // Apart from the document while it grows by the entries' files.
    JsonValue root = std::move(document_->root);
    visit(shape, root, "");
    document_->root = std::move(root);
    return mistakes_;
  }

 private:
  void visit(const Shape& shape, JsonValue& json, const std::string& pointer) {
    if (!shape.catalogue.empty()) put_entry(shape, json, pointer);
    if (shape.kind == Shape::Kind::choice) put_choice(shape, json);
    if (auto* list = std::get_if<JsonValue::List>(&json.data);
        list != nullptr && shape.kind == Shape::Kind::list) {
      for (std::size_t i = 0; i < list->size(); ++i)
        visit(shape.elements.front(), (*list)[i], pointer + "/" + std::to_string(i));
    }
    auto* members = std::get_if<JsonValue::Object>(&json.data);
    if (members == nullptr) return;
    for (JsonMember& member : *members)
      if (const Shape* inner = shape_of(shape, json, member.key))
        visit(*inner, member.value, pointer + "/" + escape_token(member.key));
  }

  static const Shape* shape_of(const Shape& shape, const JsonValue& json, const std::string& key) {
    if (shape.kind == Shape::Kind::map) return &shape.elements.front();
    const Shape* object = &shape;
    if (shape.kind == Shape::Kind::choice) {
      const JsonValue* kind = json.find("kind");
      const bool is_named = kind != nullptr && kind->text() != nullptr;
      object = is_named ? alternative(shape, *kind->text()) : nullptr;
    }
    if (object == nullptr) return nullptr;
    for (const Field& field : object->fields)
      if (field.key == key) return &field.shape;
    return nullptr;
  }

  // The bare name of an alternative stands for it with its own defaults: "best" for {"kind":
  // "best"}. A text that a setting looked into says "id", see overrides.cpp.
  static void put_choice(const Shape& shape, JsonValue& json) {
    if (const std::string* text = json.text()) {
      if (alternative(shape, *text) == nullptr) return;
      JsonValue name{*text, json.place};
      json.data = JsonValue::Object{{"kind", std::move(name), json.place}};
      return;
    }
    auto* members = std::get_if<JsonValue::Object>(&json.data);
    if (members == nullptr || json.find("kind") != nullptr) return;
    for (JsonMember& m : *members)
      if (m.key == "id" && m.value.text() != nullptr && alternative(shape, *m.value.text()))
        m.key = "kind";
  }

  void put_entry(const Shape& shape, JsonValue& json, const std::string& pointer) {
    if (const std::string* text = json.text()) {
      JsonValue id{*text, json.place};
      json.data = JsonValue::Object{{"id", std::move(id), json.place}};
    }
    const JsonValue* id = json.find("id");
    if (id == nullptr || id->text() == nullptr || id->text()->empty()) return;
    const auto path = catalogues_->find(shape.catalogue, *id->text());
    if (!path) {
      const std::vector<std::string> known = catalogues_->ids(shape.catalogue);
      mistakes_.add({document_->files[id->place.file], id->place.line, pointer,
                     "an id of the catalogue " + shape.catalogue, brief(id),
                     did_you_mean(*id->text(), known, "ids")});
      return;
    }
    JsonValue entry = load_into(*document_, *path, *files_);
    merge(entry, std::move(json));
    json = std::move(entry);
  }

  JsonDocument* document_;
  const Catalogues* catalogues_;
  const TextFiles* files_;
  Mistakes mistakes_;
};

}  // namespace

Catalogues catalogues_in(const std::vector<std::filesystem::path>& roots) {
  const auto ids = [](const std::filesystem::path& root, std::string_view catalogue) {
    std::vector<std::string> out;
    for (const std::string& name : names_beside(root / catalogue / "any"))
      if (name.ends_with(".json")) out.push_back(name.substr(0, name.size() - 5));
    return out;
  };
  // An id is looked up among names, never put into a path as it is: it may hold anything.
  const auto find = [roots, ids](std::string_view catalogue,
                                 std::string_view id) -> std::optional<std::string> {
    for (const auto& root : roots)
      for (const std::string& known : ids(root, catalogue))
        if (known == id) return (root / catalogue / (known + ".json")).string();
    return std::nullopt;
  };
  const auto all = [roots, ids](std::string_view catalogue) {
    std::set<std::string> out;
    for (const auto& root : roots)
      for (const std::string& id : ids(root, catalogue)) out.insert(id);
    return std::vector<std::string>(out.begin(), out.end());
  };
  return {find, all};
}

Mistakes put_entries(const Shape& shape, JsonDocument& document, const Catalogues& catalogues,
                     const TextFiles& files) {
  return Entries{document, catalogues, files}.put(shape);
}

}  // namespace jevons
