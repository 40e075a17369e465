// The questions of analysts that are shipped: each loads, tells what was published and why ours
// differs, and every number of that sentence comes out again.
#include <cmath>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>

#include "scenarios/access_answer.h"
#include "scenarios/policy_answer.h"
#include "scenarios/rulebook_io.h"
#include "studies/compare.h"

namespace jevons {

namespace {

const std::filesystem::path questions = JEVONS_SOURCE_DIR "/scenarios/questions";

Catalogues shipped() {
  return catalogues_in({JEVONS_SOURCE_DIR "/scenarios/parts"});
}

CompareScenario question(const std::string& file) {
  const Scenario s = load_scenario((questions / file).string(), {}, {disk(), shipped(), kinds()});
  return filled<CompareScenario>(s.document);
}

struct Stated {
  std::string words;  // as the sentence spells the number
  std::size_t tier = 0, work = 0;
  Measured figure = Measured::effective;
  bool is_inverse = false;
};

// Medians of few samples scatter, and the sentences round to two digits.
void check_stated(const std::string& file, const std::vector<Stated>& all) {
  CAPTURE(file);
  CompareScenario s = question(file);
  s.samples = 60;
  const CompareOutcome c = compare(s, [](double) {});
  for (const Stated& stated : all) {
    CAPTURE(stated.words);
    CHECK(s.difference.find(stated.words) != std::string::npos);
    const ComparedResult& r = c.tiers.at(stated.tier).works.at(stated.work);
    REQUIRE(r.why_not.empty());
    const double now = r[stated.figure].p50;
    CHECK((stated.is_inverse ? 1 / now : now) ==
          doctest::Approx(std::stod(stated.words)).epsilon(0.05));
  }
}

}  // namespace

TEST_CASE("every question that is shipped loads and says what was published and why ours differs") {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator{questions}) {
    if (entry.path().extension() != ".json") continue;
    files.insert(entry.path().filename().string());
    CAPTURE(entry.path().string());
    const CompareScenario s = question(entry.path().filename().string());
    CHECK_FALSE(s.published.empty());
    CHECK_FALSE(s.difference.empty());
    CHECK(s.difference.back() == '.');
  }
  CHECK(files.size() == 9);
}

TEST_CASE("stated differences of training by tier come out again") {
  check_stated("q02_training_by_tier.json",
               {{"3.6", 2, 0, Measured::effective, true}, {"0.97", 1, 0}});
}

TEST_CASE("stated differences of prefill and decode come out again") {
  check_stated("q03_prefill_and_decode.json", {{"0.61", 1, 1}, {"0.11", 1, 0}});
}

TEST_CASE("stated differences of chips that might be allowed come out again") {
  check_stated("q05_allow_b30a.json", {{"4.6", 1, 0}, {"5.2", 1, 1}, {"4.3", 2, 0}, {"4.9", 2, 1}});
}

TEST_CASE("stated differences of domestic chips come out again") {
  check_stated("q08_huawei_for_h200.json", {{"1.6", 1, 0, Measured::effective, true},
                                            {"1.4", 1, 1, Measured::effective, true},
                                            {"1.5", 1, 0, Measured::mwh_ratio},
                                            {"1.2", 1, 1, Measured::mwh_ratio}});
}

TEST_CASE("stated differences of limits on performance and bandwidth come out again") {
  check_stated("q09_tpp_or_bandwidth.json",
               {{"0.22", 1, 0}, {"0.37", 1, 1}, {"0.27", 2, 0}, {"0.31", 2, 1}});
}

TEST_CASE("stated differences of energy by tier come out again") {
  check_stated("q10_energy_by_tier.json",
               {{"2.7", 1, 0, Measured::mwh_ratio}, {"2.8", 1, 1, Measured::mwh_ratio}});
}

TEST_CASE("stated differences of thoughts and fees come out again") {
  check_stated("q13_chain_of_thought.json",
               {{"1.47", 0, 0, Measured::kwh_per_unit}, {"0.27", 0, 1, Measured::kwh_per_unit}});
  check_stated("q16_fee.json", {{"1.10", 1, 0, Measured::usd_ratio}});
}

TEST_CASE("a cap on performance holds as many chips as the table of questions says") {
  const auto h100 = read_entry<ChipSpec>(shipped(), "h100-sxm");
  const Answer a =
      policy_chip_answer(project_rulebook(), h100, {.date = "2025-02-01", .destination = "IN"});
  // Published: 49,901, with a TPP of 15,831.
  CHECK(find_pointer(a.summary, "/vector/pool/0/chips")->number()->value == 49898);
}

TEST_CASE("channels to China hold what the table of questions says") {
  const auto china = read_entry<RegionAccess>(shipped(), "CN");
  const auto of = [&](SupplyChannel c, double year) { return supply(*find(china, c), year)->p50; };
  CHECK(of(SupplyChannel::legal, 2025) == doctest::Approx(0.11).epsilon(0.02));
  CHECK(of(SupplyChannel::domestic, 2025) == doctest::Approx(0.6));
  CHECK(of(SupplyChannel::smuggled, 2025) == doctest::Approx(0.48));
  CHECK(of(SupplyChannel::offshore, 2025) == doctest::Approx(0.45));
  CHECK(of(SupplyChannel::smuggled, 2024) / supply(china, 2024)->p50 ==
        doctest::Approx(0.19).epsilon(0.03));
}

}  // namespace jevons
