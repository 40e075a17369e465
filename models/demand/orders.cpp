// Orders of chips. A lab wants the fleet that serves what is asked for without scarcity, at the
// load it plans for, and trains what its budget pays, by the time of delivery. It closes the gap
// over some time and counts what is on its way, or it would order everything twice (Sterman 2000,
// Business Dynamics, chapter 17: the stock management structure).
#include "models/demand/years_state.h"

namespace jevons::years {
namespace {

// Cash lasts a lab at least so long.
constexpr double assumed_spending_years = 0.5;

// What a lab wants per year, and what it may have of money, access and connections.
struct Wish {
  double tokens_per_s = 0;  // of its present mix of segments
  double first = 0;         // the same before any order
  double usd = 0, h100e = 0, watts = 0;
  std::vector<std::size_t> chips;  // from the one that serves a token at least cost
};

// Tokens per second of one GPU on the mix of segments that a lab serves now.
double mixed_rate(State& state, std::size_t lab, std::size_t chip) {
  double seconds = 0;
  double tokens = 0;
  for (std::size_t s = 0; s < state.segments.size(); ++s) {
    const Offer& offer = state.offer(lab, s);
    const double weight = offer.served * state.tokens_per_task(s);
    tokens += weight;
    seconds += weight / state.rate(chip, s).tokens_per_s;
  }
  return tokens > 0 ? tokens / seconds : state.rate(chip, 0).tokens_per_s;
}

std::vector<std::size_t> ranked_chips(State& state, std::size_t l,
                                      const std::vector<double>& rates) {
  const LabState& lab = state.labs[l];
  const double arrival = state.year + state.conduct().lead_years;
  std::vector<std::size_t> chips;
  std::vector<double> cost(rates.size());
  for (std::size_t c = 0; c < rates.size(); ++c) {
    const ChipOffer& offer = state.world().chips[c];
    if (offer.release > arrival || state.regions[lab.region].is_forbidden[c] ||
        state.chips[c].supply(state.year) <= 0)
      continue;
    const double watts = state.rate(c, 0).watts_at(state.conduct().target_load) + offer.host_watts;
    cost[c] = (state.annuity(c) + watts * state.power_price(lab) * seconds_per_year) / rates[c];
    chips.push_back(c);
  }
  std::stable_sort(chips.begin(), chips.end(),
                   [&](std::size_t a, std::size_t b) { return cost[a] < cost[b]; });
  return chips;
}

// Share of a gap that is closed within one tick, per year: what steps of any length agree on.
double per_year(const State& state) {
  return -std::expm1(-state.dt / state.conduct().adjust_years) / state.dt;
}

// Tokens per second that retire per year about the time when an order of now arrives.
double retiring(const State& state, const LabState& lab, const std::vector<double>& rates) {
  const double from = state.year;
  double rate = 0;
  for (std::size_t c = 0; c < rates.size(); ++c)
    if (lab.initial[c] > 0) rate += lab.initial_rate[c] * rates[c];
  for (const Cohort& cohort : lab.cohorts)
    if (cohort.retires >= from && cohort.retires < from + 1)
      rate += cohort.gpus * rates[cohort.chip];
  return rate;
}

// Growth of the wanted fleet per year that a lab counts on: smoothed twice, and no more than the
// last year has seen, or a single step of demand would be carried on.
double expected_growth(const State& state, LabState& lab, double wanted) {
  const auto year = static_cast<std::size_t>(state.world().ticks_per_year);
  if (!lab.wanted.empty()) {
    const double seen = (wanted - lab.wanted.back()) / state.dt;
    const double weight = -std::expm1(-state.dt / state.conduct().trend_years);
    lab.quick_trend += weight * (seen - lab.quick_trend);
    lab.trend += weight * (lab.quick_trend - lab.trend);
  }
  lab.wanted.push_back(wanted);
  if (lab.wanted.size() <= year) return std::clamp(lab.trend, -1.0, 2.0);
  const double last_year = wanted - lab.wanted[lab.wanted.size() - 1 - year];
  return std::clamp(lab.trend, -1.0, std::clamp(last_year, 0.0, 2.0));
}

Wish wish_of(State& state, std::size_t l, const std::vector<double>& rates) {
  LabState& lab = state.labs[l];
  const Conduct& conduct = state.conduct();
  double fleet = 0;
  double gpus = 0;
  double coming = 0;
  for (std::size_t c = 0; c < rates.size(); ++c) {
    fleet += lab.fleet[c].gpus * rates[c];
    gpus += lab.fleet[c].gpus;
    coming += lab.pipeline[c] * rates[c];
  }
  const double serving = fleet * (1 - lab.training_share) * lab.wanted_load / conduct.target_load;
  const double training = gpus > 0 ? lab.wanted_training * fleet / gpus : 0;
  const double wanted = serving + training;
  const double growth = expected_growth(state, lab, std::log(std::max(wanted, 1e-30)));
  const double retire = retiring(state, lab, rates);
  const double ahead = wanted * std::exp(growth * (conduct.lead_years + state.dt / 2));
  const double pipeline = conduct.lead_years * retire;
  const double gap = ahead - fleet + pipeline - coming;
  Wish wish;
  wish.first = wish.tokens_per_s = std::max(0.0, retire + per_year(state) * gap);
  wish.usd = std::max(0.0, lab.cash) / assumed_spending_years;
  wish.chips = ranked_chips(state, l, rates);
  return wish;
}

// What bounds the orders of all labs together, and of each.
class Book {
 public:
  explicit Book(State& state) : state_{&state} {
    const std::size_t labs = state.labs.size();
    for (std::size_t l = 0; l < labs; ++l) {
      std::vector<double> rates(state.chips.size());
      for (std::size_t c = 0; c < rates.size(); ++c) rates[c] = mixed_rate(state, l, c);
      wishes_.push_back(wish_of(state, l, rates));
      rates_.push_back(std::move(rates));
    }
    for (std::size_t c = 0; c < state.chips.size(); ++c)
      supply_.push_back(state.chips[c].supply(state.year));
    for (std::size_t r = 0; r < state.regions.size(); ++r) share_out(r);
  }

  void fill() {
    State& state = *state_;
    const std::size_t chips = state.chips.size();
    std::fill(state.orders.begin(), state.orders.end(), 0.0);
    std::fill(state.regimes.begin(), state.regimes.end(), Regime::demand);
    for (std::size_t rank = 0; rank < chips; ++rank)
      for (std::size_t c = 0; c < chips; ++c) fill_chip(rank, c);
    for (std::size_t l = 0; l < wishes_.size(); ++l)
      if (wishes_[l].tokens_per_s > 0.01 * wishes_[l].first && state.regimes[l] == Regime::demand)
        state.regimes[l] = Regime::chips;
  }

 private:
  // What a region may have goes to its labs as their wishes are.
  void share_out(std::size_t r) {
    State& state = *state_;
    const RegionCurves& region = state.regions[r];
    double all = 0;
    for (std::size_t l = 0; l < wishes_.size(); ++l)
      if (state.labs[l].region == r) all += wishes_[l].first;
    for (std::size_t l = 0; l < wishes_.size(); ++l) {
      if (state.labs[l].region != r || all <= 0) continue;
      const double share = wishes_[l].first / all;
      wishes_[l].h100e = share * region.access(state.year) * region.access_factor;
      wishes_[l].watts = share * std::max(0.0, free_watts(r)) / std::max(state.dt, 0.25);
    }
  }

  // Labs whose choice of this rank is the chip share its supply in proportion to their wishes.
  void fill_chip(std::size_t rank, std::size_t chip) {
    State& state = *state_;
    std::vector<double> want(wishes_.size());
    double all = 0;
    for (std::size_t l = 0; l < wishes_.size(); ++l) {
      const Wish& wish = wishes_[l];
      if (rank >= wish.chips.size() || wish.chips[rank] != chip) continue;
      want[l] = bounded(l, chip, wish.tokens_per_s / rates_[l][chip]);
      all += want[l];
    }
    if (all <= 0) return;
    const double share = std::min(1.0, supply_[chip] / all);
    for (std::size_t l = 0; l < wishes_.size(); ++l) {
      if (want[l] <= 0) continue;
      const double gpus = want[l] * share;
      state.orders[l * state.chips.size() + chip] += gpus;
      wishes_[l].tokens_per_s -= gpus * rates_[l][chip];
      wishes_[l].usd -= gpus * state.chips[chip].price(state.year);
      wishes_[l].h100e -= gpus * state.world().chips[chip].h100e;
      wishes_[l].watts -= gpus * peak_watts(l, chip) * state.labs[l].new_joules;
      if (share < 1) state.regimes[l] = Regime::chips;
    }
    supply_[chip] -= all * share;
  }

  // As many of `gpus` a year as the lab's money and its region's access and power allow.
  double bounded(std::size_t l, std::size_t chip, double gpus) {
    const Wish& wish = wishes_[l];
    const double watts = peak_watts(l, chip) * state_->labs[l].new_joules;
    const auto bound = [&](double most, Regime regime) {
      if (gpus <= most) return;
      gpus = std::max(0.0, most);
      state_->regimes[l] = regime;
    };
    bound(wish.usd / state_->chips[chip].price(state_->year), Regime::money);
    bound(wish.h100e / state_->world().chips[chip].h100e, Regime::chips);
    bound(wish.watts / watts, Regime::power);
    return gpus;
  }

  double peak_watts(std::size_t l, std::size_t chip) const {
    const State& state = *state_;
    const ChipRates& rates = state.rates[chip];
    const double serving = rates.serving[0].watts_at(state.conduct().max_load);
    const double board = std::max(serving, rates.training.watts);
    return (board + state.world().chips[chip].host_watts) *
           state.regions[state.labs[l].region].pue(state.year);
  }
  // Of the connections of a region, after what stands there and is on its way.
  double free_watts(std::size_t r) const {
    const State& state = *state_;
    double watts = state.regions[r].limit(state.year + state.conduct().lead_years) * 1e6;
    for (std::size_t l = 0; l < state.labs.size(); ++l) {
      const LabState& lab = state.labs[l];
      if (lab.region != r) continue;
      for (std::size_t c = 0; c < lab.fleet.size(); ++c)
        watts -= (lab.fleet[c].gpus * lab.fleet[c].joules + lab.pipeline[c] * lab.new_joules) *
                 peak_watts(l, c);
    }
    return watts;
  }

  State* state_;
  std::vector<Wish> wishes_;
  std::vector<std::vector<double>> rates_;  // [lab][chip]
  std::vector<double> supply_;              // [chip] GPUs per year that are left
};

}  // namespace

void set_orders(State& state) {
  if (const TickDecisions* replay = state.replayed(Response::build_out)) {
    state.orders = replay->orders;
    return;
  }
  Book book{state};
  book.fill();
}

}  // namespace jevons::years
