#include "models/demand/year_books.h"

#include <utility>

namespace jevons {

EnergyTotals& operator+=(EnergyTotals& a, const EnergyTotals& b) {
  a.serving_twh += b.serving_twh;
  a.training_twh += b.training_twh;
  a.host_twh += b.host_twh;
  a.cooling_twh += b.cooling_twh;
  a.carbon_mt += b.carbon_mt;
  a.marginal_carbon_mt += b.marginal_carbon_mt;
  a.water_gl += b.water_gl;
  a.embodied_mt += b.embodied_mt;
  a.tasks += b.tasks;
  a.tokens += b.tokens;
  return a;
}

namespace years {
namespace {

EnergyTotals between(const EnergyFlows& a, const EnergyFlows& b, double dt) {
  const double hours = dt * hours_per_year;
  const auto mean = [hours](double x, double y) { return (x + y) / 2 * hours; };
  EnergyTotals t;
  t.serving_twh = mean(a.serving_mw, b.serving_mw) * 1e-6;
  t.training_twh = mean(a.training_mw, b.training_mw) * 1e-6;
  t.host_twh = mean(a.host_mw, b.host_mw) * 1e-6;
  t.cooling_twh = mean(a.cooling_mw, b.cooling_mw) * 1e-6;
  t.carbon_mt = mean(a.carbon_t_per_h, b.carbon_t_per_h) * 1e-6;
  t.marginal_carbon_mt = mean(a.marginal_carbon_t_per_h, b.marginal_carbon_t_per_h) * 1e-6;
  t.water_gl = mean(a.water_m3_per_h, b.water_m3_per_h) * 1e-6;
  return t;
}

EnergyTotals between(const SegmentTick& a, const SegmentTick& b, double dt) {
  const double seconds = dt * seconds_per_year;
  EnergyTotals t;
  t.tasks = (a.tasks_per_s + b.tasks_per_s) / 2 * seconds;
  t.tokens = (a.tokens_per_s + b.tokens_per_s) / 2 * seconds;
  return t;
}

// Mean over labs, by what they serve; a segment that nobody serves has none.
CostShares cost_shares(State& state, std::size_t segment) {
  CostShares shares;
  double served = 0;
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    const Offer& offer = state.offer(l, segment);
    if (offer.served <= 0) continue;
    served += offer.served;
    shares.energy += offer.served * offer.energy_cost / offer.cost;
    shares.capital += offer.served * offer.capital_cost / offer.cost;
  }
  if (served <= 0) return {};
  return {shares.energy / served, shares.capital / served};
}

void hold_laws(State& state, const YearsTick& now) {
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    double load = 0;
    for (std::size_t s = 0; s < state.segments.size(); ++s) {
      const Offer& offer = state.offer(l, s);
      ensure(offer.served <= offer.demanded, "no more tasks are served than are asked for");
      if (offer.served > 0) load += offer.served * state.tokens_per_task(s) / offer.capacity;
    }
    ensure(load <= state.conduct().max_load * (1 + 1e-9), "tasks served fit into the fleet");
    for (const double coming : state.labs[l].pipeline)
      ensure(coming > -1e-3, "no more chips are delivered than were ordered");
  }
  for (const EnergyFlows& flows : now.regions)
    ensure(std::isfinite(flows.total_mw()) && flows.total_mw() >= 0, "power is a number");
}

}  // namespace

Books::Books(const State& state) {
  const auto years = static_cast<std::size_t>(std::lround(state.world().end - state.world().start));
  result_.years.resize(years);
  result_.boards_twh.resize(state.chips.size());
  result_.regions.assign(state.regions.size(), std::vector<EnergyTotals>(years));
  for (const LabState& lab : state.labs) result_.money.start += lab.cash;
}

// Of the year that ends at this instant or in which it lies.
std::size_t Books::year_index(const State& state) const {
  const double into = state.year - state.world().start - 1e-6;
  return std::min(static_cast<std::size_t>(std::max(into, 0.0)), result_.years.size() - 1);
}

void Books::settle(State& state, const YearsTick& now) {
  hold_laws(state, now);
  if (state.tick == 0) {
    for (std::size_t s = 0; s < state.segments.size(); ++s)
      result_.cost_shares.push_back(cost_shares(state, s));
  } else {
    const std::size_t year = year_index(state);
    for (std::size_t r = 0; r < state.regions.size(); ++r) {
      const EnergyTotals part = between(last_.regions[r], now.regions[r], state.dt);
      result_.regions[r][year] += part;
      result_.years[year] += part;
    }
    for (std::size_t s = 0; s < state.segments.size(); ++s)
      result_.years[year] += between(last_.segments[s], now.segments[s], state.dt);
    for (std::size_t c = 0; c < now.boards_mw.size(); ++c)
      result_.boards_twh[c] +=
          (last_.boards_mw[c] + now.boards_mw[c]) / 2 * state.dt * hours_per_year * 1e-6;
  }
  if (state.run.keep_ticks) result_.ticks.push_back(now);
  last_ = now;
}

void Books::deliver(const State& state, std::size_t region, double kg) {
  EnergyTotals part;
  part.embodied_mt = kg * 1e-9;
  result_.years[year_index(state)] += part;
  result_.regions[region][year_index(state)] += part;
}

void Books::pay(State& state, std::size_t l, double mw, double spent) {
  LabState& lab = state.labs[l];
  double other = 0;
  lab.revenue = 0;
  lab.serving_saving = 0;
  for (std::size_t s = 0; s < state.segments.size(); ++s) {
    const Offer& offer = state.offer(l, s);
    const double tasks = offer.served * seconds_per_year;
    const double tokens = tasks * state.tokens_per_task(s);
    const double price =
        state.seen_price[l * state.segments.size() + s] * state.segments[s].first_price;
    lab.revenue += tasks * price;
    other += tokens * (offer.cost - offer.energy_cost - offer.capital_cost);
    lab.serving_saving += tokens * (offer.cost_without - offer.cost);
  }
  const double electricity = mw * 1e3 * hours_per_year * state.usd_per_kwh(lab);
  const double investment = lab.investment(state.year);
  lab.cash += (lab.revenue + investment - electricity - other) * state.dt - spent;
  MoneyBook& book = result_.money;
  book.revenue += lab.revenue * state.dt;
  book.investment += investment * state.dt;
  book.electricity += electricity * state.dt;
  book.other += other * state.dt;
  book.chips += spent;
}

YearsResult Books::close(const State& state) && {
  for (const EnergyTotals& year : result_.years) result_.total += year;
  MoneyBook& m = result_.money;
  for (const LabState& lab : state.labs) m.end += lab.cash;
  const double in = m.start + m.revenue + m.investment;
  const double out = m.electricity + m.chips + m.other + m.end;
  ensure(std::abs(in - out) <= 1e-9 * (std::abs(in) + std::abs(out)), "money in is money out");
  double regions = 0;
  for (const auto& region : result_.regions)
    for (const EnergyTotals& year : region) regions += year.total_twh();
  ensure(std::abs(regions - result_.total.total_twh()) <= 1e-9 * regions,
         "the energy of the regions is that of the world");
  return std::move(result_);
}

}  // namespace years
}  // namespace jevons
