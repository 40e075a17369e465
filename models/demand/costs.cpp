// What a token costs a lab, with its innovations and without, and the price it asks. Costs are
// those at the load that the lab plans for: a price that followed the cost of a half-empty fleet
// would drive away the users who fill it.
#include "models/demand/years_state.h"

namespace jevons::years {

double State::annuity(std::size_t chip) const {
  const double r = conduct().interest;
  const double n = conduct().lifetime_years;
  const double share = r > 0 ? r / (1 - std::pow(1 + r, -n)) : 1 / n;
  return chips[chip].price(year) * share;
}

namespace {

// Of a serving fleet on one segment, per second at full load and in USD per second.
struct FleetSums {
  double tokens = 0;
  double capital = 0, energy = 0;                  // with innovations
  double capital_without = 0, energy_without = 0;  // chips as they would be
};

FleetSums sums_of(const State& state, const LabState& lab, std::size_t segment, double load,
                  const std::vector<double>& yearly) {
  FleetSums sums;
  const double joule_price = state.power_price(lab);
  for (std::size_t c = 0; c < lab.fleet.size(); ++c) {
    const Holding& held = lab.fleet[c];
    if (held.gpus <= 0) continue;
    const ServingRate& rate = state.rate(c, segment);
    const double watts = rate.watts_at(load);
    const double host = state.world().chips[c].host_watts;
    const double capital = held.gpus * yearly[c] / seconds_per_year;
    sums.tokens += held.gpus * rate.tokens_per_s;
    sums.capital += capital * held.dollars;
    sums.capital_without += capital;
    sums.energy += held.gpus * (watts + host) * held.joules * joule_price;
    sums.energy_without += held.gpus * (watts + host) * held.joules_without * joule_price;
  }
  return sums;
}

// FLOP that a token costs relative to the start: bigger models against better algorithms.
double work_per_token(const State& state, std::size_t lab, std::size_t segment) {
  const LabState& l = state.labs[lab];
  const double growth = state.seen_capability[lab] / l.first_capability;
  const double size = std::pow(growth, state.segments[segment].facts->size_response);
  return size / state.inference_trend;
}

void set_offer(State& state, std::size_t lab, std::size_t segment,
               const std::vector<double>& yearly) {
  const LabState& l = state.labs[lab];
  const Conduct& conduct = state.conduct();
  Offer& offer = state.offer(lab, segment);
  const double target = conduct.target_load;
  const FleetSums sums = sums_of(state, l, segment, target, yearly);
  const double work = work_per_token(state, lab, segment);
  offer = {};
  offer.capacity = sums.tokens * (1 - l.training_share) * l.inference_level / work;
  if (sums.tokens <= 0) return;
  const double with = work / (sums.tokens * l.inference_level);
  const double without = work / sums.tokens;
  offer.capital_cost = sums.capital * with / target;
  offer.energy_cost = sums.energy * with / target;
  const double plain = (sums.capital_without + sums.energy_without) * without / target;
  // Staff, research and software follow what the course of things makes of a token's cost, and
  // owe nothing to an innovation.
  offer.cost_without = plain / (1 - conduct.other_cost_share);
  offer.cost = offer.capital_cost + offer.energy_cost + offer.cost_without - plain;
}

}  // namespace

void set_offers(State& state) {
  const Conduct& conduct = state.conduct();
  std::vector<double> yearly(state.chips.size());
  for (std::size_t c = 0; c < yearly.size(); ++c) yearly[c] = state.annuity(c);
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    LabState& lab = state.labs[l];
    for (std::size_t s = 0; s < state.segments.size(); ++s) {
      set_offer(state, l, s, yearly);
      Offer& offer = state.offer(l, s);
      const SegmentCurves& segment = state.segments[s];
      if (segment.first_price <= 0) continue;
      const double token_price = conduct.markup * ((1 - conduct.pass_through) * offer.cost_without +
                                                   conduct.pass_through * offer.cost);
      offer.price = token_price * state.tokens_per_task(s) / segment.first_price;
    }
    lab.scarcity = std::max(lab.scarcity, 1.0);
  }
}

}  // namespace jevons::years
