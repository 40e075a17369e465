#include "models/demand/years.h"

#include <cmath>
#include <numeric>

#include <doctest/doctest.h>

#include "models/demand/rebound.h"
#include "tests/models/small_world.h"

using namespace jevons;

namespace {

double twh(const YearsSetup& setup) {
  return simulate_years(setup, {.has_innovations = false}).total.total_twh();
}

// Overshoot of the fleet after demand steps up once.
double overshoot(double step) {
  YearsSetup setup = small_world();
  setup.world.segments["chat"].adoption = {{"2025.99", 1}, {"2026", step}};
  const YearsResult run = simulate_years(setup, {.has_innovations = false});
  double most = 0;
  for (const YearsTick& tick : run.ticks) most = std::max(most, tick.labs[0].fleet_h100e);
  return most / run.ticks.back().labs[0].fleet_h100e - 1;
}

}  // namespace

TEST_CASE("a path over years is geometric between its years and flat outside") {
  const PathCurve curve{{{"2024", 1}, {"2026", 4}}, 7};
  CHECK(curve(2020) == doctest::Approx(1));
  CHECK(curve(2025) == doctest::Approx(2));
  CHECK(curve(2026) == doctest::Approx(4));
  CHECK(curve(2040) == doctest::Approx(4));
  CHECK(PathCurve{{}, 7}(2030) == 7);
}

TEST_CASE("without friction price and energy obey the closed form of an efficiency gain") {
  for (const double eta : {0.4, 1.0, 1.1, 1.8})
    for (const Channel channel :
         {Channel::algorithmic, Channel::chip_joules, Channel::chip_dollars})
      for (const double q : {1.0, 0.6}) {
        YearsSetup setup = frictionless_world(eta);
        setup.world.innovations[0].channel = channel;
        setup.world.conduct.pass_through = q;
        const Rebound r = rebound(setup, false);
        const CostShares cost = r.a.cost_shares[0];
        const PriceShares shares{cost.energy, cost.capital, q};
        const EfficiencyGain gain{channel == Channel::algorithmic ? 3.0 : 1.0,
                                  channel == Channel::chip_joules ? 3.0 : 1.0,
                                  channel == Channel::chip_dollars ? 3.0 : 1.0};
        const DemandCurve demand = setup.world.segments["chat"].demand;
        const double ratio = r.c.total.total_twh() / r.a.total.total_twh();
        CHECK(ratio == doctest::Approx(closed_form_energy(gain, shares, demand)).epsilon(1e-6));
      }
}

TEST_CASE("a threefold gain passed on whole at elasticity 1.1 loses 117 percent of its saving") {
  const DemandCurve demand{DemandForm::constant, 1.1, 100};
  CHECK(closed_form_rebound({3, 1, 1}, {0.5, 0.5, 1}, demand) ==
        doctest::Approx(1.17).epsilon(0.005));
  // With energy a tenth of the price and only joules saved, hardly anything comes back.
  CHECK(closed_form_rebound({1, 3, 1}, {0.1, 0, 1}, demand) == doctest::Approx(0.04).epsilon(0.05));
}

TEST_CASE("where power binds in both arms the rebound is whole whatever the elasticity") {
  for (const double eta : {0.5, 1.5}) {
    YearsSetup setup = frictionless_world(eta);
    setup.world.conduct.target_load = setup.world.conduct.max_load;
    setup.world.regions["here"].power_limit_mw = {{"2024", 1}};
    const Rebound r = rebound(setup, false);
    CHECK(r.a.total.total_twh() == doctest::Approx(r.c.total.total_twh()).epsilon(1e-9));
    CHECK(r.c.ticks.back().labs[0].scarcity > 1);
  }
}

TEST_CASE("demand near saturation answers less than its elasticity says") {
  YearsSetup setup = frictionless_world(1.4);
  setup.world.segments["chat"].demand = {DemandForm::saturating, 1.4, 1.5};
  const Rebound r = rebound(setup, false);
  const CostShares cost = r.a.cost_shares[0];
  const double closed = closed_form_energy({3, 1, 1}, {cost.energy, cost.capital, 1},
                                           setup.world.segments["chat"].demand);
  CHECK(r.c.total.total_twh() / r.a.total.total_twh() == doctest::Approx(closed).epsilon(1e-6));
  CHECK(closed < 0.5);
}

TEST_CASE("a step of demand lets the fleet overshoot by less than a tenth") {
  CHECK(overshoot(1.5) < 0.10);
  CHECK(overshoot(3) < 0.10);
}

TEST_CASE("months instead of quarters change ten years of energy by less than one percent") {
  YearsSetup setup = small_world();
  setup.world.segments["chat"].adoption = {{"2024", 1}, {"2034", 30}};
  setup.world.algorithms_inference = {{"2024", 1}, {"2034", 10}};
  const double quarters = twh(setup);
  setup.world.ticks_per_year = 12;
  CHECK(twh(setup) == doctest::Approx(quarters).epsilon(0.01));
}

TEST_CASE("a price that falls tenfold a year is bounded by budgets and saturation") {
  YearsSetup setup = small_world();
  Segment& chat = setup.world.segments["chat"];
  chat.demand = {DemandForm::saturating, 1.4, 1000};
  chat.length_response = 0.2;
  chat.budget_usd_per_year = {{"2024", 1e12}};
  setup.world.algorithms_inference = {{"2024", 1}, {"2034", 1e10}};
  const YearsResult run = simulate_years(setup, {.has_innovations = false});
  for (const YearsTick& tick : run.ticks) {
    CHECK(tick.segments[0].tasks_per_s * 86400 <= 1e12 * (1 + 1e-9));
    CHECK(tick.segments[0].tasks_per_s * tick.segments[0].usd_per_task * 31557600 <=
          1e12 * (1 + 1e-6));
  }
  CHECK(run.years.back().total_twh() < run.years.front().total_twh() * 1000);
}

TEST_CASE("the values of the ways of answering sum to what all of them add") {
  YearsSetup setup = small_world();
  World& world = setup.world;
  world.labs["rival"] = world.labs["lab"];
  world.labs["lab"].training_usd_per_year = {{"2024", 1e8}};
  world.labs["rival"].training_usd_per_year = {{"2024", 5e7}};
  world.segments["chat"].length_response = 0.2;
  world.segments["chat"].capability_response = 0.1;
  world.segments["chat"].size_response = 0.1;
  world.innovations.push_back({.date = 2025, .lab = "lab", .inference = 3, .training = 3});
  const Rebound r = rebound(setup, true);
  for (std::size_t b = 0; b < burden_count; ++b) {
    const std::vector<double>& parts = r.contributions[b];
    const double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
    const double difference =
        amount(r.c.total, static_cast<Burden>(b)) - amount(r.b.total, static_cast<Burden>(b));
    CHECK(sum == doctest::Approx(difference).epsilon(1e-9));
  }
  for (const double part : r.contributions[0]) CHECK(part != 0);
  CHECK(r.b.total.total_twh() < r.a.total.total_twh());
}

TEST_CASE("an arm that replays every decision without an innovation is the arm itself") {
  YearsSetup setup = small_world();
  setup.world.segments["chat"].length_response = 0.2;
  setup.world.segments["chat"].adoption = {{"2024", 1}, {"2034", 10}};
  std::vector<TickDecisions> decisions;
  const YearsResult a = simulate_years(setup, {.has_innovations = false, .record = &decisions});
  const YearsResult again =
      simulate_years(setup, {.has_innovations = false, .released = {}, .replay = &decisions});
  CHECK(again.total.total_twh() == doctest::Approx(a.total.total_twh()).epsilon(1e-9));
}

TEST_CASE("a player who adds the same to every coalition is worth exactly that") {
  // Worth: 5 with player 0, and 2 more when players 1 and 2 are both there.
  std::vector<double> worth(8);
  for (std::size_t set = 0; set < 8; ++set)
    worth[set] = (set & 1 ? 5 : 0) + ((set & 6) == 6 ? 2 : 0);
  const std::vector<double> value = shapley(worth, 3);
  CHECK(value[0] == doctest::Approx(5));
  CHECK(value[1] == doctest::Approx(1));
  CHECK(value[2] == doctest::Approx(1));
}
