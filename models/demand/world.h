#pragma once
// What the years start from and what is known or assumed about their course: regions, labs, demand,
// chips on offer, innovations, rules. Plain values; see docs/demand.md for equations and sources.
// Paths over years are numbers whose unit stands in their name.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/demand/demand_curve.h"
#include "models/demand/year_path.h"
#include "models/hardware/chip.h"
#include "models/llm/transformer.h"
#include "sim/fields.h"

namespace jevons {

// A grid, its prices, and which chips may be bought there.
struct Region {
  YearPath carbon_g_per_kwh, marginal_carbon_g_per_kwh;
  YearPath electricity_usd_per_kwh;
  YearPath pue;
  YearPath water_l_per_kwh;  // on site and of the grid, per kWh of the facility
  YearPath power_limit_mw;   // that AI may draw from the grid; absent: no limit
  // Chips that reach the region in a year through every channel, in H100 equivalents; absent: as
  // many as the world makes.
  YearPath access_h100e_per_year;
  std::vector<std::string> forbidden;  // chips that may not be bought, until a rule changes it
  std::string export_tier;             // for figures by tier
  YearPath carbon_usd_per_t;           // price on the average intensity, paid with electricity

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range positive{0.0, 1e12};
    field(required("carbon_g_per_kwh"), carbon_g_per_kwh, positive, "average, gCO2e/kWh");
    field("marginal_carbon_g_per_kwh", marginal_carbon_g_per_kwh, positive,
          "of one kWh more, gCO2e/kWh; absent: as the average");
    field(required("electricity_usd_per_kwh"), electricity_usd_per_kwh, Range{0.001, 10.0},
          "price that data centres pay, USD/kWh");
    field("pue", pue, Range{1.0, 3.0}, "facility energy over IT energy");
    field("water_l_per_kwh", water_l_per_kwh, positive, "litres per kWh, on site and of the grid");
    field("power_limit_mw", power_limit_mw, positive, "connections for AI, MW; absent: no limit");
    field("access_h100e_per_year", access_h100e_per_year, positive,
          "chips that reach the region in a year, H100 equivalents; absent: no limit");
    field("forbidden", forbidden, "chips that may not be bought at the start");
    field("export_tier", export_tier, "of regions treated alike by export rules; a name");
    field("carbon_usd_per_t", carbon_usd_per_t, Range{0.0, 10'000.0},
          "carbon price paid on the average intensity, USD/tCO2e");
  }
};

// An accelerator on offer: one generation of one vendor.
struct ChipOffer {
  ChipSpec chip;
  double release = 2022.0;   // first deliveries
  double h100e = 1;          // H100 equivalents, for access and for figures
  YearPath price_usd;        // per GPU with its share of server, network and building
  YearPath supply_per_year;  // GPUs
  double host_watts = 200;   // of the node per GPU: CPUs, NICs, switches, fans
  double embodied_kg = 150;
  // What the kernels say times these: for what they do not know.
  double speed = 1, joules = 1;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range positive{0.0, 1e12};
    field(required("chip"), chip, "accelerator");
    field(required("release"), release, Range{2000.0, 2100.0}, "year of first deliveries");
    field("h100e", h100e, Range{0.001, 10'000.0}, "H100 equivalents of one");
    field(required("price_usd"), price_usd, Range{1.0, 1e7},
          "USD per GPU with its share of server, network and building");
    field(required("supply_per_year"), supply_per_year, positive,
          "GPUs that can be made in a year");
    field("host_watts", host_watts, Range{0.0, 10'000.0}, "W of the node per GPU, always drawn");
    field("embodied_kg", embodied_kg, Range{0.0, 100'000.0}, "kgCO2e of manufacture");
    field("speed", speed, Range{0.01, 100.0}, "work per second relative to what kernels say");
    field("joules", joules, Range{0.01, 100.0}, "board energy per work relative to the same");
  }
};

struct Lab {
  std::string region;
  bool has_open_weights = false;
  double appeal = 1;  // weight in the choice of users at equal price and quality
  double cash_usd = 1e9;
  YearPath investment_usd_per_year;        // money from outside
  YearPath training_usd_per_year;          // budget for training and research runs
  YearPath reinvestment;                   // share of savings spent on training; absent: half
  std::map<std::string, double> fleet;     // chip -> GPUs at the start
  std::map<std::string, double> on_order;  // chip -> GPUs that arrive over the first lead time

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range positive{0.0, 1e15};
    field(required("region"), region, "where its fleet stands");
    field("has_open_weights", has_open_weights, "its models can be run by others");
    field("appeal", appeal, Range{1e-6, 1e6}, "weight in users' choice at equal price and quality");
    field("cash_usd", cash_usd, positive, "money at the start, USD");
    field("investment_usd_per_year", investment_usd_per_year, positive,
          "money from outside, USD/year");
    field("training_usd_per_year", training_usd_per_year, positive, "training budget, USD/year");
    field("reinvestment", reinvestment, Range{0.0, 1.0},
          "share of savings spent on training, absent: 0.5");
    field(required("fleet"), fleet, positive, "GPUs at the start by chip");
    field("on_order", on_order, positive, "GPUs, paid for, that arrive over the first lead time");
  }
};

// A kind of use. The unit of service is a task at a stated quality.
struct Segment {
  ModelCard model;  // what serves it at the start
  double tasks_per_day = 1e9;
  double input_tokens = 1000, output_tokens = 300;
  YearPath length_factor;      // tokens per task relative to the start: chain of thought, agents
  YearPath length_limit;       // cap on the same; absent: none
  double length_response = 0;  // answers grow by this power of a fall in price per token
  double length_ceiling = 30;  // at most so many times the tokens of the path
  DemandCurve demand;
  YearPath adoption;               // tasks relative to the start at equal price and quality
  double capability_response = 0;  // tasks grow by this power of effective training compute
  double size_response = 0;        // cost of a token grows by this power of the same
  YearPath budget_usd_per_year;    // the most that users spend; absent: no limit
  double max_tpot_ms = 50, max_ttft_ms = 3000;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range positive{0.0, 1e18};
    const Range response{0.0, 3.0};
    field(required("model"), model, "what serves it at the start");
    field(required("tasks_per_day"), tasks_per_day, Range{1.0, 1e15}, "tasks a day at the start");
    field(required("input_tokens"), input_tokens, Range{1.0, 1e6}, "prompt tokens of a task");
    field(required("output_tokens"), output_tokens, Range{1.0, 1e6}, "tokens generated for a task");
    field("length_factor", length_factor, Range{0.01, 1e4},
          "tokens per task relative to the start");
    field("length_limit", length_limit, Range{0.01, 1e6},
          "cap on tokens per task relative to the start");
    field("length_response", length_response, response,
          "tokens per task grow by this power of a fall in the price of a token");
    field("length_ceiling", length_ceiling, Range{1.0, 1e4}, "at most so many times the path");
    field("price_elasticity", demand.elasticity, Range{0.0, 5.0},
          "price elasticity of demand, as a positive number");
    field("demand_form", demand.form, "saturating, or constant elasticity without end");
    field("saturation", demand.saturation, Range{1.0, 1e9},
          "times the tasks if they cost nothing, adoption and capability aside");
    field("adoption", adoption, Range{1e-6, 1e6}, "tasks relative to the start at equal price");
    field("capability_response", capability_response, response,
          "tasks grow by this power of effective training compute");
    field("size_response", size_response, response,
          "cost of a token grows by this power of effective training compute");
    field("budget_usd_per_year", budget_usd_per_year, positive, "the most that is spent, USD/year");
    field("max_tpot_ms", max_tpot_ms, Range{1.0, 10'000.0}, "objective: time per output token");
    field("max_ttft_ms", max_ttft_ms, Range{1.0, 1e6}, "objective: time to first token");
  }
};

enum class Channel { algorithmic, chip_joules, chip_dollars };
template <>
inline constexpr std::array enum_names<Channel>{
    EnumName{Channel::algorithmic, "algorithmic"},
    EnumName{Channel::chip_joules, "chip_joules"},
    EnumName{Channel::chip_dollars, "chip_dollars"},
};

// What makes AI cheaper on a day: fewer FLOP per task, fewer joules per FLOP, or fewer dollars per
// chip. The last two concern every chip delivered from then on to labs that have it.
struct Innovation {
  double date = 2025.0;
  std::string lab;  // absent: all at once
  Channel channel = Channel::algorithmic;
  double inference = 1, training = 1;       // factors; training: algorithmic only
  double lag_open = 0.5, lag_closed = 1.5;  // years until rivals have it

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range factor{1.0, 1000.0};
    const Range lag{0.0, 100.0};
    field(required("date"), date, Range{2000.0, 2100.0}, "year with fraction");
    field("lab", lab, "who has it first; absent: everybody at once");
    field("channel", channel, "algorithmic, chip_joules or chip_dollars");
    field(required("inference"), inference, factor, "how many times better serving gets");
    field("training", training, factor, "the same of training; algorithmic only");
    field("lag_open", lag_open, lag, "years until rivals have it if its weights are open");
    field("lag_closed", lag_closed, lag, "the same if they are closed");
  }
};

// A change of what a region may buy.
struct RuleChange {
  double date = 2025.0;
  std::string region;
  std::vector<std::string> forbid, allow;
  double access_factor = 1;  // on access_h100e_per_year from then on

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("date"), date, Range{2000.0, 2100.0}, "year with fraction");
    field(required("region"), region, "who is concerned");
    field("forbid", forbid, "chips that may no longer be bought");
    field("allow", allow, "chips that may be bought again");
    field("access_factor", access_factor, Range{0.0, 1000.0}, "on what reaches the region a year");
  }
};

// How labs set prices, order chips and train. Numbers without a source; see docs/assumptions.md.
struct Conduct {
  double markup = 1.5;             // price over unit cost
  double pass_through = 0.9;       // share of an innovation's saving that reaches the price
  double other_cost_share = 0.3;   // staff, research, software: not energy, not chips
  double substitution_within = 3;  // between labs of like quality
  double substitution_between = 1.5;
  double quality_response = 0.5;  // choice of users: power of effective training compute
  double tier_gap = 10;           // so many times behind the best a lab is half frontier
  double target_load = 0.6;       // of a fleet, for orders and capital charges
  double max_load = 0.85;         // peaks of the day need the rest
  double adjust_years = 0.75;
  double lead_years = 0.75;
  double trend_years = 2;      // over which labs judge the growth of demand
  double growth_at_start = 1;  // per year, of the fleet they want
  double lifetime_years = 5;
  double interest = 0.1;
  double max_training_share = 0.6;  // of a fleet
  double release_years = 1;         // between models of a lab
  bool is_frictionless = false;     // fleets follow demand at once, without limits but power

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range share{0.01, 1.0};
    const Range years{0.05, 50.0};
    field("markup", markup, Range{0.1, 100.0}, "price over unit cost");
    field("pass_through", pass_through, Range{0.0, 1.0},
          "of an innovation's saving into the price");
    field("other_cost_share", other_cost_share, Range{0.0, 0.99},
          "of unit cost: not energy, not chips");
    field("substitution_within", substitution_within, Range{0.0, 20.0}, "between labs of a tier");
    field("substitution_between", substitution_between, Range{0.0, 20.0}, "between tiers");
    field("quality_response", quality_response, Range{0.0, 5.0},
          "of users' choice: power of effective training compute");
    field("tier_gap", tier_gap, Range{1.0, 1e6},
          "so many times behind the best a lab is half frontier");
    field("target_load", target_load, share, "load that labs order for");
    field("max_load", max_load, share, "mean load at which peaks just fit");
    field("adjust_years", adjust_years, years, "in which orders close a gap");
    field("lead_years", lead_years, years, "from order to delivery");
    field("trend_years", trend_years, years, "over which growth of demand is judged");
    field("growth_at_start", growth_at_start, Range{0.1, 10.0},
          "growth of wanted fleets that labs count on at the start, times per year");
    field("lifetime_years", lifetime_years, years, "of chips");
    field("interest", interest, Range{0.0, 1.0}, "on capital, per year");
    field("max_training_share", max_training_share, Range{0.0, 0.99}, "of a fleet");
    field("release_years", release_years, years, "between models of a lab");
    field("is_frictionless", is_frictionless,
          "fleets follow demand at once; only power limits them");
  }
};

struct World {
  std::map<std::string, Region> regions;
  std::map<std::string, Lab> labs;
  std::map<std::string, Segment> segments;
  std::vector<ChipOffer> chips;
  std::vector<Innovation> innovations;
  std::vector<RuleChange> rules;
  YearPath algorithms_inference, algorithms_training;  // levels without innovations; start: 1
  YearPath chip_joules;  // of a unit of work on chips delivered then, relative to the data sheet
  Conduct conduct;
  double start = 2024, end = 2034;
  int ticks_per_year = 4;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range level{1e-3, 1e9};
    field(required("regions"), regions, "grids, prices and access to chips");
    field(required("labs"), labs, "who serves and trains");
    field(required("segments"), segments, "what AI is used for");
    field(required("chips"), chips, "accelerators on offer");
    field("innovations", innovations, "what arms A and C differ in");
    field("rules", rules, "changes of what a region may buy");
    field("algorithms_inference", algorithms_inference, level,
          "FLOP saved per task at equal quality relative to the start, innovations aside");
    field("algorithms_training", algorithms_training, level, "the same of training");
    field("chip_joules", chip_joules, Range{1e-3, 10.0},
          "energy per work of chips delivered then, relative to their data sheet: generations that "
          "nobody has announced yet");
    field("conduct", conduct, "how prices are set and chips are ordered");
    field("start", start, Range{2000.0, 2100.0}, "first year");
    field("end", end, Range{2000.0, 2150.0}, "end of the last year");
    field("ticks_per_year", ticks_per_year, Range{1, 52}, "4: quarters");
  }
};

}  // namespace jevons
