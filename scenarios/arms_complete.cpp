// From base and patches to one whole scenario for each arm.
#include <algorithm>
#include <map>
#include <utility>

#include "scenarios/arms_scenario.h"
#include "scenarios/file_path.h"

namespace jevons {
namespace {

constexpr int most_levels = 4;

void name_entries(JsonValue& target, const JsonValue& patch) {
  if (patch.object() == nullptr) return;
  if (const std::string* id = target.text()) {
    JsonValue entry{*id, target.place};
    target.data = JsonValue::Object{{"id", std::move(entry), target.place}};
  }
  for (const JsonMember& member : *patch.object())
    if (JsonValue* inside = target.find(member.key)) name_entries(*inside, member.value);
}

// The scenario of a file in place of its path.
void load_named(JsonDocument& document, JsonValue& value, const std::string& pointer,
                const Surroundings& around) {
  if (value.text() == nullptr) return;
  const std::string path = seen_from(document.files[value.place.file], *value.text()).string();
  if (!around.files.read(path)) {
    const std::vector<std::string> names = around.files.beside(path);
    throw ScenarioError{Mistake{document.files[value.place.file], value.place.line, pointer,
                                "the path of a scenario that can be read", brief(&value),
                                did_you_mean(path.substr(path.rfind('/') + 1), names, "files")}};
  }
  value = load_into(document, path, around.files);
}

void set_seed(JsonValue& root, const JsonValue& seed, std::span<const Kind> known) {
  const JsonValue* name = root.find("kind");
  if (name == nullptr || name->text() == nullptr || root.object() == nullptr) return;
  const auto kind = std::find_if(known.begin(), known.end(),
                                 [&](const Kind& k) { return k.name == *name->text(); });
  if (kind == known.end()) return;
  const Shape shape = kind->shape();
  const bool has_seed = std::any_of(shape.fields.begin(), shape.fields.end(),
                                    [](const Field& field) { return field.key == "seed"; });
  if (has_seed) merge(root, {JsonValue::Object{{"seed", seed, seed.place}}, root.place});
}

// What is wrong in every arm that has a base is wrong in the base and told once.
class ArmMistakes {
 public:
  void add(const std::string& arm, bool has_base, const Mistakes& mistakes) {
    with_base_ += has_base ? 1 : 0;
    for (const Mistake& m : mistakes.list()) found_.push_back({arm, has_base, m});
  }
  Mistakes told() const {
    Mistakes out;
    for (const auto& [arm, has_base, mistake] : found_) {
      const auto equal = [&m = mistake](const Found& f) { return f.has_base && f.mistake == m; };
      const bool is_bases = has_base && with_base_ > 1 &&
                            std::count_if(found_.begin(), found_.end(), equal) == with_base_;
      Mistake m = mistake;
      m.pointer = (is_bases ? "/base" : "/arms/" + escape_token(arm)) + m.pointer;
      const std::span<const Mistake> list = out.list();
      if (std::find(list.begin(), list.end(), m) == list.end()) out.add(m);
    }
    return out;
  }

 private:
  struct Found {
    std::string arm;
    bool has_base;
    Mistake mistake;
  };
  std::vector<Found> found_;
  std::ptrdiff_t with_base_ = 0;
};

std::optional<JsonValue> take_base(JsonDocument& document, const Surroundings& around) {
  JsonValue* const found = document.root.find("base");
  if (found == nullptr || found->is_null()) return std::nullopt;
  JsonValue base = std::move(*found);
  std::erase_if(std::get<JsonValue::Object>(document.root.data),
                [](const JsonMember& member) { return member.key == "base"; });
  load_named(document, base, "/base", around);
  return base;
}

// `arm` becomes whole; its files join those of the document.
Mistakes complete_one(JsonDocument& document, JsonValue& arm, Surroundings around) {
  ++around.depth;
  try {
    Scenario whole = complete_scenario({document.files, std::move(arm)}, around);
    document.files = std::move(whole.document.files);
    arm = std::move(whole.document.root);
    return {};
  } catch (const ScenarioError& error) {
    return error.mistakes();
  }
}

}  // namespace

JsonValue patched(JsonValue base, JsonValue patch) {
  name_entries(base, patch);
  merge(base, std::move(patch));
  return base;
}

void complete_arms(JsonDocument& document, const Surroundings& around) {
  if (around.depth >= most_levels)
    throw ScenarioError{mistake_at(
        document, "", "at most " + std::to_string(most_levels) + " scenarios inside one another",
        "more")};
  if (const JsonValue* all = document.root.find("arms"); all->object() == nullptr)
    throw ScenarioError{mistake_at(document, "/arms", "an object: arms by name", brief(all))};
  const std::optional<JsonValue> base = take_base(document, around);
  const JsonValue* const said = document.root.find("seed");
  const JsonValue first_seed{json_number(std::int64_t{1}), document.root.place};
  const JsonValue seed = said != nullptr ? *said : first_seed;
  ArmMistakes mistakes;
  // Apart from the document while it grows by files.
  JsonValue arms = std::move(*document.root.find("arms"));
  for (JsonMember& arm : std::get<JsonValue::Object>(arms.data)) {
    load_named(document, arm.value, "/arms/" + escape_token(arm.key), around);
    const bool has_base = base && arm.value.find("kind") == nullptr;
    if (has_base) arm.value = patched(*base, std::move(arm.value));
    set_seed(arm.value, seed, around.known);
    mistakes.add(arm.key, has_base, complete_one(document, arm.value, around));
  }
  throw_if_any(mistakes.told());
  *document.root.find("arms") = std::move(arms);
}

}  // namespace jevons
