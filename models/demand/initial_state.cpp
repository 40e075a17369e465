// Names become indices and paths become curves; prices at the start are what the model says.
#include <limits>

#include "models/demand/years_state.h"

namespace jevons::years {
namespace {

constexpr double no_limit = std::numeric_limits<double>::infinity();

template <class Map>
std::size_t index_in(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  ensure(found != map.end(), "a checked world knows its names");
  return static_cast<std::size_t>(std::distance(map.begin(), found));
}

RegionCurves region_curves(const World& world, const Region& facts) {
  RegionCurves r;
  r.facts = &facts;
  r.carbon = PathCurve{facts.carbon_g_per_kwh, 0};
  r.marginal = facts.marginal_carbon_g_per_kwh.empty()
                   ? r.carbon
                   : PathCurve{facts.marginal_carbon_g_per_kwh, 0};
  r.price = PathCurve{facts.electricity_usd_per_kwh, 0};
  r.pue = PathCurve{facts.pue, 1};
  r.water = PathCurve{facts.water_l_per_kwh, 0};
  r.limit = PathCurve{facts.power_limit_mw, no_limit};
  r.access = PathCurve{facts.access_h100e_per_year, no_limit};
  r.carbon_price = PathCurve{facts.carbon_usd_per_t, 0};
  for (const ChipOffer& offer : world.chips) {
    const auto& names = facts.forbidden;
    r.is_forbidden.push_back(std::find(names.begin(), names.end(), offer.chip.id) != names.end());
  }
  return r;
}

LabState lab_state(const World& world, const Lab& facts) {
  LabState lab;
  lab.region = index_in(world.regions, facts.region);
  lab.investment = PathCurve{facts.investment_usd_per_year, 0};
  lab.training_budget = PathCurve{facts.training_usd_per_year, 0};
  lab.reinvestment = PathCurve{facts.reinvestment, 0.5};
  lab.cash = facts.cash_usd;
  lab.load = world.conduct.target_load;
  lab.scarcity = 1;
  lab.trend = lab.quick_trend = std::log(world.conduct.growth_at_start);
  for (const ChipOffer& offer : world.chips) {
    const auto held = facts.fleet.find(offer.chip.id);
    const double gpus = held == facts.fleet.end() ? 0 : held->second;
    lab.fleet.push_back({.gpus = gpus, .joules = 1, .dollars = 1, .joules_without = 1});
    lab.initial.push_back(gpus);
    lab.initial_rate.push_back(gpus / world.conduct.lifetime_years);
    const auto ordered = facts.on_order.find(offer.chip.id);
    lab.pipeline.push_back(ordered == facts.on_order.end() ? 0 : ordered->second);
  }
  return lab;
}

// The best lab's is 1; the others stand to it as their training compute does.
void set_capabilities(State& state) {
  plan_training(state);
  double best = 0;
  for (const LabState& lab : state.labs) best = std::max(best, lab.training_flop_per_s);
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    LabState& lab = state.labs[l];
    lab.capability = best > 0 ? std::max(lab.training_flop_per_s / best, 1e-3) : 1;
    lab.first_capability = lab.capability;
    state.seen_capability[l] = lab.capability;
  }
}

// Price of a task at the start: what the labs ask, weighted by their appeal.
void set_first_prices(State& state) {
  set_offers(state);
  for (std::size_t s = 0; s < state.segments.size(); ++s) {
    SegmentCurves& segment = state.segments[s];
    double weights = 0;
    double cost = 0;
    std::size_t l = 0;
    for (const auto& [name, facts] : state.world().labs) {
      const Offer& offer = state.offer(l++, s);
      if (offer.capacity <= 0) continue;
      weights += facts.appeal;
      cost += facts.appeal * offer.cost;
    }
    ensure(weights > 0, "a segment is served by some lab's chips at the start");
    segment.first_token_cost = cost / weights;
    segment.first_price = state.conduct().markup * segment.first_token_cost *
                          segment.facts->output_tokens * segment.length_ratio;
  }
}

}  // namespace

std::vector<ChipRates> with_factors(const World& world, std::vector<ChipRates> rates) {
  for (std::size_t c = 0; c < rates.size(); ++c) {
    const double speed = world.chips[c].speed;
    const double watts = speed * world.chips[c].joules;
    for (ServingRate& serving : rates[c].serving) {
      serving.tokens_per_s *= speed;
      for (double& w : serving.watts) w *= watts;
    }
    rates[c].training.flop_per_s *= speed;
    rates[c].training.watts *= watts;
  }
  return rates;
}

State initial_state(const YearsSetup& setup, const YearsRun& run) {
  const World& world = setup.world;
  State state;
  state.setup = &setup;
  state.rates = with_factors(world, setup.rates);
  state.run = run;
  state.year = world.start;
  state.dt = 1.0 / world.ticks_per_year;
  state.inference_path = PathCurve{world.algorithms_inference, 1};
  state.training_path = PathCurve{world.algorithms_training, 1};
  state.joules_path = PathCurve{world.chip_joules, 1};
  for (const auto& [name, region] : world.regions)
    state.regions.push_back(region_curves(world, region));
  for (const ChipOffer& offer : world.chips)
    state.chips.push_back({PathCurve{offer.price_usd, 0}, PathCurve{offer.supply_per_year, 0}});
  for (const auto& [name, segment] : world.segments) {
    SegmentCurves curves;
    curves.facts = &segment;
    curves.length = PathCurve{segment.length_factor, 1};
    curves.adoption = PathCurve{segment.adoption, 1};
    curves.budget = PathCurve{segment.budget_usd_per_year, no_limit};
    curves.length_limit = PathCurve{segment.length_limit, no_limit};
    curves.length_ratio = std::min(curves.length(state.year), curves.length_limit(state.year));
    state.segments.push_back(std::move(curves));
  }
  for (const auto& [name, lab] : world.labs) state.labs.push_back(lab_state(world, lab));
  state.offers.resize(state.labs.size() * state.segments.size());
  state.seen_price.assign(state.offers.size(), 1);
  state.seen_capability.assign(state.labs.size(), 1);
  state.orders.assign(state.labs.size() * state.chips.size(), 0);
  state.regimes.assign(state.labs.size(), Regime::demand);
  set_capabilities(state);
  set_first_prices(state);
  return state;
}

}  // namespace jevons::years
