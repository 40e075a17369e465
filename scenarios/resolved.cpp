#include "scenarios/resolved.h"

#include <utility>

namespace jevons {
namespace {

std::string place_text(const Place& place, const JsonDocument& document) {
  const std::string& file = document.files[place.file];
  return place.line > 0 ? file + ":" + std::to_string(place.line) : file;
}

// Walks the resolved tree and, as far as it goes, what the document says at the same pointer.
void collect(const JsonValue& value, const JsonValue* said, const JsonDocument& document,
             const std::string& pointer, JsonValue::Object& origins) {
  const JsonValue::Object* members = value.object();
  if (members != nullptr && !members->empty()) {
    for (const JsonMember& member : *members)
      collect(member.value, said != nullptr ? said->find(member.key) : nullptr, document,
              pointer + "/" + escape_token(member.key), origins);
    return;
  }
  const JsonValue::List* list = value.list();
  if (list != nullptr && !list->empty()) {
    const JsonValue::List* said_list = said != nullptr ? said->list() : nullptr;
    for (std::size_t i = 0; i < list->size(); ++i)
      collect((*list)[i], said_list != nullptr ? &(*said_list)[i] : nullptr, document,
              pointer + "/" + std::to_string(i), origins);
    return;
  }
  std::string origin = said != nullptr ? place_text(said->place, document) : "default";
  origins.push_back({pointer, JsonValue{std::move(origin), {}}, {}});
}

}  // namespace

JsonValue with_origins(JsonValue resolved, const JsonDocument& document) {
  JsonValue::Object origins;
  collect(resolved, &document.root, document, "", origins);
  std::get<JsonValue::Object>(resolved.data)
      .push_back({"$origin", JsonValue{std::move(origins), {}}, {}});
  return resolved;
}

}  // namespace jevons
