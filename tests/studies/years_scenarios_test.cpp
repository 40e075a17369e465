// The shipped scenarios over years have the property that they are there for.
#include <doctest/doctest.h>

#include "scenarios/arms_scenario.h"
#include "scenarios/catalogue.h"
#include "scenarios/years_scenario.h"
#include "studies/years_study.h"

namespace jevons {
namespace {

JsonValue summary(const std::string& name, const std::vector<Setting>& settings) {
  const std::string root = std::string{JEVONS_SOURCE_DIR} + "/scenarios/";
  const Scenario scenario =
      load_scenario(root + name, settings, {disk(), catalogues_in({root + "parts"}), kinds()});
  RunContext context;
  context.years = years_answer;
  return scenario.kind.run(scenario.document, context).summary;
}

double number(const JsonValue& root, const std::string& pointer) {
  const JsonValue* value = find_pointer(root, pointer);
  REQUIRE_MESSAGE(value != nullptr, pointer);
  REQUIRE_MESSAGE(value->number() != nullptr, pointer);
  return value->number()->value;
}

const std::vector<Setting> cheap{{"/samples=0"}};

}  // namespace

TEST_CASE("where users hardly answer and little is reinvested most of a saving stays") {
  const JsonValue s = summary("no_paradox.json", cheap);
  CHECK(number(s, "/rebound_spread/energy_twh") < 0.5);
  CHECK(number(s, "/C/total/energy_twh") < number(s, "/A/total/energy_twh"));
}

TEST_CASE("where connections decide nearly all of a saving comes back") {
  const JsonValue s = summary("power_bound.json", cheap);
  CHECK(number(s, "/rebound_spread/energy_twh") == doctest::Approx(1).epsilon(0.05));
  CHECK(number(s, "/C/total/energy_twh") ==
        doctest::Approx(number(s, "/A/total/energy_twh")).epsilon(0.01));
}

TEST_CASE("better chips for everybody save at first hand and no rival has to follow") {
  const JsonValue s = summary("hardware_only.json", cheap);
  CHECK(number(s, "/B/total/energy_twh") < 0.7 * number(s, "/A/total/energy_twh"));
  CHECK(number(s, "/B_spread/total/energy_twh") ==
        doctest::Approx(number(s, "/B/total/energy_twh")).epsilon(1e-9));
  CHECK(number(s, "/contributions/energy_twh/rivals' adoption") == doctest::Approx(0));
}

TEST_CASE("every lever of the base case is ranked in the scenario of mitigation") {
  const JsonValue s = summary("mitigation.json", cheap);
  const JsonValue::List& levers = *find_pointer(s, "/levers")->list();
  REQUIRE(levers.size() == 10);
  for (std::size_t i = 1; i < levers.size(); ++i) {
    const std::string at = "/levers/" + std::to_string(i);
    const std::string before = "/levers/" + std::to_string(i - 1);
    CHECK(number(s, at + "/saved_twh/p50") <= number(s, before + "/saved_twh/p50"));
  }
  // Without the innovation A, with it C, with the lever as well C - saved.
  CHECK(number(s, "/levers/0/balance_twh/p50") ==
        doctest::Approx(number(s, "/A/total/energy_twh") - number(s, "/C/total/energy_twh") +
                        number(s, "/levers/0/saved_twh/p50")));
}

TEST_CASE("stricter export rules leave China less compute") {
  const JsonValue s = summary("export_controls_decade.json", {});
  const auto lead = [&s](const std::string& arm) {
    return number(s, "/arms/" + arm + "/capacity/2030/US/training_flop_per_s") /
           number(s, "/arms/" + arm + "/capacity/2030/CN/training_flop_per_s");
  };
  CHECK(lead("no controls") < lead("rules of 2022-23"));
  CHECK(lead("current rules") < lead("rules of 2022-23"));
  CHECK(lead("rules of 2022-23") < lead("strict"));
}

}  // namespace jevons
