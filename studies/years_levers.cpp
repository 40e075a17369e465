#include "studies/years_levers.h"

#include <algorithm>

#include "studies/sampling.h"
#include "studies/years_rates.h"

namespace jevons {
namespace {

struct Sampled {
  double engineering = 0, saved = 0, carbon = 0, balance = 0;
  std::vector<double> yearly;
};

YearsSetup with_lever(const YearsSetup& before, const Lever& lever,
                      const std::vector<ChipRates>& rates) {
  YearsSetup after = before;
  after.world = pulled(std::move(after.world), lever);
  if (!rates.empty()) {
    after.later_from = lever.from;
    after.later_rates = rates;
  }
  return after;
}

double without_innovations(const YearsSetup& setup) {
  return simulate_years(setup, {.has_innovations = false, .keep_ticks = false}).total.total_twh();
}

// `without`: TWh of the same world without innovations.
Sampled sampled(const YearsSetup& before, double without, const Lever& lever,
                const std::vector<ChipRates>& rates) {
  const Rebound r = rebound_of_change(before, with_lever(before, lever, rates));
  Sampled s{r.a.total.total_twh() - r.b.total.total_twh(),
            r.a.total.total_twh() - r.c.total.total_twh(),
            r.a.total.carbon_mt - r.c.total.carbon_mt,
            without - r.c.total.total_twh(),
            {}};
  for (std::size_t y = 0; y < r.a.years.size(); ++y)
    s.yearly.push_back(r.a.years[y].total_twh() - r.c.years[y].total_twh());
  return s;
}

template <class Get>
Spread spread(const std::vector<Sampled>& all, Get&& get) {
  std::vector<double> values;
  values.reserve(all.size());
  for (const Sampled& s : all) values.push_back(get(s));
  return spread_of(std::move(values));
}

// job(i, world) for each drawn world, or once at the medians.
void for_each_world(const YearsBench& bench, const std::vector<std::vector<double>>& columns,
                    std::size_t samples,
                    const std::function<void(std::size_t, const YearsSetup&)>& job) {
  if (samples == 0)
    job(0, bench.medians());
  else
    for_each_draw(columns, samples,
                  [&](std::size_t i, std::span<const double> u) { job(i, bench.drawn_at(u)); });
}

// `without`: [world] TWh without innovations.
LeverEffect effect_of(const YearsBench& bench, const std::string& name, const Lever& lever,
                      const std::vector<std::vector<double>>& columns, std::size_t samples,
                      const std::vector<double>& without) {
  std::vector<ChipRates> rates;
  if (lever.deployment) rates = years_rates(bench.scenario->world, *lever.deployment);
  std::vector<Sampled> all(without.size());
  for_each_world(bench, columns, samples, [&](std::size_t i, const YearsSetup& world) {
    all[i] = sampled(world, without[i], lever, rates);
  });
  LeverEffect effect{.name = name,
                     .from = lever.from,
                     .engineering_twh = spread(all, [](const Sampled& s) { return s.engineering; }),
                     .saved_twh = spread(all, [](const Sampled& s) { return s.saved; }),
                     .saved_mt = spread(all, [](const Sampled& s) { return s.carbon; }),
                     .balance_twh = spread(all, [](const Sampled& s) { return s.balance; }),
                     .rebound_share = 0,
                     .probability_saves = 0,
                     .yearly_twh = {}};
  if (effect.engineering_twh.p50 != 0)
    effect.rebound_share = 1 - effect.saved_twh.p50 / effect.engineering_twh.p50;
  for (const Sampled& s : all) effect.probability_saves += s.saved > 0 ? 1 : 0;
  effect.probability_saves /= static_cast<double>(all.size());
  for (std::size_t y = 0; y < all.front().yearly.size(); ++y)
    effect.yearly_twh.push_back(spread(all, [y](const Sampled& s) { return s.yearly[y]; }));
  return effect;
}

}  // namespace

std::vector<LeverEffect> lever_effects(const YearsBench& bench, std::size_t samples,
                                       const std::function<void(double)>& progress) {
  const std::vector<std::vector<double>> columns = draws(*bench.scenario, samples);
  std::vector<double> without(std::max<std::size_t>(samples, 1));
  for_each_world(bench, columns, samples, [&](std::size_t i, const YearsSetup& world) {
    without[i] = without_innovations(world);
  });
  std::vector<LeverEffect> effects;
  const Levers& levers = bench.scenario->levers;
  for (const auto& [name, lever] : levers) {
    effects.push_back(effect_of(bench, name, lever, columns, samples, without));
    progress(static_cast<double>(effects.size()) / static_cast<double>(levers.size()));
  }
  std::stable_sort(effects.begin(), effects.end(), [](const LeverEffect& a, const LeverEffect& b) {
    return a.saved_twh.p50 > b.saved_twh.p50;
  });
  return effects;
}

}  // namespace jevons
