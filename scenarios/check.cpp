#include "scenarios/check.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

#include "scenarios/file_path.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

using Kind = Shape::Kind;

class Checker {
 public:
  explicit Checker(const JsonDocument& document) : document_{&document} {}

  Mistakes check(const Shape& shape) {
    value(shape, document_->root);
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      const auto order = [](const Place& p) { return std::tuple{p.file, p.line, p.column}; };
      return order(a.first) < order(b.first);
    });
    Mistakes out;
    for (auto& [place, mistake] : found_) out.add(std::move(mistake));
    return out;
  }

 private:
  void add(const Place& place, std::string pointer, std::string expected, std::string got,
           std::string hint) {
    found_.emplace_back(place, Mistake{document_->files[place.file], place.line, std::move(pointer),
                                       std::move(expected), std::move(got), std::move(hint)});
  }
  void refuse(const JsonValue& json, std::string expected, std::string hint = "") {
    add(json.place, pointer_, std::move(expected), brief(&json), std::move(hint));
  }

  void value(const Shape& shape, const JsonValue& json) {
    if (json.is_null() && shape.may_be_null) return;
    switch (shape.kind) {
      case Kind::flag:
        if (json.flag() == nullptr) refuse(json, expected(shape), flag_hint(json));
        return;
      case Kind::integer:
        return integer(shape, json);
      case Kind::number:
        return number(shape, json);
      case Kind::quantity:
        return quantity(shape, json);
      case Kind::span:
        return span(shape, json);
      case Kind::text:
        if (json.text() == nullptr) refuse(json, expected(shape), text_hint(json));
        return;
      case Kind::file:
        return file(shape, json);
      case Kind::name:
        return name(shape, json);
      case Kind::object:
        return object(shape, json);
      case Kind::list:
        return list(shape, json);
      case Kind::map:
        return map(shape, json);
      case Kind::choice:
        return choice(shape, json);
      case Kind::scenario:
        if (json.object() == nullptr && json.text() == nullptr) refuse(json, expected(shape));
        return;
    }
  }

  static std::string flag_hint(const JsonValue& json) {
    const std::string* text = json.text();
    return text != nullptr && (*text == "true" || *text == "false") ? "write it without quotes"
                                                                    : "";
  }
  static std::string text_hint(const JsonValue& json) {
    return json.number() != nullptr ? "write it in quotes" : "";
  }
  static std::string number_hint(const JsonValue& json) {
    return json.text() != nullptr ? "write a number without quotes and without unit" : "";
  }

  void integer(const Shape& shape, const JsonValue& json) {
    const JsonNumber* number = json.number();
    const auto whole = number != nullptr ? as_integer(*number) : std::nullopt;
    if (!whole || *whole < shape.whole_min || *whole > shape.whole_max)
      refuse(json, expected(shape), number_hint(json));
  }

  void number(const Shape& shape, const JsonValue& json) {
    const JsonNumber* number = json.number();
    if (number == nullptr || number->value < shape.min || number->value > shape.max)
      refuse(json, expected(shape), number_hint(json));
  }

  void quantity(const Shape& shape, const JsonValue& json) {
    if (!is_measured(shape, json)) return;
    const auto read = read_quantity(*json.text(), shape.dim);
    if (const auto* problem = std::get_if<UnitProblem>(&read))
      return refuse(json, expected(shape), problem->hint);
    const double base = std::get<double>(read);
    if (base < shape.min || base > shape.max) refuse(json, expected_range(shape));
  }

  void span(const Shape& shape, const JsonValue& json) {
    if (!is_measured(shape, json)) return;
    const auto read = read_span(*json.text());
    if (const auto* problem = std::get_if<UnitProblem>(&read))
      return refuse(json, expected(shape), problem->hint);
    const auto ns = std::get<Span>(read).count();
    if (ns < shape.whole_min || ns > shape.whole_max) refuse(json, expected_range(shape));
  }

  // Text, as everything with a unit must be.
  bool is_measured(const Shape& shape, const JsonValue& json) {
    if (json.text() != nullptr) return true;
    refuse(json, expected(shape), json.number() != nullptr ? "write the unit" : "");
    return false;
  }

  void file(const Shape& shape, const JsonValue& json) {
    const std::string* text = json.text();
    if (text == nullptr) return refuse(json, expected(shape));
    const auto path = seen_from(document_->files[json.place.file], *text);
    std::error_code ignored;  // whatever the reason, the file cannot be used
    if (std::filesystem::is_regular_file(path, ignored)) return;
    refuse(json, expected(shape), file_hint(path));
  }

  static std::string file_hint(const std::filesystem::path& path) {
    const std::vector<std::string> names = names_beside(path);
    if (names.empty()) return "there is no directory " + in_quotes(path.parent_path().string());
    const std::string close = did_you_mean(path.filename().string(), names, "files");
    return close.empty() ? "there is no " + in_quotes(path.string()) : close;
  }

  void name(const Shape& shape, const JsonValue& json) {
    const std::string* text = json.text();
    if (text == nullptr) return refuse(json, expected(shape));
    if (std::find(shape.names.begin(), shape.names.end(), *text) == shape.names.end())
      refuse(json, expected(shape), nearest_hint(*text, shape.names));
  }

  // The list of names stands in the message already.
  static std::string nearest_hint(std::string_view word, std::span<const std::string> names) {
    const std::string hint = did_you_mean(word, names, "");
    return hint.starts_with("did") ? hint : "";
  }

  void object(const Shape& shape, const JsonValue& json) {
    if (json.object() == nullptr) return refuse(json, expected(shape));
    keys(shape, json, known_keys(shape));
  }

  void keys(const Shape& shape, const JsonValue& json, const std::vector<std::string>& known) {
    for (const Field& field : shape.fields) {
      if (const JsonValue* member = json.find(field.key))
        within(field.key, [&] { value(field.shape, *member); });
      else if (field.is_required)
        add(json.place, pointer_ + "/" + escape_token(field.key), expected(field.shape), "nothing",
            "add " + in_quotes(field.key) + ": " + field.help);
    }
    for (const JsonMember& member : *json.object()) {
      const bool is_known = std::find(known.begin(), known.end(), member.key) != known.end();
      if (is_known || (pointer_.empty() && is_remark(member.key))) continue;
      add(member.place, pointer_ + "/" + escape_token(member.key), "a known key",
          brief_key(member.key), did_you_mean(member.key, known, "keys"));
      if (found_.size() > 10 * Mistakes::most) return;
    }
  }

  static std::string brief_key(const std::string& key) {
    const JsonValue text{key, {}};
    return brief(&text);
  }

  void list(const Shape& shape, const JsonValue& json) {
    if (json.list() == nullptr) return refuse(json, expected(shape));
    std::size_t index = 0;
    for (const JsonValue& element : *json.list()) {
      within(std::to_string(index++), [&] { value(shape.elements.front(), element); });
      if (found_.size() > 10 * Mistakes::most) return;
    }
  }

  void map(const Shape& shape, const JsonValue& json) {
    if (json.object() == nullptr) return refuse(json, expected(shape));
    for (const JsonMember& member : *json.object()) {
      within(member.key, [&] { value(shape.elements.front(), member.value); });
      if (found_.size() > 10 * Mistakes::most) return;
    }
  }

  void choice(const Shape& shape, const JsonValue& json) {
    Shape names{Kind::name};
    names.names = shape.names;
    if (json.object() == nullptr) {
      const std::string* text = json.text();
      const bool is_name = text != nullptr && alternative(shape, *text) != nullptr;
      if (is_name)
        return refuse(json, expected(shape), "write {\"kind\": " + in_quotes(*text) + "}");
      return refuse(json, expected(shape),
                    text != nullptr ? did_you_mean(*text, shape.names, "kinds") : "");
    }
    const JsonValue* kind = json.find("kind");
    if (kind == nullptr)
      return add(json.place, pointer_ + "/kind", expected(names), "nothing", "add \"kind\"");
    within("kind", [&] { name(names, *kind); });
    const Shape* chosen = kind->text() != nullptr ? alternative(shape, *kind->text()) : nullptr;
    if (chosen == nullptr) return;
    std::vector<std::string> known = known_keys(*chosen);
    known.emplace_back("kind");
    keys(*chosen, json, known);
  }

  template <class Body>
  void within(const std::string& token, const Body& body) {
    const std::size_t parent = pointer_.size();
    pointer_ += "/" + escape_token(token);
    body();
    pointer_.resize(parent);
  }

  const JsonDocument* document_;
  std::string pointer_;
  std::vector<std::pair<Place, Mistake>> found_;
};

}  // namespace

bool is_remark(std::string_view key) {
  return key == "$schema" || key == "$origin";
}

Mistakes check(const Shape& shape, const JsonDocument& document) {
  return Checker{document}.check(shape);
}

Mistake mistake_at(const JsonDocument& document, std::string_view pointer, std::string expected,
                   std::string got, std::string hint) {
  // A value that was left to its default has no place of its own: its nearest parent has.
  std::string_view at = pointer;
  const JsonValue* value = find_pointer(document.root, at);
  while (value == nullptr) {
    at = at.substr(0, at.rfind('/'));
    value = find_pointer(document.root, at);
  }
  return {document.files[value->place.file],
          value->place.line,
          std::string{pointer},
          std::move(expected),
          std::move(got),
          std::move(hint)};
}

}  // namespace jevons
