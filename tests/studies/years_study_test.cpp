// Studies of the years on worlds whose answers are known: indices, draws, turns, maps, levers.
#include "studies/years_study.h"

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

#include "scenarios/catalogue.h"
#include "tests/models/small_world.h"

using namespace jevons;

namespace {

const UncertainInputs two_inputs{{"elasticity",
                                  {.at = {"/segments/*/price_elasticity"},
                                   .factor = Spread{0.5, 1, 2},
                                   .value = {},
                                   .growth = {},
                                   .source = {}}},
                                 {"money",
                                  {.at = {"/labs/*/cash_usd"},
                                   .factor = Spread{0.5, 1, 2},
                                   .value = {},
                                   .growth = {},
                                   .source = {}}}};

// Fleets follow demand, one innovation by 3 at the start: closed forms hold.
struct Frictionless {
  explicit Frictionless(double elasticity = 1.1) {
    YearsSetup setup = frictionless_world(elasticity);
    scenario.world = std::move(setup.world);
    scenario.world.end = 2027;
    scenario.uncertain = two_inputs;
    bench = {&scenario, std::move(setup.rates)};
  }
  Frictionless(const Frictionless&) = delete;
  Frictionless& operator=(const Frictionless&) = delete;
  PriceShares shares() const {
    const CostShares cost =
        simulate_years(bench.medians(), {.has_innovations = false}).cost_shares.front();
    return {cost.energy, cost.capital, 1};
  }

  YearsScenario scenario;
  YearsBench bench;
};

double ishigami(std::span<const double> u) {
  const auto x = [u](std::size_t i) { return std::numbers::pi * (2 * u[i] - 1); };
  const double s = std::sin(x(1));
  return std::sin(x(0)) * (1 + 0.1 * std::pow(x(2), 4)) + 7 * s * s;
}

template <class Value>
bool is_rising(const std::vector<Value>& values) {
  return std::is_sorted(values.begin(), values.end());
}

}  // namespace

TEST_CASE("indices of the Ishigami function are those of its closed form") {
  const auto found = sobol_indices({"x1", "x2", "x3"}, 4096, 1, [](std::span<const double> u) {
    return std::vector<double>{ishigami(u), u[0] + 2 * u[1], 5};
  });
  // Ishigami and Homma 1990 with a = 7, b = 0.1.
  const std::array<SobolIndex, 3> known{{{0.3139, 0.5576}, {0.4424, 0.4424}, {0, 0.2437}}};
  for (std::size_t i = 0; i < known.size(); ++i) {
    CHECK(std::abs(found[0][i].first - known[i].first) < 0.03);
    CHECK(std::abs(found[0][i].total - known[i].total) < 0.03);
  }
  // Shares of the variance of a sum: 1 to 4.
  const std::array<double, 3> sum{0.2, 0.8, 0};
  for (std::size_t i = 0; i < sum.size(); ++i) {
    CHECK(std::abs(found[1][i].first - sum[i]) < 0.03);
    CHECK(std::abs(found[1][i].total - sum[i]) < 0.03);
    CHECK(found[2][i].total == 0);
  }
}

TEST_CASE("drawn worlds come again and do not depend on who computes them") {
  const Frictionless f;
  constexpr std::size_t count = 12;
  const auto worlds = sampled_worlds(f.bench, count, [](double) {});
  const auto again = sampled_worlds(f.bench, count, [](double) {});
  const auto columns = draws(f.scenario, count);
  REQUIRE(columns.size() == 2);
  std::vector<double> firsts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::array<double, 2> u{columns[0][i], columns[1][i]};
    const Rebound alone = rebound(f.bench.drawn_at(u), false, false);
    CHECK(worlds[i].of(YearsArm::c, Burden::energy_twh) == alone.c.total.total_twh());
    CHECK(worlds[i].of(YearsArm::a, Burden::carbon_mt) == alone.a.total.carbon_mt);
    CHECK(worlds[i].total == again[i].total);
    CHECK(worlds[i].twh == again[i].twh);
    CHECK(worlds[i].twh[0].size() == 3);
    firsts.push_back(worlds[i].of(YearsArm::c, Burden::energy_twh));
  }
  CHECK(*std::min_element(firsts.begin(), firsts.end()) <
        *std::max_element(firsts.begin(), firsts.end()));
}

TEST_CASE("an answer turns at the elasticity at which cheaper use eats the whole saving") {
  const Frictionless f;
  const double price = closed_form_price({3, 1, 1}, f.shares());
  const double turning = std::log(3) / -std::log(price) / 1.1;  // as a factor on 1.1
  const std::vector<Turn> found = turns(f.bench);
  REQUIRE(found.size() == 2);
  CHECK(found[0].input == "elasticity");
  REQUIRE(found[0].threshold);
  CHECK(*found[0].threshold == doctest::Approx(turning).epsilon(1e-4));
  CHECK(found[0].low_change < 0);
  CHECK(found[0].high_change > 0);
  // Nobody buys chips in this world.
  CHECK_FALSE(found[1].threshold);
  CHECK(found[1].low_change == doctest::Approx(found[1].high_change));
}

TEST_CASE("a map of gains holds the closed form in every cell") {
  const Frictionless f;
  const PriceShares shares = f.shares();
  const ReboundMap map = map_of_gain(f.bench);
  REQUIRE(map.net.size() == map.rows.size());
  REQUIRE(map.rebound.size() == map.rows.size());
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    REQUIRE(map.net[row].size() == map.elasticities.size());
    REQUIRE(map.rebound[row].size() == map.elasticities.size());
    CHECK(is_rising(map.net[row]));
    CHECK(is_rising(map.rebound[row]));
    for (std::size_t i = 0; i < map.elasticities.size(); ++i) {
      const EfficiencyGain gain{map.rows[row], 1, 1};
      const DemandCurve demand{DemandForm::constant, map.elasticities[i], 100};
      CHECK(map.net[row][i] ==
            doctest::Approx(closed_form_energy(gain, shares, demand) - 1).epsilon(1e-5));
    }
  }
}

TEST_CASE("a map of energy shares puts energy at the share that its rows say") {
  const Frictionless f;
  const ReboundMap map = map_of_energy_share(f.bench);
  for (std::size_t row = 0; row < map.rows.size(); ++row)
    for (std::size_t i = 0; i < map.elasticities.size(); ++i) {
      const DemandCurve demand{DemandForm::constant, map.elasticities[i], 100};
      REQUIRE(map.rebound[row][i]);
      CHECK(*map.rebound[row][i] ==
            doctest::Approx(closed_form_rebound({1, 3, 1}, {map.rows[row], 0, 1}, demand))
                .epsilon(1e-3));
    }
}

TEST_CASE("levers are ranked by what they save after everybody has answered") {
  Frictionless f{0.4};  // where longer answers are not priced away
  f.scenario.world.innovations.clear();
  Lever thrifty;
  thrifty.from = 2025;
  thrifty.improvement = Improvement{Channel::chip_joules, 2, 1};
  Lever cleaner;
  cleaner.from = 2025;
  cleaner.changes = {{.at = {"/regions/*/carbon_g_per_kwh"}, .factor = 0.5, .value = {}}};
  Lever longer;
  longer.from = 2025;
  f.scenario.world.segments["chat"].length_factor = {{"2024", 1}};
  longer.changes = {{.at = {"/segments/*/length_factor"}, .factor = 1.5, .value = {}}};
  f.scenario.levers = {{"cleaner", cleaner}, {"longer", longer}, {"thrifty", thrifty}};
  for (const std::size_t samples : {std::size_t{0}, std::size_t{6}}) {
    const std::vector<LeverEffect> effects = lever_effects(f.bench, samples, [](double) {});
    REQUIRE(effects.size() == 3);
    CHECK(effects[0].name == "thrifty");
    CHECK(effects[1].name == "cleaner");
    CHECK(effects[2].name == "longer");
    CHECK(effects[0].engineering_twh.p50 > effects[0].saved_twh.p50);
    CHECK(effects[0].saved_twh.p50 > 0);
    CHECK(effects[0].rebound_share > 0);
    CHECK(effects[0].probability_saves == 1);
    CHECK(std::abs(effects[1].saved_twh.p50) < 1e-9);
    CHECK(effects[1].saved_mt.p50 > 0);
    CHECK(effects[2].saved_twh.p50 < 0);
    CHECK(effects[2].probability_saves < 0.5);
    CHECK(effects[0].yearly_twh.size() == 3);
    CHECK(effects[0].yearly_twh.back().p50 > 0);
  }
}

TEST_CASE("a study says what every joule of arm C rests on") {
  const Catalogues catalogues = catalogues_in({JEVONS_SOURCE_DIR "/scenarios/parts"});
  YearsScenario scenario;
  scenario.world = small_world().world;
  scenario.world.end = 2026;
  scenario.world.chips[0].chip = read_entry<ChipSpec>(catalogues, "h100-sxm");
  scenario.world.labs["lab"].fleet = {{"h100-sxm", 50'000}};
  scenario.world.segments["chat"].model = read_entry<ModelCard>(catalogues, "llama-3.1-8b");
  const YearsStudy study = study_years(scenario, [](double) {});
  double sum = 0;
  for (const auto& [what, share] : study.sources) {
    CHECK(share > 0);
    sum += share;
  }
  CHECK(sum == doctest::Approx(1).epsilon(1e-9));
  CHECK(study.worlds.empty());
}
