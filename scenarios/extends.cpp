#include "scenarios/extends.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "scenarios/file_path.h"
#include "scenarios/json_text.h"

namespace jevons {
namespace {

class Loader {
 public:
  Loader(JsonDocument& document, const TextFiles& files) : document_{&document}, files_{&files} {}

  JsonValue load(const std::string& path) {
    const auto text = files_->read(path);
    if (!text)
      mistakes_.add({path, 0, "", "a file that can be read", "nothing", missing_hint(path)});
    auto value = text ? parsed(path, *text) : std::nullopt;
    throw_if_any(mistakes_);
    return std::move(*value);
  }

 private:
  // Empty when the text is no JSON, which is told already.
  std::optional<JsonValue> parsed(const std::string& path, const std::string& text) {
    document_->files.push_back(path);
    open_.push_back(path);
    std::optional<JsonValue> value;
    try {
      value = parse_json_into(*document_, text);
      resolve(*value, "");
    } catch (const ScenarioError& error) {
      mistakes_.add(error.mistakes());
    }
    open_.pop_back();
    return value;
  }

  // Replaces every object that extends others by what it stands for.
  void resolve(JsonValue& value, const std::string& pointer) {
    if (auto* list = std::get_if<JsonValue::List>(&value.data)) {
      for (std::size_t i = 0; i < list->size(); ++i)
        resolve((*list)[i], pointer + "/" + std::to_string(i));
    }
    auto* members = std::get_if<JsonValue::Object>(&value.data);
    if (members == nullptr) return;
    for (JsonMember& member : *members)
      resolve(member.value, pointer + "/" + escape_token(member.key));
    const auto extends = std::find_if(members->begin(), members->end(),
                                      [](const auto& m) { return m.key == "$extends"; });
    if (extends == members->end()) return;
    const JsonValue bases = std::move(extends->value);
    members->erase(extends);
    JsonValue own = std::exchange(value, JsonValue{JsonValue::Object{}, value.place});
    merge_bases(value, bases, pointer + "/$extends");
    merge(value, std::move(own));
  }

  void merge_bases(JsonValue& target, const JsonValue& bases, const std::string& pointer) {
    const JsonValue::List* list = bases.list();
    if (list == nullptr) return merge_base(target, bases, pointer);
    for (std::size_t i = 0; i < list->size(); ++i)
      merge_base(target, (*list)[i], pointer + "/" + std::to_string(i));
  }

  void merge_base(JsonValue& target, const JsonValue& base, const std::string& pointer) {
    const auto refuse = [&](std::string expected, std::string hint) {
      mistakes_.add({document_->files[base.place.file], base.place.line, pointer,
                     std::move(expected), brief(&base), std::move(hint)});
    };
    const std::string* written = base.text();
    if (written == nullptr) return refuse("the path of a file, or a list of paths", "");
    const std::string path = seen_from(document_->files[base.place.file], *written).string();
    if (std::find(open_.begin(), open_.end(), path) != open_.end())
      return refuse("a file that does not extend this one in turn", cycle(path));
    if (document_->files.size() >= most_files)
      return refuse("at most " + std::to_string(most_files) + " files in all", "");
    const auto text = files_->read(path);
    if (!text) return refuse("the path of a file that can be read", missing_hint(path));
    auto loaded = parsed(path, *text);
    if (!loaded) return;
    if (loaded->object() != nullptr) return merge(target, std::move(*loaded));
    refuse("a file that holds an object", in_quotes(path) + " holds " + brief(&*loaded));
  }

  // "a.json -> b.json -> a.json"
  std::string cycle(const std::string& path) const {
    std::string out;
    for (auto at = std::find(open_.begin(), open_.end(), path); at != open_.end(); ++at)
      out += *at + " -> ";
    return out + path;
  }

  std::string missing_hint(const std::string& path) const {
    const std::vector<std::string> names = files_->beside(path);
    const std::string close = did_you_mean(path.substr(path.rfind('/') + 1), names, "files");
    return close.starts_with("did") ? close : "there is no " + in_quotes(path);
  }

  JsonDocument* document_;
  const TextFiles* files_;
  std::vector<std::string> open_;  // files that are being read, outermost first
  Mistakes mistakes_;
};

}  // namespace

TextFiles disk() {
  const auto read = [](const std::string& path) -> std::optional<std::string> {
    std::error_code ignored;  // whatever the reason, there is nothing to read
    if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
    std::ifstream in{path, std::ios::binary};
    if (!in) return std::nullopt;
    // One byte more than is allowed, so that the parser can say that it is too much.
    std::string text(largest + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
  };
  return {read, [](const std::string& path) { return names_beside(path); }};
}

JsonDocument load_document(const std::string& path, const TextFiles& files) {
  JsonDocument document;
  document.root = load_into(document, path, files);
  return document;
}

JsonValue load_into(JsonDocument& document, const std::string& path, const TextFiles& files) {
  return Loader{document, files}.load(path);
}

void merge(JsonValue& target, JsonValue patch) {
  if (patch.object() == nullptr) {
    target = std::move(patch);
    return;
  }
  if (target.object() == nullptr) target.data = JsonValue::Object{};
  target.place = patch.place;
  auto& members = std::get<JsonValue::Object>(target.data);
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < members.size(); ++i) index[members[i].key] = i;
  std::vector<bool> is_removed(members.size());
  for (JsonMember& member : std::get<JsonValue::Object>(patch.data)) {
    const auto [known, is_new] = index.try_emplace(member.key, members.size());
    if (is_new) {
      members.push_back({member.key, {}, member.place});
      is_removed.push_back(false);
    }
    is_removed[known->second] = member.value.is_null();
    if (!member.value.is_null()) merge(members[known->second].value, std::move(member.value));
    members[known->second].place = member.place;
  }
  JsonValue::Object kept;
  for (std::size_t i = 0; i < members.size(); ++i)
    if (!is_removed[i]) kept.push_back(std::move(members[i]));
  members = std::move(kept);
}

}  // namespace jevons
