// Users choose between labs, demand answers to prices, and where a fleet is too small its price
// rises until what is asked for fits.
#include <array>
#include <limits>

#include "models/demand/years_state.h"

namespace jevons::years {
namespace {

// How much of a lab counts as frontier: half where it is `tier_gap` times behind the best. A hard
// edge would make totals jump when one lab crosses it.
double frontier_part(const State& state, std::size_t lab, double best) {
  constexpr double assumed_sharpness = 2;
  const double place = state.seen_capability[lab] * state.conduct().tier_gap / best;
  return 1 / (1 + std::pow(place, -assumed_sharpness));
}

// A segment as all of its users together see it.
struct SegmentMarket {
  double price = 0;       // relative to the start
  double tasks = 0;       // per second
  double elasticity = 0;  // of the tasks
};

// Users' choice is a cross-nested logit in logarithms of price (constant elasticity of
// substitution): first a tier of quality, then a lab of that tier. What stays the same while prices
// are sought is found once.
class Market {
 public:
  explicit Market(State& state)
      : state_{&state},
        replay_{state.replayed(Response::price)},
        frontier_(state.labs.size()),
        scarcity_pull_(state.labs.size(), 1.0),
        pull_(state.offers.size()),
        price_(state.offers.size()),
        share_(state.labs.size()),
        load_(state.labs.size()),
        bases_(state.segments.size()),
        seen_(state.segments.size()) {
    const Conduct& conduct = state.conduct();
    if (conduct.substitution_within > 0)
      nest_ = conduct.substitution_between / conduct.substitution_within;
    if (replay_ != nullptr) price_ = replay_->price;
    const double best =
        *std::max_element(state.seen_capability.begin(), state.seen_capability.end());
    set_pulls(best);
    for (std::size_t s = 0; s < bases_.size(); ++s) {
      const SegmentCurves& curves = state.segments[s];
      const Segment& facts = *curves.facts;
      bases_[s].tasks = facts.tasks_per_day / 86400 * curves.adoption(state.year) *
                        std::pow(best, facts.capability_response);
      bases_[s].budget = curves.budget(state.year) / seconds_per_year / curves.first_price;
    }
  }

  // Loads at the present scarcity of every lab; fills what is demanded of each.
  const std::vector<double>& loads() {
    State& state = *state_;
    const std::size_t segments = seen_.size();
    std::fill(load_.begin(), load_.end(), 0.0);
    for (std::size_t l = 0; replay_ == nullptr && l < load_.size(); ++l) {
      const double scarcity = state.labs[l].scarcity;
      scarcity_pull_[l] = std::pow(scarcity, -state.conduct().substitution_within);
      for (std::size_t s = 0; s < segments; ++s)
        price_[l * segments + s] = state.offer(l, s).price * scarcity;
    }
    for (std::size_t s = 0; s < segments; ++s) {
      choose(s);
      seen_[s] = demand_of(s);
      const double tokens = state.tokens_per_task(s);
      for (std::size_t l = 0; l < share_.size(); ++l) {
        Offer& offer = state.offer(l, s);
        offer.demanded = seen_[s].tasks * share_[l];
        if (offer.demanded > 0) load_[l] += offer.demanded * tokens / offer.capacity;
      }
    }
    return load_;
  }
  const std::vector<double>& prices() const { return price_; }
  const SegmentMarket& segment(std::size_t s) const { return seen_[s]; }

 private:
  // Tasks per second at the price of the start: asked for, and paid by the budget.
  struct Base {
    double tasks = 0, budget = 0;
  };

  // What draws users to an offer, its lab's scarcity aside.
  void set_pulls(double best) {
    const State& state = *state_;
    const Conduct& conduct = state.conduct();
    const std::size_t segments = seen_.size();
    std::size_t l = 0;
    for (const auto& [name, lab] : state.world().labs) {
      frontier_[l] = frontier_part(state, l, best);
      const double quality = std::pow(state.seen_capability[l] / best, conduct.quality_response);
      for (std::size_t i = l * segments; i < (l + 1) * segments; ++i) {
        const double p = replay_ != nullptr ? price_[i] : state.offers[i].price;
        pull_[i] = p > 0 ? lab.appeal * quality * std::pow(p, -conduct.substitution_within) : 0;
      }
      ++l;
    }
  }

  // Fills the shares of the labs in a segment.
  void choose(std::size_t segment) {
    std::array<double, 2> tier{};  // frontier, behind
    for (std::size_t l = 0; l < share_.size(); ++l) {
      share_[l] = pull_[l * seen_.size() + segment] * scarcity_pull_[l];
      tier[0] += frontier_[l] * share_[l];
      tier[1] += (1 - frontier_[l]) * share_[l];
    }
    std::array<double, 2> weight{};
    for (std::size_t i = 0; i < tier.size(); ++i)
      weight[i] = tier[i] > 0 ? std::pow(tier[i], nest_) / tier[i] : 0;
    const double all = weight[0] * tier[0] + weight[1] * tier[1];
    for (std::size_t l = 0; l < share_.size(); ++l)
      share_[l] *= (frontier_[l] * weight[0] + (1 - frontier_[l]) * weight[1]) / all;
  }

  SegmentMarket demand_of(std::size_t segment) const {
    double mean = 0;
    for (std::size_t l = 0; l < share_.size(); ++l)
      mean += share_[l] * price_[l * seen_.size() + segment];
    const DemandPoint at = state_->segments[segment].facts->demand.point(mean);
    const double tasks = bases_[segment].tasks * at.quantity;
    const double most = bases_[segment].budget / mean;
    return {mean, std::min(tasks, most), tasks > most ? 1 : at.elasticity};
  }

  State* state_;
  const TickDecisions* replay_;  // whose prices are taken; null: those that clear
  double nest_ = 1;
  std::vector<double> frontier_, scarcity_pull_;  // [lab]
  std::vector<double> pull_, price_;              // [lab * segments + segment]
  std::vector<double> share_, load_;              // [lab]
  std::vector<Base> bases_;                       // [segment]
  std::vector<SegmentMarket> seen_;               // [segment]
};

// -d ln load / d ln price of a lab, others as they are: its users go elsewhere, or ask for less.
double own_elasticity(State& state, std::size_t l, const Market& market) {
  const Conduct& conduct = state.conduct();
  double load = 0;
  double answer = 0;
  for (std::size_t s = 0; s < state.segments.size(); ++s) {
    const Offer& offer = state.offer(l, s);
    if (offer.demanded <= 0) continue;
    const double weight = offer.demanded * state.tokens_per_task(s) / offer.capacity;
    const SegmentMarket& seen = market.segment(s);
    const double share = offer.demanded / seen.tasks;
    load += weight;
    answer += weight * (conduct.substitution_within * (1 - share) + seen.elasticity * share);
  }
  return load > 0 ? std::max(answer / load, 0.02) : 1;
}

// Beyond it nobody asks prices; what does not fit then is not served.
constexpr double assumed_most_scarcity = 1e6;

// Where Newton's steps go round in circles: from no scarcity on, lab by lab, the price at which its
// own load fits. With gross substitutes prices only rise from sweep to sweep, up to the clearing
// point. Returns how far the worst load is off.
double sweep_scarcity(State& state, Market& market) {
  constexpr int most_sweeps = 400;
  constexpr int halvings = 50;
  const double most = state.conduct().max_load;
  const auto excess = [&](std::size_t l) {
    const double load = market.loads()[l];
    return load > 0 ? std::log(load / most) : -1;
  };
  for (LabState& lab : state.labs) lab.scarcity = 1;
  double gap = 0;
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    gap = 0;
    for (std::size_t l = 0; l < state.labs.size(); ++l) {
      LabState& lab = state.labs[l];
      const double here = excess(l);
      if (here <= 0 || lab.scarcity >= assumed_most_scarcity) continue;
      gap = std::max(gap, here);
      double low = std::log(lab.scarcity);
      double high = std::log(assumed_most_scarcity);
      for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        lab.scarcity = std::exp(middle);
        (excess(l) > 0 ? low : high) = middle;
      }
      lab.scarcity = std::exp(high);
    }
    if (gap < 1e-10) break;
  }
  return gap;
}

// Newton's steps in logarithms, lab by lab: scarcity rises until the load fits, and falls to 1
// where it fits anyway. Own prices lower own demand and raise that of others (gross substitutes),
// so there is one clearing point, and the one of the tick before is near it.
void find_scarcity(State& state, Market& market) {
  const double most = state.conduct().max_load;
  double damping = 1;
  double last_gap = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 500; ++round) {
    const std::vector<double>& load = market.loads();
    double gap = 0;
    for (std::size_t l = 0; l < load.size(); ++l) {
      LabState& lab = state.labs[l];
      const double excess = load[l] > 0 ? std::log(load[l] / most) : -1;
      const bool is_free = lab.scarcity <= 1 && excess <= 0;
      if (is_free || (lab.scarcity >= assumed_most_scarcity && excess > 0)) continue;
      gap = std::max(gap, std::abs(excess));
      const double step =
          std::clamp(damping * excess / own_elasticity(state, l, market), -2.0, 2.0);
      lab.scarcity = std::clamp(lab.scarcity * std::exp(step), 1.0, assumed_most_scarcity);
    }
    if (gap < 1e-10) return;
    // Nests bend what one lab's step does to the others.
    if (gap > 0.8 * last_gap) damping = std::max(0.2, damping * 0.8);
    last_gap = gap;
  }
  ensure(last_gap < 1e-6 || sweep_scarcity(state, market) < 1e-6, "a market clears");
}

void serve(State& state, const std::vector<double>& load) {
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    LabState& lab = state.labs[l];
    const double fits = load[l] > state.conduct().max_load ? state.conduct().max_load / load[l] : 1;
    lab.load = std::min(load[l], state.conduct().max_load);
    for (std::size_t s = 0; s < state.segments.size(); ++s) {
      Offer& offer = state.offer(l, s);
      offer.served = offer.demanded * fits;
    }
  }
}

}  // namespace

void clear_market(State& state) {
  Market market{state};
  std::vector<double> kept(state.labs.size());
  for (std::size_t l = 0; l < kept.size(); ++l)
    kept[l] = std::exchange(state.labs[l].scarcity, 1.0);
  const std::vector<double>& wanted = market.loads();
  for (std::size_t l = 0; l < kept.size(); ++l) {
    state.labs[l].wanted_load = wanted[l];
    state.labs[l].scarcity = kept[l];
  }
  if (state.replayed(Response::price) == nullptr) find_scarcity(state, market);
  serve(state, market.loads());
  state.seen_price = market.prices();
}

}  // namespace jevons::years
