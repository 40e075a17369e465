#include "scenarios/kinds.h"

#include <string>

#include <doctest/doctest.h>

#include "scenarios/json_text.h"
#include "scenarios/resolved.h"
#include "scenarios/schema.h"
#include "tests/scenarios/small_plant.h"

namespace jevons {

// Found by kind_of through the type of the scenario.
Answer run(const SmallPlant& plant, RunContext& context) {
  context.progress(1);
  JsonValue::Object summary{{"pue", JsonValue{json_number(plant.pue), {}}, {}}};
  return {"pue " + json_number(plant.pue).spelled, JsonValue{std::move(summary), {}}};
}

Mistakes laws(const SmallPlant& plant, const JsonDocument& document) {
  Mistakes mistakes;
  const auto count = static_cast<std::int64_t>(plant.pools.size());
  if (plant.limit && *plant.limit < count)
    mistakes.add(mistake_at(document, "/limit", "at least one request per pool",
                            std::to_string(*plant.limit)));
  return mistakes;
}

namespace {

std::vector<Kind> test_kinds() {
  return {kind_of<SmallPlant>()};
}

Catalogues no_catalogues() {
  return {[](std::string_view, std::string_view) { return std::optional<std::string>{}; },
          [](std::string_view) { return std::vector<std::string>{"h800"}; }};
}

Scenario loaded(const std::string& text, const std::vector<Setting>& settings = {}) {
  static const std::vector<Kind> known = test_kinds();
  return load_scenario(
      "s/a.json", settings,
      {in_memory({{"s/a.json", text}, {"s/base.json", "{\"kind\": \"plant\",\n\"chip\": {}}"}}),
       no_catalogues(), known});
}

}  // namespace

TEST_CASE("the kind of a scenario selects how it is read and run") {
  const Scenario scenario = loaded(R"({"kind": "plant", "chip": {}, "pue": 1.5})");
  RunContext context;
  CHECK(scenario.kind.run(scenario.document, context).text == "pue 1.5");
}

TEST_CASE("a scenario without a known kind is refused") {
  CHECK(complaint([] { loaded(R"({"kind": "plnt"})"); }) ==
        "s/a.json:1#/kind: expected one of plant, got \"plnt\" (hint: did you mean \"plant\"?)");
  CHECK(complaint([] { loaded("{}"); }) ==
        "s/a.json:1#/kind: expected one of plant, got nothing (hint: add \"kind\")");
}

TEST_CASE("laws between fields are told at the place of the field") {
  CHECK(complaint([] {
          loaded(
              "{\"kind\": \"plant\", \"chip\": {},\n\"limit\": 1,\n"
              "\"pools\": [{\"role\": \"a\"}, {\"role\": \"b\"}]}");
        }) == "s/a.json:2#/limit: expected at least one request per pool, got 1");
}

TEST_CASE("the resolved scenario says where each value came from and repeats the run") {
  const Scenario scenario =
      loaded("{\"$extends\": \"base.json\",\n\"caps\": [\"1 kW\"]}", {{"/pue=2"}});
  const JsonValue resolved =
      with_origins(scenario.kind.resolve(scenario.document), scenario.document);
  const auto origin = [&resolved](std::string_view pointer) {
    return *resolved.find("$origin")->find(pointer)->text();
  };
  CHECK(origin("/kind") == "s/base.json:1");
  CHECK(origin("/caps/0") == "s/a.json:2");
  CHECK(origin("/pue") == "--set");
  CHECK(origin("/chip/tdp") == "default");
  CHECK(origin("/policy/depth") == "default");
  const Scenario again = loaded(to_text(resolved));
  CHECK(to_text(again.kind.resolve(again.document)) ==
        to_text(scenario.kind.resolve(scenario.document)));
}

TEST_CASE("the schema names every key with its help and range") {
  const JsonValue schema = parse_json("schema", schema_text(test_kinds(), no_catalogues())).root;
  CHECK(*find_pointer(schema, "/$schema")->text() == "http://json-schema.org/draft-07/schema#");
  const JsonValue* plant = find_pointer(schema, "/anyOf/0/properties");
  REQUIRE(plant != nullptr);
  CHECK(*find_pointer(*plant, "/kind/const")->text() == "plant");
  CHECK(find_pointer(*plant, "/pue/maximum")->number()->value == 3);
  CHECK(find_pointer(*plant, "/pue/default")->number()->value == 1.2);
  CHECK(*find_pointer(*plant, "/warmup/description")->text() ==
        "time before measuring starts (a time from \"0 s\" to \"1 h\")");
  CHECK(*find_pointer(*plant, "/chip/anyOf/0/examples/0")->text() == "h800");
  CHECK(*find_pointer(*plant, "/policy/anyOf/1/properties/kind/const")->text() == "backfill");
  CHECK(find_pointer(*plant, "/$schema") != nullptr);
}

TEST_CASE("the reference page has a row for every key") {
  const std::string page = reference_text(test_kinds());
  for (const char* row :
       {"## kind `plant`: a plant for tests\n",
        "| `pue` | a number from 1 to 3 | `1.2` | facility energy over IT energy |\n",
        "| `chip` | an object or an id of the catalogue chips | required | accelerator |\n",
        "| `chip.tdp` | a quantity from \"1 W\" to \"10 kW\" | `\"700 W\"` | thermal design power "
        "|\n",
        "| `policy` | an object with \"kind\" | kind `\"backfill\"` | who is served next |\n",
        "| `policy(backfill).depth` | an integer from 1 to 10000 | `7` |",
        "| `pools[].role` | text | required | what the pool serves |\n"})
    CHECK_MESSAGE(page.find(row) != std::string::npos, page);
}

}  // namespace jevons
