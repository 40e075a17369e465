#pragma once
// Inside of the years: the world with names turned into indices, and what changes over time.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "models/demand/years.h"
#include "sim/ensure.h"

namespace jevons::years {

inline constexpr double hours_per_year = 8766;
inline constexpr double seconds_per_year = hours_per_year * 3600;

struct RegionCurves {
  const Region* facts = nullptr;
  PathCurve carbon, marginal, price, pue, water, limit, access, carbon_price;
  double access_factor = 1;
  std::vector<bool> is_forbidden;  // [chip]
};

struct ChipCurves {
  PathCurve price, supply;
};

// GPUs of one lab and one chip, with the mean of what innovations did to those delivered.
struct Holding {
  double gpus = 0, joules = 1, dollars = 1;
  double joules_without = 1;  // of what nobody has announced yet alone
  void add(double more, double course, double joule_factor, double dollar_factor) {
    const double all = gpus + more;
    if (all <= 0) return;
    joules = (gpus * joules + more * course * joule_factor) / all;
    joules_without = (gpus * joules_without + more * course) / all;
    dollars = (gpus * dollars + more * dollar_factor) / all;
    gpus = all;
  }
};

struct Cohort {
  double retires = 0;
  std::size_t chip = 0;
  double gpus = 0;
};

struct LabState {
  std::size_t region = 0;
  PathCurve investment, training_budget, reinvestment;
  std::vector<Holding> fleet;        // [chip]
  std::vector<double> initial;       // [chip] of the start, not yet retired
  std::vector<double> initial_rate;  // [chip] GPUs per year that retire of it
  std::vector<double> pipeline;      // [chip] ordered, not delivered
  std::vector<Cohort> cohorts;
  double cash = 0;
  double inference_level = 1, training_level = 1;  // innovations of algorithms
  double new_joules = 1, new_dollars = 1;          // of chips delivered from now on
  double capability = 1, first_capability = 1;
  double run_flop = 0;  // effective, since the last release
  double load = 0, scarcity = 1;
  double wanted_load = 0;             // with no scarcity
  double trend = 0, quick_trend = 0;  // growth of wanted capacity per year, smoothed twice and once
  std::vector<double> wanted;         // ln of wanted capacity, by tick
  double serving_saving = 0;          // USD per year that innovations save in serving
  double training_share = 0, training_flop_per_s = 0, wanted_training = 0;  // GPUs
  double revenue = 0;                                                       // USD per year
};

// One lab and one segment at a tick.
struct Offer {
  double capacity = 0;      // output tokens per second of the whole serving fleet on this segment
  double cost = 0;          // USD per output token
  double cost_without = 0;  // had there been no innovation
  double energy_cost = 0, capital_cost = 0;
  double price = 0;     // per task, no scarcity, relative to the start
  double demanded = 0;  // tasks per second
  double served = 0;
};

struct SegmentCurves {
  const Segment* facts = nullptr;
  PathCurve length, length_limit, adoption, budget;
  double first_price = 0;       // USD per task at the start
  double first_token_cost = 0;  // USD per output token
  double last_token_price = 1;  // relative to the start, of the tick before
  double length_ratio = 1;      // tokens of a task relative to the start
  double length_response = 1;   // the part of it that answers to prices
};

struct State {
  const YearsSetup* setup = nullptr;
  std::vector<ChipRates> rates;  // of now, with the factors of the offers
  YearsRun run;
  double year = 0, dt = 0.25;
  std::size_t tick = 0;
  double inference_trend = 1, training_trend = 1;
  PathCurve inference_path, training_path, joules_path;
  std::vector<RegionCurves> regions;
  std::vector<ChipCurves> chips;
  std::vector<SegmentCurves> segments;
  std::vector<LabState> labs;
  std::vector<Offer> offers;            // [lab * segments + segment]
  std::vector<double> seen_price;       // the same: relative prices that users answer to
  std::vector<double> seen_capability;  // [lab]
  std::vector<double> orders;           // [lab * chips + chip] GPUs per year, of this tick
  std::vector<Regime> regimes;          // [lab]

  const World& world() const { return setup->world; }
  const Conduct& conduct() const { return setup->world.conduct; }
  Offer& offer(std::size_t lab, std::size_t segment) {
    return offers[lab * segments.size() + segment];
  }
  const ServingRate& rate(std::size_t chip, std::size_t segment) const {
    return rates[chip].serving[segment];
  }
  // Output tokens.
  double tokens_per_task(std::size_t segment) const {
    return segments[segment].facts->output_tokens * segments[segment].length_ratio;
  }
  bool is_released(Response r) const { return run.released[static_cast<std::size_t>(r)]; }
  // What arm A decided at this tick, where response `r` is replayed; else null.
  const TickDecisions* replayed(Response r) const {
    return is_released(r) || run.replay == nullptr ? nullptr : &(*run.replay)[tick];
  }
  // Yearly charge of one GPU of `chip` at today's price, USD.
  double annuity(std::size_t chip) const;
  double usd_per_kwh(const LabState& lab) const {  // at the meter, carbon included
    const RegionCurves& region = regions[lab.region];
    return region.price(year) + region.carbon_price(year) * region.carbon(year) * 1e-6;
  }
  double power_price(const LabState& lab) const {  // USD per joule of the GPU's board or host
    return usd_per_kwh(lab) * regions[lab.region].pue(year) / 3.6e6;
  }
};

State initial_state(const YearsSetup& setup, const YearsRun& run);
// `rates` with the factors of the offers on them.
std::vector<ChipRates> with_factors(const World& world, std::vector<ChipRates> rates);

// Training: how many GPUs a lab wants and gets, and what they compute. (training.cpp)
void plan_training(State& state);
// Unit costs and prices without scarcity. (costs.cpp)
void set_offers(State& state);
// Prices at which what is demanded can be served, and what is served. (market.cpp)
void clear_market(State& state);
// Orders of chips, GPUs per year, and what holds them down. (orders.cpp)
void set_orders(State& state);
// Powers, costs and the state of things at this instant. (flows.cpp)
YearsTick observe(State& state);

}  // namespace jevons::years
