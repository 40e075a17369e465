#include "scenarios/json_text.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/scenarios/small_plant.h"

namespace jevons {
namespace {

JsonValue parsed(std::string_view text) {
  return parse_json("a.json", text).root;
}
std::string refusal(std::string_view text) {
  return complaint([text] { parse_json("a.json", text); });
}

}  // namespace

TEST_CASE("comments are read over and every value knows its line and column") {
  const JsonValue root = parsed(
      "// a plant\n"
      "{\n"
      "  /* two\n"
      "     lines */ \"tdp\": \"700 W\",  // watts\n"
      "  \"pools\": [1, 2.5e1]\n"
      "}\n");
  CHECK(*root.find("tdp")->text() == "700 W");
  CHECK(root.find("tdp")->place.line == 4);
  CHECK(root.find("tdp")->place.column == 22);
  const JsonValue& second = (*root.find("pools")->list())[1];
  CHECK(second.place.line == 5);
  CHECK(second.number()->value == 25);
  CHECK(find_pointer(root, "/pools/1") == &second);
}

TEST_CASE("keys keep their order and numbers their spelling") {
  const JsonValue root = parsed(R"({"b": 9007199254740993, "a": -0.50})");
  CHECK((*root.object())[0].key == "b");
  CHECK(as_integer(*root.find("b")->number()) == 9007199254740993);
  CHECK(root.find("a")->number()->spelled == "-0.50");
  CHECK_FALSE(as_integer(*root.find("a")->number()).has_value());
}

TEST_CASE("escapes become UTF-8") {
  CHECK(*parsed(R"("\u00e9\ud83d\ude00\n\"\\\/")").text() == "\xC3\xA9\xF0\x9F\x98\x80\n\"\\/");
}

TEST_CASE("a byte order mark at the start is no mistake") {
  CHECK(parsed("\xEF\xBB\xBF 1").number()->value == 1);
}

TEST_CASE("all repeated keys of a file are told") {
  CHECK(refusal("{\"a\": 1,\n\"b\": {\"c/d\": 1, \"c/d\": 2},\n\"a\": 3}") ==
        "a.json:2#/b/c~1d: expected each key once, got \"c/d\" again (hint: it stands already in "
        "line 2)\n"
        "a.json:3#/a: expected each key once, got \"a\" again (hint: it stands already in line 1)");
}

TEST_CASE("text that is no JSON is refused where it stops being JSON") {
  CHECK(refusal("") == "a.json:1: expected a value, got the end of the file");
  CHECK(refusal("{\"a\": 1}\n{") ==
        "a.json:2: expected the end of the file, got \"{\" (hint: a file holds one value)");
  CHECK(refusal("{\"a\": 1\n \"b\": 2}") == "a.json:2: expected \",\" or \"}\", got \"\\\"\"");
  CHECK(refusal("{\"a\": [1, 2}") == "a.json:1#/a: expected \",\" or \"]\", got \"}\"");
  CHECK(refusal("{a: 1}") ==
        "a.json:1: expected a key in quotes or \"}\", got \"a\" (hint: write the key in double "
        "quotes)");
  CHECK(refusal("{'a': 1}") ==
        "a.json:1: expected a key in quotes or \"}\", got \"'\" (hint: JSON text takes double "
        "quotes)");
  CHECK(refusal("{\"a\" 1}") == "a.json:1#/a: expected \":\" after the key, got \"1\"");
  CHECK(refusal("{\"a\": 1") == "a.json:1: expected \",\" or \"}\", got the end of the file");
  CHECK(refusal("[\"a") == "a.json:1#/0: expected a closing quote, got the end of the file");
  CHECK(refusal("[\"a\nb\"]") ==
        "a.json:1#/0: expected a closing quote in the same line, got a control character (hint: "
        "write a line break as \\n and a tab as \\t)");
  CHECK(refusal("/* a") ==
        "a.json:1: expected \"*/\" at the end of a comment, got the end of the file");
  CHECK(refusal("[\"\\x\"]") ==
        "a.json:1#/0: expected an escape such as \\n or \\u00e9, got \"\\\\x\" (hint: write a "
        "backslash "
        "as \\\\)");
  CHECK(refusal("[\"\\ud800\"]") ==
        "a.json:1#/0: expected a pair of \\u surrogates, got half a pair");
  CHECK(refusal("[\"\\u12g4\"]") ==
        "a.json:1#/0: expected four hexadecimal digits after \\u, got \"12g4\"");
}

TEST_CASE("a comma too many is told and reading goes on") {
  CHECK(refusal("{\"a\": [1,],\n\"b\": 2,\n}") ==
        "a.json:1#/a: expected a value after the comma, got \"]\" (hint: remove the last comma)\n"
        "a.json:2: expected a key after the comma, got \"}\" (hint: remove the last comma)");
}

TEST_CASE("words and numbers of other languages are refused with the right spelling") {
  CHECK(refusal("{\"a\": True}") ==
        "a.json:1#/a: expected a value, got \"True\" (hint: write true)");
  CHECK(refusal("[fcfs]") ==
        "a.json:1#/0: expected a value, got \"fcfs\" (hint: write text in double quotes)");
  CHECK(refusal("[NaN]") ==
        "a.json:1#/0: expected a value, got \"NaN\" (hint: write text in double quotes)");
  for (const char* number : {"01", "+1", ".5", "1.", "1e", "0x10", "1_000", "--1"})
    CHECK(refusal(number) == "a.json:1: expected a value, got \"" + std::string{number} +
                                 "\" (hint: numbers are written like 0.5, -2 or 1e9; with a unit "
                                 "they are text such as \"2 h\")");
  CHECK(refusal("1e400") == "a.json:1: expected a number below 1.8e308, got \"1e400\"");
  CHECK(parsed("1e-400").number()->value == 0);
}

TEST_CASE("bytes that are no UTF-8 are refused with their line") {
  CHECK(refusal("{\n\"a\": \"\xFF\"}") ==
        "a.json:2: expected UTF-8 text, got byte 255 (hint: save the file as UTF-8)");
  for (const char* bad :
       {"\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\""})
    CHECK(refusal(bad).find("expected UTF-8 text") != std::string::npos);
}

TEST_CASE("depth and size have limits") {
  CHECK(refusal(std::string(64, '[') + std::string(64, ']')).empty());
  CHECK(
      refusal(std::string(100'000, '[')).find("expected at most 64 levels of lists and objects") !=
      std::string::npos);
  CHECK(refusal(std::string(largest + 1, ' ')) ==
        "a.json:1: expected at most 8 MiB, got 8388609 bytes");
}

TEST_CASE("printed trees read back as they were") {
  const std::string text =
      "{\n  \"a\": [\n    1,\n    -2.5,\n    true,\n    null\n  ],\n  \"b\": {\n    \"c\": "
      "\"\\\"x\\n\"\n  }\n}\n";
  CHECK(to_text(parsed(text)) == text);
}

TEST_CASE("pointers with slashes and tildes are escaped") {
  CHECK(escape_token("a/b~c") == "a~1b~0c");
  CHECK(unescape_token("a~1b~0c") == "a/b~c");
  CHECK_FALSE(unescape_token("a~2").has_value());
  CHECK_FALSE(unescape_token("a~").has_value());
  CHECK(find_pointer(parsed(R"({"a/b": [5]})"), "/a~1b/0")->number()->value == 5);
  CHECK(find_pointer(parsed(R"({"a": [5]})"), "/a/1") == nullptr);
  CHECK(find_pointer(parsed(R"({"a": [5]})"), "a") == nullptr);
}

}  // namespace jevons
