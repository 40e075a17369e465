// What the instant looks like: powers of facilities, carbon, water, prices.
#include "models/demand/years_state.h"

namespace jevons::years {
namespace {

// Boards of one GPU of `chip` on the lab's present mix of segments, W.
double serving_watts(State& state, std::size_t l, std::size_t chip) {
  const LabState& lab = state.labs[l];
  double seconds = 0;
  double watts = 0;
  for (std::size_t s = 0; s < state.segments.size(); ++s) {
    const Offer& offer = state.offer(l, s);
    if (offer.served <= 0) continue;
    const double busy = offer.served * state.tokens_per_task(s) / offer.capacity;
    seconds += busy;
    watts += busy * state.rate(chip, s).watts_at(lab.load);
  }
  return seconds > 0 ? watts / seconds : state.rate(chip, 0).watts_at(0);
}

void add_lab(State& state, std::size_t l, EnergyFlows& flows, std::vector<double>& boards_mw) {
  const LabState& lab = state.labs[l];
  double serving = 0;
  double training = 0;
  double host = 0;
  for (std::size_t c = 0; c < lab.fleet.size(); ++c) {
    const Holding& held = lab.fleet[c];
    if (held.gpus <= 0) continue;
    const double gpus = held.gpus * held.joules;
    const double serves = gpus * (1 - lab.training_share) * serving_watts(state, l, c);
    const double trains = gpus * lab.training_share * state.rates[c].training.watts;
    serving += serves;
    training += trains;
    boards_mw[c] += (serves + trains) * 1e-6;
    host += gpus * state.world().chips[c].host_watts;
  }
  const RegionCurves& region = state.regions[lab.region];
  const double it = serving + training + host;
  const double cooling = it * (region.pue(state.year) - 1);
  flows.serving_mw += serving * 1e-6;
  flows.training_mw += training * 1e-6;
  flows.host_mw += host * 1e-6;
  flows.cooling_mw += cooling * 1e-6;
  const double kwh_per_h = (it + cooling) * 1e-3;
  flows.carbon_t_per_h += kwh_per_h * region.carbon(state.year) * 1e-6;
  flows.marginal_carbon_t_per_h += kwh_per_h * region.marginal(state.year) * 1e-6;
  flows.water_m3_per_h += kwh_per_h * region.water(state.year) * 1e-3;
}

LabTick lab_tick(State& state, std::size_t l) {
  const LabState& lab = state.labs[l];
  LabTick tick{.load = lab.load,
               .scarcity = lab.scarcity,
               .training_share = lab.training_share,
               .training_flop_per_s = lab.training_flop_per_s,
               .capability = lab.capability,
               .cash_usd = lab.cash,
               .revenue_usd_per_year = lab.revenue,
               .regime = state.regimes[l]};
  for (std::size_t c = 0; c < lab.fleet.size(); ++c) {
    const double h100e = state.world().chips[c].h100e;
    tick.fleet_h100e += lab.fleet[c].gpus * h100e;
    tick.orders_h100e_per_year += state.orders[l * lab.fleet.size() + c] * h100e;
  }
  for (std::size_t s = 0; s < state.segments.size() && lab.load > 0; ++s)
    tick.capacity_tokens_per_s += state.offer(l, s).served * state.tokens_per_task(s) / lab.load;
  return tick;
}

// Facility watts of all labs on a segment: their serving power, host and cooling by busy time.
void set_segment(State& state, std::size_t s, SegmentTick& tick, const std::vector<double>& watts) {
  const SegmentCurves& segment = state.segments[s];
  const double tokens = state.tokens_per_task(s);
  double usd = 0;
  double power = 0;
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    const Offer& offer = state.offer(l, s);
    tick.tasks_per_s += offer.served;
    tick.unserved_per_s += offer.demanded - offer.served;
    usd += offer.served * state.seen_price[l * state.segments.size() + s] * segment.first_price;
    if (state.labs[l].load > 0)
      power += watts[l] * offer.served * tokens / (offer.capacity * state.labs[l].load);
  }
  tick.tokens_per_s = tick.tasks_per_s * tokens;
  if (tick.tasks_per_s <= 0) return;
  tick.usd_per_task = usd / tick.tasks_per_s;
  tick.usd_per_million_tokens = tick.usd_per_task / tokens * 1e6;
  tick.joules_per_token = power / tick.tokens_per_s;
}

}  // namespace

YearsTick observe(State& state) {
  YearsTick tick{.year = state.year,
                 .regions = std::vector<EnergyFlows>(state.regions.size()),
                 .segments = std::vector<SegmentTick>(state.segments.size()),
                 .labs = {},
                 .boards_mw = std::vector<double>(state.chips.size())};
  std::vector<double> facility(state.labs.size());
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    EnergyFlows own;
    add_lab(state, l, own, tick.boards_mw);
    EnergyFlows& region = tick.regions[state.labs[l].region];
    region.serving_mw += own.serving_mw;
    region.training_mw += own.training_mw;
    region.host_mw += own.host_mw;
    region.cooling_mw += own.cooling_mw;
    region.carbon_t_per_h += own.carbon_t_per_h;
    region.marginal_carbon_t_per_h += own.marginal_carbon_t_per_h;
    region.water_m3_per_h += own.water_m3_per_h;
    const double boards = own.serving_mw + own.training_mw;
    const double share = boards > 0 ? own.serving_mw / boards : 0;
    facility[l] =
        (own.total_mw() - own.training_mw - own.serving_mw) * 1e6 * share + own.serving_mw * 1e6;
    tick.labs.push_back(lab_tick(state, l));
    tick.labs.back().fleet_mw = own.total_mw();
  }
  for (std::size_t s = 0; s < tick.segments.size(); ++s)
    set_segment(state, s, tick.segments[s], facility);
  return tick;
}

}  // namespace jevons::years
