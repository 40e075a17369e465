#include "models/demand/years.h"

#include <limits>
#include <utility>
#include <variant>

#include "models/demand/year_books.h"
#include "models/demand/years_state.h"
#include "sim/event_queue.h"
#include "sim/run.h"

namespace jevons {

namespace years {
namespace {

struct Tick {};
struct Delivery {
  std::size_t lab = 0, chip = 0;
  double gpus = 0;
};
struct Retirement {
  std::size_t lab = 0, chip = 0;
  double gpus = 0;
};
struct Release {  // of a model
  std::size_t lab = 0;
};
struct Adoption {
  std::size_t lab = 0, innovation = 0;
};
struct Change {
  std::size_t rule = 0;
};
struct Redeployment {};
using Event = std::variant<Change, Redeployment, Adoption, Retirement, Delivery, Release, Tick>;
// Events of one instant in the order of the variant: what is decided at a tick knows them all.
int phase_of(const Event& event) {
  return static_cast<int>(event.index());
}

class Engine {
 public:
  Engine(const YearsSetup& setup, const YearsRun& run)
      : state_{initial_state(setup, run)}, books_{state_} {
    const World& world = setup.world;
    const auto count = static_cast<std::size_t>(std::lround(world.end - world.start));
    ticks_ = count * static_cast<std::size_t>(world.ticks_per_year);
    schedule();
  }

  YearsResult run() {
    while (!queue_.empty()) {
      const Scheduled<Event> next = queue_.pop();
      state_.year = year_of(next.when);
      std::visit([this](const auto& event) { on(event); }, next.event);
      if (done_) break;
    }
    return std::move(books_).close(state_);
  }

 private:
  // A year on the clock is 365.25 days.
  Instant at(double year) const {
    return Instant{to_span((year - state_.world().start) * unit::year)};
  }
  double year_of(Instant when) const {
    return state_.world().start + since_start(when).in(unit::year);
  }
  void add(double year, const Event& event) {
    if (year < state_.world().start || year > state_.world().end + 1e-9) return;
    const int phase = phase_of(event);
    queue_.at(at(year), phase, event);
  }

  void schedule() {
    const World& world = state_.world();
    for (std::size_t i = 0; i <= ticks_; ++i)
      add(world.start + static_cast<double>(i) * state_.dt, Tick{});
    for (std::size_t r = 0; r < world.rules.size(); ++r) add(world.rules[r].date, Change{r});
    const double every = world.conduct.release_years;
    const auto releases = static_cast<int>(std::ceil((world.end - world.start) / every)) - 1;
    for (std::size_t l = 0; l < state_.labs.size(); ++l)
      for (int i = 1; i <= releases; ++i) add(world.start + i * every, Release{l});
    for (std::size_t l = 0; l < state_.labs.size(); ++l) schedule_deliveries(l);
    if (state_.run.has_innovations)
      for (std::size_t i = 0; i < world.innovations.size(); ++i) schedule_innovation(i);
    if (!state_.setup->later_rates.empty())
      add(std::max(state_.setup->later_from, world.start), Redeployment{});
  }

  // What was ordered before the start arrives evenly until orders of the start do.
  void schedule_deliveries(std::size_t l) {
    const double lead = state_.conduct().lead_years;
    const auto parts = static_cast<std::size_t>(std::ceil(lead / state_.dt));
    for (std::size_t c = 0; c < state_.chips.size(); ++c)
      for (std::size_t i = 0; i < parts && state_.labs[l].pipeline[c] > 0; ++i)
        add(state_.world().start +
                (static_cast<double>(i) + 0.5) * lead / static_cast<double>(parts),
            Delivery{l, c, state_.labs[l].pipeline[c] / static_cast<double>(parts)});
  }

  // Rivals follow if that response is released; in arm A there is nothing to follow.
  void schedule_innovation(std::size_t i) {
    const Innovation& innovation = state_.world().innovations[i];
    const auto& labs = state_.world().labs;
    const auto inventor = labs.find(innovation.lab);
    const bool is_everyones = inventor == labs.end();
    const bool is_open = is_everyones || inventor->second.has_open_weights;
    const double lag = is_open ? innovation.lag_open : innovation.lag_closed;
    std::size_t l = 0;
    for (const auto& [name, lab] : labs) {
      if (is_everyones || name == innovation.lab)
        add(std::max(innovation.date, state_.world().start), Adoption{l, i});
      else if (state_.is_released(Response::adoption))
        add(std::max(innovation.date + lag, state_.world().start), Adoption{l, i});
      ++l;
    }
  }

  void on(const Change& change) {
    const RuleChange& rule = state_.world().rules[change.rule];
    const auto& regions = state_.world().regions;
    RegionCurves& region = state_.regions[static_cast<std::size_t>(
        std::distance(regions.begin(), regions.find(rule.region)))];
    for (std::size_t c = 0; c < state_.chips.size(); ++c) {
      const std::string& chip = state_.world().chips[c].chip.id;
      const auto names = [&chip](const std::vector<std::string>& list) {
        return std::find(list.begin(), list.end(), chip) != list.end();
      };
      if (names(rule.forbid)) region.is_forbidden[c] = true;
      if (names(rule.allow)) region.is_forbidden[c] = false;
    }
    region.access_factor = rule.access_factor;
  }

  void on(const Redeployment&) {
    state_.rates = with_factors(state_.world(), state_.setup->later_rates);
  }

  void on(const Adoption& adoption) {
    const Innovation& innovation = state_.world().innovations[adoption.innovation];
    LabState& lab = state_.labs[adoption.lab];
    switch (innovation.channel) {
      case Channel::algorithmic:
        lab.inference_level *= innovation.inference;
        lab.training_level *= innovation.training;
        break;
      case Channel::chip_joules:
        lab.new_joules /= innovation.inference;
        break;
      case Channel::chip_dollars:
        lab.new_dollars /= innovation.inference;
        break;
    }
  }

  void on(const Delivery& delivery) {
    LabState& lab = state_.labs[delivery.lab];
    lab.fleet[delivery.chip].add(delivery.gpus, state_.joules_path(state_.year), lab.new_joules,
                                 lab.new_dollars);
    lab.pipeline[delivery.chip] -= delivery.gpus;
    const double retires = state_.year + state_.conduct().lifetime_years;
    lab.cohorts.push_back({retires, delivery.chip, delivery.gpus});
    add(retires, Retirement{delivery.lab, delivery.chip, delivery.gpus});
    books_.deliver(state_, lab.region,
                   delivery.gpus * state_.world().chips[delivery.chip].embodied_kg);
  }

  void on(const Retirement& retirement) {
    LabState& lab = state_.labs[retirement.lab];
    double& gpus = lab.fleet[retirement.chip].gpus;
    gpus = std::max(0.0, gpus - retirement.gpus);
    lab.cohorts.erase(lab.cohorts.begin());
  }

  // A model counts by the effective compute of its run; one that is worse than the last is not
  // released.
  void on(const Release& release) {
    LabState& lab = state_.labs[release.lab];
    const double run = std::exchange(lab.run_flop, 0.0);
    const double reference = first_flop_ * state_.conduct().release_years * seconds_per_year;
    if (reference > 0) lab.capability = std::max(lab.capability, run / reference);
  }

  void on(const Tick&) {
    set_levels();
    if (state_.conduct().is_frictionless) fit_fleets();
    plan_training(state_);
    set_offers(state_);
    clear_market(state_);
    set_orders(state_);
    account();
    decide_lengths_next();
    place_orders();
    done_ = state_.tick++ == ticks_;
  }

  void set_levels() {
    state_.inference_trend = state_.inference_path(state_.year);
    state_.training_trend = state_.training_path(state_.year);
    const TickDecisions* length = state_.replayed(Response::length);
    for (std::size_t s = 0; s < state_.segments.size(); ++s) {
      SegmentCurves& segment = state_.segments[s];
      if (length != nullptr) segment.length_response = length->length[s];
      segment.length_ratio = std::min(segment.length(state_.year) * segment.length_response,
                                      segment.length_limit(state_.year));
    }
    const TickDecisions* capability = state_.replayed(Response::capability);
    for (std::size_t l = 0; l < state_.labs.size(); ++l) {
      LabState& lab = state_.labs[l];
      state_.seen_capability[l] =
          capability != nullptr ? capability->capability[l] : lab.capability;
      if (state_.tick == 0) continue;
      for (std::size_t c = 0; c < lab.initial.size(); ++c) {
        const double gone = std::min(lab.initial[c], lab.initial_rate[c] * state_.dt);
        lab.initial[c] -= gone;
        lab.fleet[c].gpus = std::max(0.0, lab.fleet[c].gpus - gone);
      }
    }
  }

  // Fleets of the size that demand asks for at the planned load, of the same chips, with what
  // innovations make of them; less where connections end.
  void fit_fleets() {
    const TickDecisions* replay = state_.replayed(Response::build_out);
    for (std::size_t l = 0; l < state_.labs.size(); ++l) {
      LabState& lab = state_.labs[l];
      for (std::size_t c = 0; c < lab.fleet.size(); ++c) {
        lab.initial_rate[c] = 0;
        lab.fleet[c].joules = lab.new_joules;
        lab.fleet[c].dollars = lab.new_dollars;
        if (replay != nullptr) lab.fleet[c].gpus = replay->fleet[l * lab.fleet.size() + c];
      }
    }
    if (replay != nullptr) return;
    plan_training(state_);
    set_offers(state_);
    clear_market(state_);
    for (LabState& lab : state_.labs) {
      const double scale = lab.wanted_load / state_.conduct().target_load;
      for (Holding& held : lab.fleet) held.gpus *= scale;
    }
    for (std::size_t r = 0; r < state_.regions.size(); ++r) fit_connections(r);
  }

  void fit_connections(std::size_t r) {
    const RegionCurves& region = state_.regions[r];
    double watts = 0;
    for (const LabState& lab : state_.labs)
      for (std::size_t c = 0; lab.region == r && c < lab.fleet.size(); ++c)
        watts += lab.fleet[c].gpus * lab.fleet[c].joules * region.pue(state_.year) *
                 (state_.rate(c, 0).watts_at(state_.conduct().max_load) +
                  state_.world().chips[c].host_watts);
    const double limit = region.limit(state_.year) * 1e6;
    if (watts <= limit) return;
    for (LabState& lab : state_.labs)
      for (Holding& held : lab.fleet)
        if (lab.region == r) held.gpus *= limit / watts;
  }

  void account() {
    YearsTick now = observe(state_);
    if (state_.tick == 0) {
      for (const LabState& lab : state_.labs)
        first_flop_ = std::max(first_flop_, lab.training_flop_per_s);
    } else {
      train(now);
    }
    books_.settle(state_, now);
    record();
    last_ = std::move(now);
  }

  void train(const YearsTick& now) {
    for (std::size_t l = 0; l < state_.labs.size(); ++l)
      state_.labs[l].run_flop +=
          (last_.labs[l].training_flop_per_s + now.labs[l].training_flop_per_s) / 2 * state_.dt *
          seconds_per_year;
  }

  void record() {
    if (state_.run.record == nullptr) return;
    TickDecisions d;
    d.price = state_.seen_price;
    for (const SegmentCurves& segment : state_.segments)
      d.length.push_back(segment.length_response);
    d.capability = state_.seen_capability;
    for (const LabState& lab : state_.labs) {
      d.training.push_back(lab.training_flop_per_s);
      for (const Holding& held : lab.fleet) d.fleet.push_back(held.gpus);
    }
    d.orders = state_.orders;
    state_.run.record->push_back(std::move(d));
  }

  // Answers get longer as a token gets cheaper; what was paid at a tick shows at the next.
  void decide_lengths_next() {
    for (std::size_t s = 0; s < state_.segments.size(); ++s) {
      SegmentCurves& segment = state_.segments[s];
      const double price = last_.segments[s].usd_per_million_tokens * 1e-6;
      const double first = segment.first_token_cost * state_.conduct().markup;
      if (price <= 0 || first <= 0) continue;
      segment.length_response =
          std::clamp(std::pow(price / first, -segment.facts->length_response),
                     1 / segment.facts->length_ceiling, segment.facts->length_ceiling);
    }
  }

  // Orders of the tick that begins arrive about its middle, a lead time later.
  void place_orders() {
    if (state_.tick == ticks_) return;
    std::size_t i = 0;
    for (std::size_t l = 0; l < state_.labs.size(); ++l) {
      LabState& lab = state_.labs[l];
      double spent = 0;
      for (std::size_t c = 0; c < state_.chips.size(); ++c, ++i) {
        const double gpus = state_.conduct().is_frictionless ? 0 : state_.orders[i] * state_.dt;
        if (gpus <= 0) continue;
        spent += gpus * state_.chips[c].price(state_.year) * lab.new_dollars;
        lab.pipeline[c] += gpus;
        add(state_.year + state_.conduct().lead_years + state_.dt / 2, Delivery{l, c, gpus});
      }
      books_.pay(state_, l, last_.labs[l].fleet_mw, spent);
    }
  }

  State state_;
  EventQueue<Event> queue_;
  Books books_;
  YearsTick last_;
  std::size_t ticks_ = 0;
  double first_flop_ = 0;
  bool done_ = false;
};

}  // namespace
}  // namespace years

YearsResult simulate_years(const YearsSetup& setup, const YearsRun& run) {
  return years::Engine{setup, run}.run();
}

}  // namespace jevons
