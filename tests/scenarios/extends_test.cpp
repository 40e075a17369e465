#include "scenarios/extends.h"

#include <string>

#include <doctest/doctest.h>

#include "scenarios/catalogue_entries.h"
#include "scenarios/json_text.h"
#include "scenarios/overrides.h"
#include "scenarios/reader.h"
#include "tests/scenarios/small_plant.h"

namespace jevons {
namespace {

std::string loaded(const std::map<std::string, std::string>& texts) {
  return to_text(load_document("s/a.json", in_memory(texts)).root);
}
std::string refusal(const std::map<std::string, std::string>& texts) {
  return complaint([&texts] { loaded(texts); });
}
std::string canonical(std::string_view text) {
  return to_text(parse_json("", text).root);
}

}  // namespace

TEST_CASE("patches merge as RFC 7396 says") {
  // The examples of RFC 7396, appendix A.
  struct Example {
    const char *target, *patch, *result;
  };
  for (const auto& [target, patch, result] :
       {Example{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        Example{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
        Example{R"({"a":"b"})", R"({"a":null})", R"({})"},
        Example{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
        Example{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        Example{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
        Example{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
        Example{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        Example{R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
        Example{R"({"a":"b"})", R"(["c"])", R"(["c"])"},
        Example{R"({"a":"foo"})", R"(null)", R"(null)"},
        Example{R"({"a":"foo"})", R"("bar")", R"("bar")"},
        Example{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
        Example{R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
        Example{R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}}) {
    JsonValue merged = parse_json("", target).root;
    merge(merged, parse_json("", patch).root);
    CHECK(to_text(merged) == canonical(result));
  }
}

TEST_CASE("a scenario extends files beside the file that says so and later ones win") {
  CHECK(loaded({{"s/a.json", R"({"$extends": ["base/b.json", "c.json"], "y": 3})"},
                {"s/base/b.json", R"({"$extends": "../d.json", "x": 1, "y": 1})"},
                {"s/c.json", R"({"x": 2})"},
                {"s/d.json", R"({"w": {"v": 0}})"}}) ==
        canonical(R"({"w": {"v": 0}, "x": 2, "y": 3})"));
  CHECK(loaded({{"s/a.json", R"({"chips": [{"$extends": "c.json", "tdp": "1 W"}]})"},
                {"s/c.json", R"({"tdp": "2 W", "name": "c"})"}}) ==
        canonical(R"({"chips": [{"tdp": "1 W", "name": "c"}]})"));
}

TEST_CASE("merged values remember the file they came from") {
  const JsonDocument document = load_document(
      "s/a.json", in_memory({{"s/a.json", "{\"$extends\": \"b.json\",\n\"chip\": {\"tdp\": 5}}"},
                             {"s/b.json", "{\n\n\"pue\": 9}"}}));
  const Mistakes mistakes = check(describe(SmallPlant{}), document);
  REQUIRE(mistakes.list().size() == 2);
  CHECK(mistakes.list()[0].file == "s/a.json");
  CHECK(to_text(mistakes.list()[1]) == "s/b.json:3#/pue: expected a number from 1 to 3, got 9");
}

TEST_CASE("files that extend each other are refused") {
  CHECK(refusal({{"s/a.json", R"({"$extends": "b.json"})"},
                 {"s/b.json", R"({"x": {"$extends": "a.json"}})"}}) ==
        "s/b.json:1#/x/$extends: expected a file that does not extend this one in turn, got "
        "\"a.json\" (hint: s/a.json -> s/b.json -> s/a.json)");
}

TEST_CASE("missing files are refused with the nearest name") {
  CHECK(refusal({{"s/b.json", "{}"}}) ==
        "s/a.json: expected a file that can be read, got nothing (hint: did you mean \"b.json\"?)");
  CHECK(
      refusal({{"s/a.json", R"({"$extends": "parts/h80.json"})"}, {"s/parts/h800.json", "{}"}}) ==
      "s/a.json:1#/$extends: expected the path of a file that can be read, got \"parts/h80.json\" "
      "(hint: did you mean \"h800.json\"?)");
  CHECK(refusal({{"s/a.json", R"({"$extends": "none.json"})"}}) ==
        "s/a.json:1#/$extends: expected the path of a file that can be read, got \"none.json\" "
        "(hint: there is no \"s/none.json\")");
}

TEST_CASE("mistakes of all extended files are told together") {
  CHECK(refusal({{"s/a.json", "{\"$extends\": [\"b.json\", 5, \"c.json\"]}"},
                 {"s/b.json", "{\n]"},
                 {"s/c.json", "[]"}}) ==
        "s/b.json:2: expected a key in quotes or \"}\", got \"]\" (hint: write the key in double "
        "quotes)\n"
        "s/a.json:1#/$extends/1: expected the path of a file, or a list of paths, got 5\n"
        "s/a.json:1#/$extends/2: expected a file that holds an object, got \"c.json\" (hint: "
        "\"s/c.json\" holds a list)");
}

TEST_CASE("an explosion of files is stopped") {
  std::map<std::string, std::string> texts{{"s/a.json", R"({"$extends": ["0.json", "0.json"]})"}};
  for (int i = 0; i < 30; ++i) {
    const std::string next = std::to_string(i + 1) + ".json";
    texts["s/" + std::to_string(i) + ".json"] =
        R"({"$extends": [")" + next + R"(", ")" + next + "\"]}";
  }
  texts["s/30.json"] = "{}";
  CHECK(refusal(texts).find("expected at most 1000 files in all") != std::string::npos);
}

TEST_CASE("values are replaced from the command line with the same checks") {
  JsonDocument document =
      parse_json("a.json", R"({"chip": {"tdp": "1 kW"}, "pools": [{"role": "x"}]})");
  for (const char* setting :
       {"/chip/tdp=500 W", "/policy/kind=fcfs", "/pools/0/gpus=4", "/shares={\"a\": 1}"})
    override_value(document, {setting});
  const SmallPlant plant = read<SmallPlant>(document);
  CHECK(plant.chip.tdp == 500 * unit::W);
  CHECK(std::holds_alternative<Fcfs>(plant.policy));
  CHECK(plant.pools[0].gpus == 4);
  CHECK(plant.shares.at("a") == 1);
  override_value(document, {"/chip/tdp=500"});
  CHECK(complaint([&] { read<SmallPlant>(document); }) ==
        "--set#/chip/tdp: expected a quantity such as \"700 W\", got 500 (hint: write the unit)");
  override_value(document, {"/chp/tdp=500 W"});
  CHECK(complaint([&] {
          read<SmallPlant>(document);
        }).find("--set#/chp: expected a known key, got \"chp\" (hint: did you mean \"chip\"?)") !=
        std::string::npos);
}

TEST_CASE("overrides that make no sense are refused") {
  const auto refused = [](const std::string& setting) {
    JsonDocument document = parse_json("a.json", R"({"pools": [1, 2]})");
    return complaint([&] { override_value(document, {setting}); });
  };
  CHECK(refused("/a") ==
        "--set: expected /pointer/to/key=value, got \"/a\" (hint: write = and the value)");
  CHECK(
      refused("a=1") ==
      "--set: expected /pointer/to/key=value, got \"a\" (hint: begin with \"/\", put \"/\" between "
      "keys)");
  CHECK(refused("/a~2=1") ==
        "--set: expected a JSON pointer, got \"/a~2\" (hint: write ~ as ~0 and / as ~1)");
  CHECK(refused("/pools/2=1") ==
        "--set#/pools/2: expected the index of an element of the list, got \"2\" (hint: indices "
        "are 0 "
        "to 1)");
}

TEST_CASE("a catalogue entry is named by its id and changed by what stands beside it") {
  const TextFiles files = in_memory(
      {{"parts/chips/h800.json", R"({"tdp": "700 W", "memory_bandwidth": "3.35 TB/s"})"}});
  const Catalogues catalogues{
      [](std::string_view catalogue, std::string_view id) -> std::optional<std::string> {
        if (catalogue == "chips" && id == "h800") return "parts/chips/h800.json";
        return std::nullopt;
      },
      [](std::string_view) { return std::vector<std::string>{"h800"}; }};
  const Shape shape = describe(SmallPlant{});

  JsonDocument document = parse_json("a.json", R"({"chip": "h800"})");
  override_value(document, {"/chip/tdp=500 W"});
  CHECK(put_entries(shape, document, catalogues, files).empty());
  const SmallPlant plant = read<SmallPlant>(document);
  CHECK(plant.chip.id == "h800");
  CHECK(plant.chip.tdp == 500 * unit::W);
  CHECK(plant.chip.memory_bandwidth == 3.35 * unit::TB / unit::s);

  JsonDocument wrong = parse_json("a.json", R"({"chip": "h80"})");
  const Mistakes mistakes = put_entries(shape, wrong, catalogues, files);
  REQUIRE(mistakes.list().size() == 1);
  CHECK(to_text(mistakes.list()[0]) ==
        "a.json:1#/chip: expected an id of the catalogue chips, got \"h80\" (hint: did you mean "
        "\"h800\"?)");
}

}  // namespace jevons
