// Inputs by name, worlds drawn from ranges, levers, and the account of growth.
#include <cmath>
#include <numeric>

#include <doctest/doctest.h>

#include "models/demand/lever.h"
#include "models/demand/lmdi.h"
#include "models/demand/number_places.h"
#include "models/demand/rebound.h"
#include "models/demand/uncertain.h"
#include "tests/models/small_world.h"

using namespace jevons;

TEST_CASE("numbers of a world are found by where they stand") {
  World world = small_world().world;
  world.segments["code"] = world.segments["chat"];
  CHECK(number_places(world, "/segments/*/price_elasticity").size() == 2);
  CHECK(number_places(world, "/segments/chat/price_elasticity").front().number ==
        &world.segments["chat"].demand.elasticity);
  CHECK(number_places(world, "/chips/chip/price_usd").front().path == &world.chips[0].price_usd);
  CHECK(number_places(world, "/chips/0/h100e").front().number == &world.chips[0].h100e);
  CHECK(number_places(world, "/labs/lab/fleet/chip").front().number ==
        &world.labs["lab"].fleet["chip"]);
  CHECK(number_places(world, "/conduct/markup").front().most == 100);
  for (const char* nothing : {"", "/", "markup", "/conduct", "/conduct/colour", "/labs/lab/region",
                              "/conduct/is_frictionless", "/conduct/markup/deeper"})
    CHECK(number_places(world, nothing).empty());
}

TEST_CASE("a drawn input takes its quantile and stays within what may be said") {
  World world = small_world().world;
  const UncertainInputs inputs{{"elasticity",
                                {.at = {"/segments/*/price_elasticity"},
                                 .factor = Spread{0.5, 1, 2},
                                 .value = {},
                                 .growth = {},
                                 .source = {}}},
                               {"pass",
                                {.at = {"/conduct/pass_through"},
                                 .factor = Spread{1, 1, 100},
                                 .value = {},
                                 .growth = {},
                                 .source = {}}},
                               {"markup",
                                {.at = {"/conduct/markup"},
                                 .factor = {},
                                 .value = Spread{1, 2, 3},
                                 .growth = {},
                                 .source = {}}}};
  const double eta = world.segments["chat"].demand.elasticity;
  const std::array<double, 3> low{0.05, 0.05, 0.05};
  const World drawn_low = drawn(world, inputs, low);
  CHECK(drawn_low.segments.at("chat").demand.elasticity == doctest::Approx(0.5 * eta));
  CHECK(drawn_low.conduct.markup == doctest::Approx(1));
  const std::array<double, 3> high{0.95, 0.95, 0.95};
  CHECK(drawn(world, inputs, high).conduct.pass_through == 1);
  const World middle = at_medians(world, inputs);
  CHECK(middle.conduct.markup == 2);
  CHECK(middle.segments.at("chat").demand.elasticity == eta);
}

TEST_CASE("a drawn growth bends a path and leaves its first year") {
  World world = small_world().world;
  world.algorithms_inference = {{"2024", 2}, {"2034", 20}};
  Uncertain input;
  input.at = {"/algorithms_inference"};
  input.growth = Spread{0.5, 1, 2};
  put_input(world, input, 2);
  CHECK(world.algorithms_inference.at("2024") == doctest::Approx(2));
  CHECK(world.algorithms_inference.at("2034") == doctest::Approx(200));
}

TEST_CASE("a lever changes paths from its date on and not before") {
  World world = small_world().world;
  world.regions["here"].electricity_usd_per_kwh = {{"2024", 0.08}, {"2034", 0.08}};
  Lever lever;
  lever.from = 2026;
  lever.changes = {{.at = {"/regions/*/electricity_usd_per_kwh"}, .factor = 2.0, .value = {}},
                   {.at = {"/regions/*/carbon_usd_per_t"}, .factor = {}, .value = 100.0},
                   {.at = {"/segments/*/length_limit"}, .factor = {}, .value = 0.5, .before = 1e6}};
  const World after = pulled(world, lever);
  const Region& region = after.regions.at("here");
  const PathCurve price{region.electricity_usd_per_kwh, 0};
  CHECK(price(2025.9) == doctest::Approx(0.08));
  CHECK(price(2027) == doctest::Approx(0.16));
  CHECK(price(2034) == doctest::Approx(0.16));
  const PathCurve carbon{region.carbon_usd_per_t, 0};
  CHECK(carbon(2026) == 0);
  CHECK(carbon(2026.5) == doctest::Approx(50));
  CHECK(carbon(2030) == 100);
  CHECK(PathCurve{after.segments.at("chat").length_limit, 0}(2025) == 1e6);
  CHECK(PathCurve{after.segments.at("chat").length_limit, 0}(2028) == 0.5);
}

TEST_CASE("a carbon price raises prices and lowers energy") {
  YearsSetup setup = small_world();
  const double free = simulate_years(setup).total.total_twh();
  setup.world.regions["here"].carbon_usd_per_t = {{"2025", 0}, {"2026", 500}};
  const YearsResult priced = simulate_years(setup);
  CHECK(priced.total.total_twh() < free);
}

TEST_CASE("a cap on answers lowers tokens of a task to it") {
  YearsSetup setup = small_world();
  setup.world.segments["chat"].length_factor = {{"2024", 1}, {"2026", 3}};
  const YearsResult open = simulate_years(setup);
  setup.world.segments["chat"].length_limit = {{"2024", 1.5}};
  const YearsResult capped = simulate_years(setup);
  const auto length = [](const YearsResult& run) {
    return run.ticks.back().segments[0].tokens_per_s / run.ticks.back().segments[0].tasks_per_s;
  };
  CHECK(length(open) == doctest::Approx(3000));
  CHECK(length(capped) == doctest::Approx(1500));
}

TEST_CASE("an innovation of everybody has no rivals left to adopt it") {
  YearsSetup setup = small_world();
  setup.world.labs["other"] = setup.world.labs["lab"];
  setup.world.innovations = {{.date = 2026, .lab = {}, .inference = 3}};
  const Rebound r = rebound(setup, false);
  CHECK(r.b.total.total_twh() == r.spread.total.total_twh());
  CHECK(r.b.total.total_twh() < r.a.total.total_twh());
}

TEST_CASE(
    "what a lever saves is measured against the same decisions and after everybody answered") {
  YearsSetup before = small_world();
  before.world.segments["chat"].demand = {DemandForm::constant, 1.5, 100};
  YearsSetup after = before;
  Lever lever;
  lever.improvement = Improvement{Channel::algorithmic, 2, 1};
  after.world = pulled(after.world, lever);
  const Rebound r = rebound_of_change(before, after);
  const double engineering = r.a.total.total_twh() - r.b.total.total_twh();
  CHECK(engineering > 0);
  CHECK(r.a.total.total_twh() - r.c.total.total_twh() < engineering);
  // Nothing pulled, nothing changed.
  const Rebound idle = rebound_of_change(before, before);
  CHECK(idle.a.total.total_twh() == idle.b.total.total_twh());
  CHECK(idle.a.total.total_twh() == idle.c.total.total_twh());
}

TEST_CASE("other rates hold from their date on") {
  YearsSetup setup = small_world();
  setup.later_from = 2029;
  setup.later_rates = setup.rates;
  for (double& w : setup.later_rates[0].serving[0].watts) w *= 0.5;
  YearsSetup plain = small_world();
  const YearsResult with = simulate_years(setup), without = simulate_years(plain);
  CHECK(with.years[3].serving_twh == doctest::Approx(without.years[3].serving_twh).epsilon(0.01));
  CHECK(with.years[8].serving_twh < 0.7 * without.years[8].serving_twh);
}

TEST_CASE("factors on what kernels say reach the energy") {
  YearsSetup setup = frictionless_world(0);
  const double plain = simulate_years(setup, {.has_innovations = false}).total.serving_twh;
  setup.world.chips[0].joules = 1.5;
  CHECK(simulate_years(setup, {.has_innovations = false}).total.serving_twh ==
        doctest::Approx(1.5 * plain));
  setup.world.chips[0].speed = 2;
  CHECK(simulate_years(setup, {.has_innovations = false}).total.serving_twh ==
        doctest::Approx(1.5 * plain).epsilon(1e-6));
}

TEST_CASE("energy of boards by chip is that of serving and training") {
  const YearsResult run = simulate_years(small_world());
  CHECK(run.boards_twh[0] ==
        doctest::Approx(run.total.serving_twh + run.total.training_twh).epsilon(1e-12));
}

TEST_CASE("the account of growth sums to the change whatever the factors") {
  CHECK(logarithmic_mean(2, 2) == 2);
  CHECK(logarithmic_mean(1, std::exp(1.0)) == doctest::Approx(std::exp(1.0) - 1));
  const auto check = [](const std::vector<std::vector<double>>& from,
                        const std::vector<std::vector<double>>& to) {
    const std::vector<double> effects = lmdi(from, to);
    double before = 0, after = 0;
    for (const auto& p : from)
      before += std::accumulate(p.begin(), p.end(), 1.0, std::multiplies{});
    for (const auto& p : to) after += std::accumulate(p.begin(), p.end(), 1.0, std::multiplies{});
    CHECK(std::accumulate(effects.begin(), effects.end(), 0.0) ==
          doctest::Approx(after - before).epsilon(1e-9));
    return effects;
  };
  check({{2, 3, 5}, {1, 1, 4}}, {{4, 3, 1}, {2, 0.5, 8}});
  // A share that starts at zero carries its whole growth.
  const std::vector<double> born = check({{0, 3}}, {{2, 3}});
  CHECK(born[0] == doctest::Approx(6));
  CHECK(born[1] == doctest::Approx(0));
  check({{2, 0.5}}, {{0, 1.5}});
}

TEST_CASE("growth of a run is accounted for to the last megawatt") {
  YearsSetup setup = small_world();
  setup.world.segments["chat"].adoption = {{"2024", 1}, {"2034", 20}};
  setup.world.labs["lab"].training_usd_per_year = {{"2024", 1e8}, {"2034", 1e9}};
  const GrowthAccount account = account_of_growth(simulate_years(setup));
  double sum = 0;
  for (const auto& [name, effect] : account.effects) sum += effect;
  CHECK(sum == doctest::Approx(account.last_mw - account.first_mw).epsilon(1e-9));
  CHECK(account.effects[0].second > 0);
}
