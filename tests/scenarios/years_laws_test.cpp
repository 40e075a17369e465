// What a scenario over years may not say, sentence by sentence.
#include <doctest/doctest.h>

#include "scenarios/catalogue.h"
#include "scenarios/kinds.h"
#include "tests/support/temporary_path.h"

using namespace jevons;

namespace {

// The main scenario with one value replaced.
std::string complaint(const std::string& setting) {
  const std::filesystem::path root{JEVONS_SOURCE_DIR};
  const std::vector<Setting> settings{{setting}};
  try {
    load_scenario((root / "scenarios/efficiency_paradox.json").string(), settings,
                  {disk(), catalogues_in({root / "scenarios/parts"}), kinds()});
  } catch (const ScenarioError& error) {
    REQUIRE(error.mistakes().list().size() == 1);
    return to_text(error.mistakes().list().front());
  }
  return "no mistake";
}

}  // namespace

TEST_CASE(
    "elasticity of the wrong sign and impossible dates of years are refused in one sentence") {
  CHECK(complaint("/samples=0") == "no mistake");
  CHECK(complaint("/segments/chat/price_elasticity=-1") ==
        "--set#/segments/chat/price_elasticity: expected a number from 0 to 5, got -1");
  CHECK(complaint("/innovations/0/date=2050") ==
        "--set#/innovations/0/date: expected a date between start and end, 2024 to 2034, got 2050");
  CHECK(complaint("/end=2030.5").starts_with("--set#/end: expected "));
  CHECK(complaint("/labs/europe/reinvestment={\"soon\": 0.5}") ==
        "--set#/labs/europe/reinvestment: expected years such as \"2025\" or \"2025.5\" as keys, "
        "got \"soon\"");
}

TEST_CASE("overlapping innovations and supply without chips are refused in one sentence") {
  CHECK(complaint("/innovations=[{\"date\": 2025, \"lab\": \"deepseek\", \"inference\": 2}, "
                  "{\"date\": 2025, \"lab\": \"deepseek\", \"inference\": 3}]") ==
        "--set#/innovations/1: expected an innovation that does not overlap another of its lab, "
        "channel and date, got the same as /innovations/0 (hint: multiply their factors into one)");
  CHECK(complaint("/chips=[]") ==
        "--set#/chips: expected at least one chip: supply needs chips, got none");
  CHECK(complaint("/chips/1/supply_per_year={}") ==
        "--set#/chips/1/supply_per_year: expected at least one year, got none");
  CHECK(complaint("/innovations/0/lab=\"deepsek\"")
            .ends_with("got \"deepsek\" (hint: did you mean \"deepseek\"?)"));
}

TEST_CASE("uncertain inputs and levers that name no number are refused in one sentence") {
  CHECK(complaint("/uncertain/money/at=[\"/labs/*/foo\"]") ==
        "--set#/uncertain/money/at/0: expected a place where this scenario has a number, got "
        "\"/labs/*/foo\" (hint: such as \"/segments/*/price_elasticity\")");
  CHECK(complaint("/uncertain/money/factor={\"p5\": 2, \"p50\": 1, \"p95\": 3}") ==
        "--set#/uncertain/money/factor: expected p5 <= p50 <= p95, got 2.00, 1.00, 3.00");
  CHECK(complaint("/uncertain/pass-through/value={\"p5\": 1, \"p50\": 1, \"p95\": 1}")
            .find("expected one of factor, value and growth, got more than one") !=
        std::string::npos);
  CHECK(complaint("/levers/token cap/from=2050") ==
        "--set#/levers/token cap/from: expected a date between start and end, 2024 to 2034, got "
        "2050");
  CHECK(complaint("/levers/slower reinvestment/changes=[{\"at\": [\"/conduct/markup\"], "
                  "\"factor\": 2}]") ==
        "--set#/levers/slower reinvestment/changes/0/at/0: expected a path over years, which can "
        "change at a date, got a number that holds for all years: \"/conduct/markup\"");
}
