#include "calibration/meter/design.h"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "calibration/meter/plan.h"
#include "sim/rng.h"

using namespace jevons;
using namespace jevons::calibration;

namespace {

std::vector<KernelCase> candidates() {
  std::vector<KernelCase> out;
  for (const KernelCase& c : all_cases())
    if (c.gpus == 1 && tier_of(c) <= 1 && c.kind != CaseKind::moe_layer &&
        planned_seconds(c) >= DesignLimits{}.least_seconds)
      out.push_back(c);
  return out;
}

}  // namespace

TEST_CASE("the design tells the coefficients better than chance and no exchange improves it") {
  const std::vector<KernelCase> all = candidates();
  const DesignLimits limits;
  const std::vector<std::size_t> design = energy_design(all, limits);
  REQUIRE(design.size() == 26);
  const double quality = design_quality(all, design);
  Rng rng{1, "random designs"};
  double best_random = -1e9;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::size_t> random(design.size());
    for (std::size_t& i : random) i = rng.below(all.size());
    best_random = std::max(best_random, design_quality(all, random));
  }
  CHECK(quality > best_random + 0.5);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::size_t> changed = design;
    const std::size_t place = rng.below(changed.size()), other = rng.below(all.size());
    const bool same_kind = all[other].kind == all[changed[place]].kind;
    const bool is_new = std::find(design.begin(), design.end(), other) == design.end();
    if (!same_kind || !is_new) continue;
    changed[place] = other;
    CHECK(design_quality(all, changed) <= quality + 1e-6);
  }
}

TEST_CASE("the design spreads over kinds so that pooling them can be doubted") {
  const std::vector<KernelCase> all = candidates();
  std::map<CaseKind, int> kinds;
  for (const std::size_t i : energy_design(all, {})) {
    ++kinds[all[i].kind];
    CHECK(planned_seconds(all[i]) >= 20e-6);
  }
  CHECK(kinds.size() >= 7);
  for (const auto& [kind, n] : kinds) CHECK(n <= 4);
}

TEST_CASE("coefficients come back exactly from powers without noise") {
  const EnergyRow truth{250, 0.9e-12, 0.4e-12, 65e-12, 90e-12};
  std::vector<EnergyRow> rows;
  std::vector<double> watts;
  for (const KernelCase& c : candidates()) {
    rows.push_back(energy_row(c, planned_seconds(c), 0.9));
    watts.push_back(0);
    for (std::size_t j = 0; j < truth.size(); ++j) watts.back() += truth[j] * rows.back()[j];
  }
  const EnergyRow found = least_relative_squares(rows, watts);
  for (std::size_t j = 0; j < truth.size(); ++j)
    CHECK(found[j] == doctest::Approx(truth[j]).epsilon(1e-6));
}

TEST_CASE("no coefficient is negative and a term without rows is zero") {
  std::vector<EnergyRow> rows;
  std::vector<double> watts;
  for (int i = 1; i <= 8; ++i) {
    rows.push_back({1, 1e14 * i, 0, 0, 0});
    watts.push_back(500 - 10 * i);  // power that falls with work
  }
  const EnergyRow found = least_relative_squares(rows, watts);
  CHECK(found[1] == 0);
  CHECK(found[3] == 0);
  CHECK(found[0] == doctest::Approx(455).epsilon(0.02));
}

TEST_CASE("the plan is the same in every call and holds thirty weighed cases at most") {
  const std::vector<KernelCase> cases = all_cases();
  const std::vector<Item> a = plan_of(cases, {}), b = plan_of(cases, {});
  REQUIRE(a.size() == b.size());
  std::set<std::string> weighed, timed;
  std::map<std::string, int> repeats;
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(name_of(a[i].c) == name_of(b[i].c));
    const std::string name = name_of(a[i].c);
    if (a[i].measure == Measure::energy) {
      weighed.insert(name);
      ++repeats[name];
    } else {
      CHECK(timed.insert(name).second);
    }
  }
  CHECK(weighed.size() == energy_points);
  for (const auto& [name, n] : repeats) CHECK(n == energy_repeats);
  const auto single =
      std::count_if(cases.begin(), cases.end(), [](const KernelCase& c) { return c.gpus == 1; });
  CHECK(timed.size() == static_cast<std::size_t>(single));
}

TEST_CASE("the order of energy windows is another in every round") {
  std::vector<std::vector<std::string>> rounds(energy_repeats);
  int seen = 0;
  for (const Item& item : plan_of(all_cases(), {}))
    if (item.measure == Measure::energy && seen++ < 30)
      rounds[static_cast<std::size_t>(item.repeat)].push_back(name_of(item.c));
  CHECK(rounds[0] != rounds[1]);
  CHECK(rounds[1] != rounds[2]);
  for (auto& round : rounds) std::sort(round.begin(), round.end());
  CHECK(rounds[0] == rounds[1]);
  CHECK(rounds[1] == rounds[2]);
}

TEST_CASE("chosen kinds alone are planned and collectives only with several GPUs") {
  for (const Item& item : plan_of(all_cases(), {.kinds = {CaseKind::combine}}))
    CHECK(item.c.kind == CaseKind::combine);
  const auto has_collectives = [](int gpus) {
    const std::vector<Item> plan = plan_of(all_cases(), {.gpus = gpus});
    return std::any_of(plan.begin(), plan.end(), [](const Item& i) { return i.c.gpus > 1; });
  };
  CHECK(!has_collectives(1));
  CHECK(has_collectives(8));
}
