#pragma once
// The years: labs serve demand with their fleets, set prices, train, order chips; quarter by
// quarter, with deliveries, model releases, innovations and rule changes as events between. See
// docs/demand.md for the equations.
//
// A run can record its decisions and another can replay some of them: that is how a rebound is
// split into its causes (rebound.h).
#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>
#include <vector>

#include "models/demand/micro_rates.h"
#include "models/demand/world.h"

namespace jevons {

// Ways in which people answer to an innovation.
enum class Response { price, length, capability, reinvestment, adoption, build_out };
inline constexpr std::size_t response_count = 6;
template <>
inline constexpr std::array enum_names<Response>{
    EnumName{Response::price, "price response"},
    EnumName{Response::length, "longer answers"},
    EnumName{Response::capability, "capability-led demand"},
    EnumName{Response::reinvestment, "training reinvestment"},
    EnumName{Response::adoption, "rivals' adoption"},
    EnumName{Response::build_out, "build-out"},
};
using Responses = std::bitset<response_count>;  // by value of Response

// What holds a lab's fleet down, or nothing but demand.
enum class Regime { demand, chips, money, power };
template <>
inline constexpr std::array enum_names<Regime>{
    EnumName{Regime::demand, "demand"},
    EnumName{Regime::chips, "chips"},
    EnumName{Regime::money, "money"},
    EnumName{Regime::power, "power"},
};

struct YearsSetup {
  World world;
  std::vector<ChipRates> rates;  // [chip of world.chips], serving by segment in the order of names
  // Another way to run the same chips from a date on; empty: none.
  double later_from = 0;
  std::vector<ChipRates> later_rates;
};

// Mean powers of facilities in MW over a tick, and what they cost the climate.
struct EnergyFlows {
  double serving_mw = 0, training_mw = 0, host_mw = 0, cooling_mw = 0;
  double carbon_t_per_h = 0, marginal_carbon_t_per_h = 0, water_m3_per_h = 0;
  double total_mw() const { return serving_mw + training_mw + host_mw + cooling_mw; }
};

struct SegmentTick {
  double tasks_per_s = 0, unserved_per_s = 0, tokens_per_s = 0;
  double usd_per_task = 0, usd_per_million_tokens = 0;
  double joules_per_token = 0;  // of the facility
};

struct LabTick {
  double load = 0, scarcity = 1;  // price over what it would be without scarcity
  double training_share = 0, training_flop_per_s = 0;  // effective: algorithms included
  double capability = 1;  // effective compute of its best model relative to the best at the start
  double fleet_h100e = 0, fleet_mw = 0, cash_usd = 0, revenue_usd_per_year = 0;
  double orders_h100e_per_year = 0;
  double capacity_tokens_per_s = 0;  // of its serving fleet, on what it serves now
  Regime regime = Regime::demand;
};

// The state at an instant; flows are those of that instant.
struct YearsTick {
  double year = 0;
  std::vector<EnergyFlows> regions;
  std::vector<SegmentTick> segments;
  std::vector<LabTick> labs;
  std::vector<double> boards_mw;  // [chip], serving and training
};

// What was decided at a tick, lab by lab.
struct TickDecisions {
  std::vector<double> price;       // [lab * segments + segment] relative to the start
  std::vector<double> length;      // [segment] relative to the path
  std::vector<double> capability;  // [lab]
  std::vector<double> training;    // [lab] effective FLOP/s
  std::vector<double> orders;      // [lab * chips + chip] GPUs per year
  std::vector<double> fleet;       // [lab * chips + chip] GPUs, frictionless runs
};

// Money of all labs over the run, USD: start + in = out + end.
struct MoneyBook {
  double start = 0, revenue = 0, investment = 0;
  double electricity = 0, chips = 0, other = 0, end = 0;
};

// Totals of a year or of a run.
struct EnergyTotals {
  double serving_twh = 0, training_twh = 0, host_twh = 0, cooling_twh = 0;
  double carbon_mt = 0, marginal_carbon_mt = 0, water_gl = 0, embodied_mt = 0;
  double tasks = 0, tokens = 0;
  double total_twh() const { return serving_twh + training_twh + host_twh + cooling_twh; }
};

EnergyTotals& operator+=(EnergyTotals& a, const EnergyTotals& b);

// Unit cost of a task at the start, averaged over labs: shares of energy and capital.
struct CostShares {
  double energy = 0, capital = 0;
};

struct YearsResult {
  std::vector<YearsTick> ticks;
  std::vector<EnergyTotals> years;                 // [year since the start]
  std::vector<std::vector<EnergyTotals>> regions;  // [region][year]
  EnergyTotals total;
  MoneyBook money;
  std::vector<CostShares> cost_shares;  // [segment]
  std::vector<double> boards_twh;       // [chip], of the whole run, hosts and cooling aside
};

struct YearsRun {
  bool has_innovations = true;
  Responses released = Responses{}.set();  // the others are replayed
  const std::vector<TickDecisions>* replay = nullptr;
  std::vector<TickDecisions>* record = nullptr;
  bool keep_ticks = true;
};

// Throws BrokenInvariant where a law of conservation fails. `world` obeys years_laws.
YearsResult simulate_years(const YearsSetup& setup, const YearsRun& run = {});

}  // namespace jevons
