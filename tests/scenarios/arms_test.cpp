// Scenarios side by side: how arms are made, compared, and what is refused in which words.
#include <doctest/doctest.h>

#include "scenarios/arms_answer.h"
#include "scenarios/manifest.h"
#include "tests/scenarios/serve_desk.h"

namespace jevons {
namespace {

// `body`: members of the arms beside kind and base.
Scenario arms(const std::string& body, const std::vector<Setting>& settings = {}) {
  TextFiles files = disk();
  files.read = [&body](const std::string& path) -> std::optional<std::string> {
    if (path == "s/base.json") return test::small_scenario;
    if (path == "s/arms.json") return "{\"kind\": \"arms\",\n" + body + "}";
    if (path == "s/loop.json") return R"({"kind": "arms", "arms": {"a": "loop.json"}})";
    return disk().read(path);
  };
  return load_scenario("s/arms.json", settings,
                       {files, catalogues_in({test::project / "scenarios/parts"}), kinds()});
}

Answer run(const std::string& body) {
  const Scenario scenario = arms(body);
  RunContext context;
  return scenario.kind.run(scenario.document, context);
}

std::string about(const std::string& body) {
  return test::complaint([&] { run(body); });
}

const std::string two =
    "\"base\": \"base.json\",\n\"arms\": {\"one\": {}, \"other\": {\"chip\": {\"tdp\": \"500 "
    "W\"}}},\n";

}  // namespace

TEST_CASE("an arm without changes gives the summary of the base") {
  const JsonValue summary = run(two + "\"seed\": 1").summary;
  CHECK(to_text(*find_pointer(summary, "/arms/one")) == to_text(test::answer().summary));
}

TEST_CASE("a text that an arm looks into is the id of an entry") {
  const Scenario s = arms(two + "\"seed\": 1");
  CHECK(*find_pointer(s.document.root, "/arms/other/chip/id")->text() == "h100-sxm");
  CHECK(*find_pointer(s.document.root, "/arms/other/chip/tdp")->text() == "500 W");
  CHECK(*find_pointer(s.document.root, "/arms/one/chip/tdp")->text() == "700 W");
}

TEST_CASE("only inputs that differ are listed and an entry is named by its id") {
  const JsonValue s =
      run("\"base\": \"base.json\",\n\"arms\": {\"a\": {}, \"b\": {\"model\": \"qwen3-4b\"}}")
          .summary;
  const JsonValue::List& found = *s.find("differences")->list();
  REQUIRE(found.size() == 1);
  CHECK(*found[0].find("pointer")->text() == "/model");
  CHECK(*find_pointer(found[0], "/values/a")->text() == "qwen3-8b");
  CHECK(*find_pointer(found[0], "/values/b")->text() == "qwen3-4b");
}

TEST_CASE("every arm runs with the seed of the arms") {
  const Scenario s = arms(two + "\"seed\": 7");
  CHECK(find_pointer(s.document.root, "/arms/one/seed")->number()->value == 7);
  CHECK(find_pointer(s.document.root, "/arms/other/seed")->number()->value == 7);
}

TEST_CASE("metrics add subtract divide and build on one another") {
  const JsonValue s = run(two + R"("metrics": [
    {"name": "node", "unit": "kJ", "sum": ["/energy/gpu_j", "/energy/host_j"], "times": 0.001},
    {"name": "host", "sum": ["/energy/node_j"], "minus": ["/energy/gpu_j"], "times": 0.001},
    {"name": "share", "sum": ["host"], "over": ["node"]},
    {"name": "nothing", "sum": ["node"], "over": ["/preemptions"]}])")
                          .summary;
  const auto value = [&s](const std::string& pointer) { return test::number(s, pointer); };
  const double node = value("/arms/one/energy/node_j");
  CHECK(value("/metrics/0/values/one") == doctest::Approx(node / 1000).epsilon(1e-12));
  CHECK(value("/metrics/2/values/one") ==
        doctest::Approx(value("/arms/one/energy/host_j") / node).epsilon(1e-9));
  CHECK(value("/metrics/0/ratios/one") == 1);
  CHECK(find_pointer(s, "/metrics/3/values/one")->is_null());
}

TEST_CASE("two lines cross where both arms have cost the same") {
  const auto point = [](double first_fixed, double first_each, double fixed, double each) {
    const std::vector<ArmRun> runs{{"first", {}, {}}, {"second", {}, {}}};
    const std::vector<MetricRow> rows{{"fixed", "", {first_fixed, fixed}},
                                      {"each", "", {first_each, each}}};
    const BreakEven asked{"be", "tasks", "fixed", "each", 50};
    return break_even_points(asked, runs, rows).front();
  };
  const BreakEvenPoint crossing = point(1000, 1, 400, 3);
  CHECK(*crossing.units == 300);
  CHECK(*crossing.days == 6);
  CHECK(crossing.words == "second costs less up to there, first beyond");
  CHECK(point(400, 3, 1000, 1).words == "first costs less up to there, second beyond");
  CHECK_FALSE(point(400, 1, 1000, 3).units);
  CHECK(point(400, 1, 1000, 3).words == "first always costs less");
  CHECK(point(1, 3, 1, 2).words == "second always costs less");
  CHECK(point(1, 3, 1, 3).words == "both cost the same");
}

TEST_CASE("an arm may consist of several runs") {
  const JsonValue s = run(R"("base": {"kind": "arms", "arms": {
      "day": {"$extends": "base.json"}, "night": {"$extends": "base.json"}}},
    "arms": {"all": {}, "less": {"arms": {"night": {"workload": {"requests": 50}}}}},
    "metrics": [{"name": "requests", "sum": ["/arms/day/requests/completed",
                                             "/arms/night/requests/completed"]}])")
                          .summary;
  CHECK(test::number(s, "/metrics/0/values/all") == 400);
  CHECK(test::number(s, "/metrics/0/values/less") == 250);
}

TEST_CASE("resolved arms are a scenario that repeats the run and files of arms are hashed") {
  const Scenario s = arms(two + "\"seed\": 1");
  const JsonValue resolved = s.kind.resolve(s.document);
  const Scenario again = complete_scenario(
      {{"again"}, resolved}, {disk(), catalogues_in({test::project / "scenarios/parts"}), kinds()});
  CHECK(to_text(again.kind.resolve(again.document)) == to_text(resolved));
}

TEST_CASE("a mistake of the base is told once and one of an arm in the arm") {
  CHECK(about("\"base\": {\"$extends\": \"base.json\", \"routr\": 1},\n"
              "\"arms\": {\"a\": {}, \"b\": {}}") ==
        "s/arms.json:2#/base/routr: expected a known key, got \"routr\" (hint: did you mean "
        "\"router\"?)");
  CHECK(about("\"base\": \"base.json\",\n\"arms\": {\"a\": {},\n\"b\": {\"chip\": \"h20\"}}") ==
        "s/arms.json:4#/arms/b/chip: expected an id of the catalogue chips, got \"h20\" (hint: did "
        "you mean \"h20-141\"?)");
}

TEST_CASE("what is no scenario or no file is refused where it is named") {
  CHECK(about("\"base\": \"bse.json\",\n\"arms\": {\"a\": {}}")
            .find("s/arms.json:2#/base: expected the path of a scenario that can be read, got "
                  "\"bse.json\"") == 0);
  CHECK(about("\"arms\": {\"a\": {}}") == "s/arms.json:2#/arms/a/kind: expected one of " + [] {
    std::vector<std::string> names;
    for (const Kind& kind : kinds()) names.emplace_back(kind.name);
    return joined(names);
  }() + ", got nothing (hint: add \"kind\")");
  CHECK(about("\"arms\": {}") == "s/arms.json:2#/arms: expected at least one arm, got none");
  CHECK(about("\"arms\": {\"a\": 5}").find("#/arms/a") != std::string::npos);
  CHECK(about("\"arms\": {\"a\": \"loop.json\"}")
            .find("expected at most 4 scenarios inside one another, got more") !=
        std::string::npos);
}

TEST_CASE("names that are not there are refused before and pointers after the run") {
  CHECK(
      about(two + R"("metrics": [{"name": "a", "sum": ["b"]}])") ==
      "s/arms.json:4#/metrics/0/sum/0: expected a JSON pointer or the name of a metric above, got "
      "\"b\"");
  CHECK(about(two + R"("metrics": [{"name": "a", "sum": ["/energy/node_jj"]}])") ==
        "s/arms.json:4#/metrics/0/sum/0: expected a pointer to a number in the summary of an arm, "
        "got \"/energy/node_jj\" (hint: did you mean \"/energy/node_j\"?)");
  CHECK(
      about(two + R"("metrics": [{"name": "a, b", "sum": []}])") ==
      "s/arms.json:4#/metrics/0/sum: expected at least one term, got none\n"
      "s/arms.json:4#/metrics/0/name: expected a name without commas, quotes and line breaks that "
      "begins with no /, got \"a, b\"");
  CHECK(about(two + R"("metrics": [{"name": "cost", "sum": ["/energy/node_j"]}],
      "break_evens": [{"name": "be", "fixed": "cst", "each": "cost"}])") ==
        "s/arms.json:5#/break_evens/0/fixed: expected the name of a metric, got \"cst\" (hint: did "
        "you mean \"cost\"?)");
}

}  // namespace jevons
