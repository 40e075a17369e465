#include "scenarios/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "scenarios/diagnostics.h"
#include "scenarios/utf8.h"

namespace jevons {
namespace {

class Parser {
 public:
  Parser(std::string_view file, std::uint32_t file_index, std::string_view text)
      : file_{file}, file_index_{file_index}, text_{text} {}

  JsonValue parse() {
    check_encoding();
    if (text_.starts_with("\xEF\xBB\xBF")) line_start_ = at_ = 3;  // a byte order mark
    skip_blank();
    JsonValue root = value(0);
    skip_blank();
    if (!at_end()) stop("the end of the file", found(), "a file holds one value");
    throw_if_any(mistakes_);
    return root;
  }

 private:
  // Reading stops here: what follows a break in the grammar would only be guessed.
  [[noreturn]] void stop(std::string expected, std::string got, std::string hint = "") {
    mistakes_.add(mistake(line_, std::move(expected), std::move(got), std::move(hint)));
    throw ScenarioError{mistakes_};
  }

  Mistake mistake(std::size_t line, std::string expected, std::string got, std::string hint) const {
    return {std::string{file_},  line,           pointer_,
            std::move(expected), std::move(got), std::move(hint)};
  }

  void check_encoding() {
    if (text_.size() > largest)
      stop("at most " + std::to_string(largest >> 20U) + " MiB",
           std::to_string(text_.size()) + " bytes");
    const std::size_t bad = first_invalid_utf8(text_);
    if (bad == text_.size()) return;
    line_ += static_cast<std::uint32_t>(
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(bad), '\n'));
    stop("UTF-8 text", "byte " + std::to_string(static_cast<unsigned char>(text_[bad])),
         "save the file as UTF-8");
  }

  bool at_end() const { return at_ == text_.size(); }
  char next() const { return at_end() ? '\0' : text_[at_]; }
  bool starts(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  Place place() const {
    return {file_index_, line_, static_cast<std::uint32_t>(at_ - line_start_ + 1)};
  }

  // What stands here, for a message: a word, a sign, or the end.
  std::string found() const {
    if (at_end()) return "the end of the file";
    const auto is_word = [](char c) {
      return std::string_view{" \t\r\n,:{}[]\"'/"}.find(c) == std::string_view::npos;
    };
    constexpr std::size_t longest = 20;
    std::size_t length = 0;
    while (at_ + length < text_.size() && length < longest && is_word(text_[at_ + length]))
      ++length;
    const std::size_t end = whole_characters(text_, at_ + std::max<std::size_t>(length, 1));
    return in_quotes(text_.substr(at_, end - at_));
  }

  void skip_blank() {
    for (; !at_end(); ++at_) {
      if (next() == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (starts("//")) {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size()) - 1;
      } else if (starts("/*")) {
        skip_block_comment();
      } else if (next() != ' ' && next() != '\t' && next() != '\r') {
        return;
      }
    }
  }

  // Leaves the cursor on the last character of the comment.
  void skip_block_comment() {
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos)
      stop("\"*/\" at the end of a comment", "the end of the file");
    for (; at_ < end + 1; ++at_) {
      if (next() != '\n') continue;
      ++line_;
      line_start_ = at_ + 1;
    }
  }

  JsonValue value(std::size_t depth) {
    if (depth > deepest)
      stop("at most " + std::to_string(deepest) + " levels of lists and objects", "more");
    const Place start = place();
    switch (next()) {
      case '{':
        return {object(depth), start};
      case '[':
        return {list(depth), start};
      case '"':
        return {text(), start};
      default:
        return {word(), start};
    }
  }

  JsonValue::Object object(std::size_t depth) {
    JsonValue::Object members;
    ++at_;
    skip_blank();
    while (next() != '}') {
      if (next() != '"')
        stop(members.empty() ? "a key in quotes or \"}\"" : "a key in quotes", found(), key_hint());
      const Place start = place();
      std::string key = text();
      const std::size_t parent = pointer_.size();
      pointer_ += "/" + escape_token(key);
      skip_blank();
      if (next() != ':') stop("\":\" after the key", found());
      ++at_;
      skip_blank();
      members.push_back({std::move(key), value(depth + 1), start});
      pointer_.resize(parent);
      if (!another('}')) break;
    }
    ++at_;
    report_repeated(members);
    return members;
  }

  JsonValue::List list(std::size_t depth) {
    JsonValue::List elements;
    ++at_;
    skip_blank();
    while (next() != ']') {
      const std::size_t parent = pointer_.size();
      pointer_ += "/" + std::to_string(elements.size());
      elements.push_back(value(depth + 1));
      pointer_.resize(parent);
      if (!another(']')) break;
    }
    ++at_;
    return elements;
  }

  // Behind an element: true when a comma announces another one. A comma before the closing bracket
  // is a mistake that reading survives.
  bool another(char close) {
    skip_blank();
    if (next() == close) return false;
    if (next() != ',') stop(std::string{R"("," or ")"} + close + "\"", found());
    ++at_;
    const std::size_t comma_line = line_;
    skip_blank();
    if (next() != close) return true;
    mistakes_.add(mistake(comma_line,
                          close == '}' ? "a key after the comma" : "a value after the comma",
                          std::string{"\""} + close + "\"", "remove the last comma"));
    return false;
  }

  std::string key_hint() const {
    if (next() == '\'') return "JSON text takes double quotes";
    if (next() == '}') return "remove the last comma";
    return at_end() ? "close the object with \"}\"" : "write the key in double quotes";
  }

  void report_repeated(const JsonValue::Object& members) {
    std::vector<const JsonMember*> sorted;
    for (const JsonMember& member : members) sorted.push_back(&member);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->key < b->key; });
    for (std::size_t i = 1, first = 0; i < sorted.size(); ++i) {
      if (sorted[i]->key != sorted[first]->key) {
        first = i;
        continue;
      }
      Mistake repeated =
          mistake(sorted[i]->place.line, "each key once", in_quotes(sorted[i]->key) + " again",
                  "it stands already in line " + std::to_string(sorted[first]->place.line));
      repeated.pointer += "/" + escape_token(sorted[i]->key);
      mistakes_.add(std::move(repeated));
    }
  }

  std::string text() {
    std::string out;
    ++at_;
    while (next() != '"') {
      if (at_end()) stop("a closing quote", "the end of the file");
      if (static_cast<unsigned char>(next()) < 0x20)
        stop("a closing quote in the same line", "a control character",
             "write a line break as \\n and a tab as \\t");
      if (next() == '\\')
        escape(out);
      else
        out += text_[at_++];
    }
    ++at_;
    return out;
  }

  void escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    ++at_;
    const std::size_t which = letters.find(next());
    if (!at_end() && which != std::string_view::npos) {
      out += meanings[which];
      ++at_;
    } else if (next() == 'u') {
      append_utf8(out, code_point());
    } else {
      stop("an escape such as \\n or \\u00e9",
           in_quotes(text_.substr(at_ - 1, whole_characters(text_, at_ + 1) - at_ + 1)),
           "write a backslash as \\\\");
    }
  }

  // \u00e9, or a pair of surrogates such as \ud83d\ude00.
  std::uint32_t code_point() {
    const std::uint32_t high = four_hex_digits();
    if (high < 0xD800 || high > 0xDFFF) return high;
    const bool has_low = high < 0xDC00 && starts("\\u");
    if (has_low) ++at_;
    const std::uint32_t low = has_low ? four_hex_digits() : 0;
    if (low < 0xDC00 || low > 0xDFFF) stop("a pair of \\u surrogates", "half a pair");
    return 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00);
  }

  std::uint32_t four_hex_digits() {
    std::uint32_t code = 0;
    const std::size_t start = std::min(at_ + 1, text_.size());
    const std::string_view digits = text_.substr(start, 4);
    const char* const last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, code, 16);
    if (digits.size() != 4 || error != std::errc{} || end != last) {
      const std::size_t whole = whole_characters(text_, start + digits.size());
      stop("four hexadecimal digits after \\u", in_quotes(text_.substr(start, whole - start)));
    }
    at_ += 5;
    return code;
  }

  // true, false, null or a number.
  JsonValue::Data word() {
    static constexpr std::string_view ends = " \t\r\n,:{}[]\"'/";
    const std::size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
    const std::string_view spelled = text_.substr(at_, end - at_);
    JsonValue::Data out;
    if (spelled == "true" || spelled == "false")
      out = spelled == "true";
    else if (spelled != "null")
      out = number(spelled);
    at_ = end;
    return out;
  }

  JsonNumber number(std::string_view spelled) {
    if (!is_json_number(spelled)) stop("a value", found(), value_hint(spelled));
    JsonNumber out{0, std::string{spelled}};
    const auto [end, error] =
        std::from_chars(spelled.data(), spelled.data() + spelled.size(), out.value);
    if (error == std::errc{}) return out;
    // Out of range means too large, or too small to differ from 0; only the first is a mistake.
    const std::size_t exponent = spelled.find_first_of("eE");
    const bool is_tiny = exponent != std::string_view::npos && spelled[exponent + 1] == '-';
    if (!is_tiny) stop("a number below 1.8e308", found());
    return out;
  }

  // -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?
  static bool is_json_number(std::string_view s) {
    const auto digits = [&s] {
      const std::size_t count = std::min(s.find_first_not_of("0123456789"), s.size());
      s.remove_prefix(count);
      return count;
    };
    if (s.starts_with('-')) s.remove_prefix(1);
    const bool leads_with_zero = s.starts_with('0');
    const std::size_t whole = digits();
    if (whole == 0 || (leads_with_zero && whole > 1)) return false;
    if (s.starts_with('.')) {
      s.remove_prefix(1);
      if (digits() == 0) return false;
    }
    if (s.starts_with('e') || s.starts_with('E')) {
      s.remove_prefix(1);
      if (s.starts_with('-') || s.starts_with('+')) s.remove_prefix(1);
      if (digits() == 0) return false;
    }
    return s.empty();
  }

  std::string value_hint(std::string_view spelled) const {
    static const std::vector<std::string> words{"true", "false", "null"};
    if (next() == '\'') return "JSON text takes double quotes";
    if (spelled.empty()) return "";
    if (spelled.find_first_of("0123456789") != std::string_view::npos)
      return "numbers are written like 0.5, -2 or 1e9; with a unit they are text such as \"2 h\"";
    std::string lower{spelled};
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_word = std::find(words.begin(), words.end(), lower) != words.end();
    return is_word ? "write " + lower : "write text in double quotes";
  }

  std::string_view file_;
  std::uint32_t file_index_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::string pointer_;
  Mistakes mistakes_;
};

}  // namespace

JsonValue parse_json_into(const JsonDocument& document, std::string_view text) {
  const auto index = static_cast<std::uint32_t>(document.files.size() - 1);
  return Parser{document.files.back(), index, text}.parse();
}

JsonDocument parse_json(std::string file, std::string_view text) {
  JsonDocument document{{std::move(file)}, {}};
  document.root = parse_json_into(document, text);
  return document;
}

}  // namespace jevons
