#include "studies/hindcast_world.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "sim/ensure.h"

namespace jevons {
namespace {

// Server, network and building over the price of the accelerator.
constexpr double assumed_all_in = 1.5;
constexpr double assumed_host_watts = 200;
constexpr double assumed_electricity = 0.08, assumed_pue = 1.25, assumed_carbon = 400;
// The series counts what was sold: nothing retires. The yearly charge is that of five years at 10
// %.
constexpr double years_without_retirement = 1e4;
constexpr double assumed_yearly_charge = 0.2638;
constexpr const char* use = "compute";

constexpr std::string_view assumed = "assumed";
constexpr std::string_view damping =
    "Hyndman and Athanasopoulos, Forecasting: Principles and Practice: 0.8 to 0.98";

const std::array inputs_of_hindcast{
    HindcastInput{"price elasticity",
                  &HindcastInputs::elasticity,
                  {0.5, 1.1, 1.8},
                  "NBER w34608: just above 1; range assumed"},
    HindcastInput{"damping of supply", &HindcastInputs::supply_damping, {0.8, 0.9, 0.98}, damping},
    HindcastInput{"damping of demand", &HindcastInputs::demand_damping, {0.8, 0.9, 0.98}, damping},
    HindcastInput{"growth window",
                  &HindcastInputs::growth_window,
                  {0, 0.5, 1},
                  "growth of the last year to growth of the last quarter"},
    HindcastInput{
        "stock at the origin", &HindcastInputs::stock_deviation, {-1, 0, 1}, "Epoch AI: 5 to 95 %"},
    HindcastInput{"excess demand", &HindcastInputs::excess_demand, {0.8, 1.2, 2}, assumed},
    HindcastInput{"ramp of a generation",
                  &HindcastInputs::ramp_years,
                  {0.8, 1.2, 1.8},
                  "H100 in 2023; range assumed"},
    HindcastInput{"lead time", &HindcastInputs::lead_years, {0.5, 0.75, 1}, assumed},
    HindcastInput{
        "adjustment of orders", &HindcastInputs::adjust_years, {0.5, 0.75, 1.25}, assumed},
    HindcastInput{"price trend", &HindcastInputs::price_trend, {0, 1, 2}, assumed},
    HindcastInput{"spending", &HindcastInputs::spending, {1, 1.5, 2.5}, assumed},
};

std::string key_of(double year) {
  return std::to_string(year);
}

// Of a quarter: accelerators sold by generation.
struct Sales {
  double end = 0;
  std::vector<double> units;  // [chip]
};

std::size_t newest_on_sale(const BuildOutFacts& known, double date) {
  std::size_t newest = 0;
  for (std::size_t c = 0; c < known.chips.size(); ++c)
    if (known.chips[c].planned <= date + 1e-6) newest = c;
  return newest;
}

// Accelerators and their H100 equivalents tell how two generations share a quarter's sales.
Sales sales_of(const BuildOutFacts& known, std::size_t quarter) {
  const StockQuarter& now = known.stock[quarter];
  const StockQuarter before = quarter > 0 ? known.stock[quarter - 1] : StockQuarter{};
  const double units = now.units - before.units;
  const double per_unit = (now.h100e.p50 - before.h100e.p50) / units;
  Sales sales{now.end, std::vector<double>(known.chips.size())};
  const std::size_t newest = newest_on_sale(known, now.end);
  const std::size_t older = newest > 0 ? newest - 1 : 0;
  const double low = known.chips[older].h100e;
  const double high = known.chips[newest].h100e;
  const double share = newest > older ? std::clamp((per_unit - low) / (high - low), 0.0, 1.0) : 1;
  sales.units[older] += units * (1 - share);
  sales.units[newest] += units * share;
  return sales;
}

// What the known facts say of the past, once for an origin.
class Past {
 public:
  Past(const BuildOutFacts& known, double origin, double window)
      : known_{&known}, origin_{origin}, window_{std::clamp(window, 0.0, 1.0)} {
    ensure(known.stock.size() >= 3, "an origin has two quarters before it");
    ensure(std::abs(known.stock.back().end - origin) < 1e-6, "an origin is the last quarter known");
    for (std::size_t q = 0; q < known.stock.size(); ++q) sales_.push_back(sales_of(known, q));
  }

  // Accelerators of each generation sold up to `quarter`.
  std::vector<double> fleet(std::size_t quarter) const {
    std::vector<double> gpus(known_->chips.size());
    for (std::size_t q = 0; q <= quarter; ++q)
      for (std::size_t c = 0; c < gpus.size(); ++c) gpus[c] += sales_[q].units[c];
    return gpus;
  }
  std::size_t last() const { return sales_.size() - 1; }

  double silicon(std::size_t quarter) const {  // mm2 of a quarter
    return sum(sales_[quarter].units, [](const ChipOnSale& chip) { return chip.die_mm2; });
  }
  double spent(std::size_t quarter) const {  // USD of a quarter, at prices known then
    const double date = sales_[quarter].end;
    return sum(sales_[quarter].units, [&](const ChipOnSale& chip) {
      return price_at(*known_, chip.chip, date) * assumed_all_in;
    });
  }
  // USD for one H100 equivalent of the fleet, at the prices of that date.
  double fleet_cost(std::size_t quarter) const {
    const double date = sales_[quarter].end;
    const std::vector<double> gpus = fleet(quarter);
    return sum(gpus, [&](const ChipOnSale& c) { return price_at(*known_, c.chip, date); }) /
           sum(gpus, [](const ChipOnSale& c) { return c.h100e; });
  }

  // ln of growth per quarter of something at the quarters.
  template <class Quantity>
  double growth(Quantity&& at) const {
    const std::size_t n = last();
    const std::size_t span = std::min<std::size_t>(4, n);
    const double quarter = std::log(at(n) / at(n - 1));
    const double year = std::log(at(n) / at(n - span)) / static_cast<double>(span);
    return window_ * quarter + (1 - window_) * year;
  }
  double stock(std::size_t quarter) const { return known_->stock[quarter].h100e.p50; }

  // The most silicon that was made in a quarter of the last year.
  double capacity() const {
    double most = 0;
    for (std::size_t q = last() - std::min<std::size_t>(3, last()); q <= last(); ++q)
      most = std::max(most, silicon(q));
    return most;
  }

  // ln of the last price change seen, per year; 0 where no price was seen twice.
  double price_change() const {
    for (std::size_t c = known_->chips.size(); c-- > 0;) {
      const ChipPrice* before = nullptr;
      const ChipPrice* now = nullptr;
      for (const ChipPrice& price : known_->prices) {
        if (price.chip != known_->chips[c].chip) continue;
        before = std::exchange(now, &price);
      }
      if (before != nullptr)
        return std::log(now->usd / before->usd) /
               std::max(1.0, now->known_from - before->known_from);
    }
    return 0;
  }

  // Share of silicon of the generations from `chip` on, after the origin.
  double share_from(std::size_t chip, double date, double ramp) const {
    const std::size_t now = newest_on_sale(*known_, origin_);
    if (chip == 0 || chip < now) return 1;
    const double begin = std::max(origin_, known_->chips[chip].planned);
    const double first = chip == now ? silicon_share(chip) : 0;
    const double end = std::max(known_->chips[chip].planned + ramp, begin + 0.25);
    return first + (1 - first) * std::clamp((date - begin) / (end - begin), 0.0, 1.0);
  }

 private:
  template <class Weight>
  double sum(const std::vector<double>& units, Weight&& weight) const {
    double all = 0;
    for (std::size_t c = 0; c < units.size(); ++c) all += units[c] * weight(known_->chips[c]);
    return all;
  }
  double silicon_share(std::size_t chip) const {
    return sales_.back().units[chip] * known_->chips[chip].die_mm2 / silicon(last());
  }

  const BuildOutFacts* known_;
  double origin_, window_;
  std::vector<Sales> sales_;
};

// Sum of phi^1 ... phi^h: over how many quarters a damped trend has carried on.
double damped_quarters(double phi, double quarters) {
  if (phi >= 1 - 1e-9) return quarters;
  return phi * (1 - std::pow(phi, quarters)) / (1 - phi);
}

// How a rate per quarter goes on: seen at the middle of the last quarter.
struct Course {
  double origin = 0, level = 0, growth = 0, damping = 1;  // growth: ln per quarter
  double per_year(double date) const {
    const double quarters = 4 * (date - origin) + 0.5;
    return 4 * level * std::exp(growth * damped_quarters(damping, quarters));
  }
};

double damping_of(double value) {
  return std::clamp(value, 0.01, 1.0);
}

// Builds the world piece by piece.
class Draft {
 public:
  Draft(const BuildOutFacts& known, double origin, const HindcastInputs& inputs)
      : known_{known}, in_{inputs}, origin_{origin}, past_{known, origin, inputs.growth_window} {}

  World world(double until, const RatesByChip& rates) {
    World world;
    world.start = origin_;
    world.end = origin_ + std::max(1.0, std::ceil(until - origin_ - 1e-9));
    world.regions["world"] = {.carbon_g_per_kwh = {{"2022", assumed_carbon}},
                              .marginal_carbon_g_per_kwh = {},
                              .electricity_usd_per_kwh = {{"2022", assumed_electricity}},
                              .pue = {{"2022", assumed_pue}},
                              .water_l_per_kwh = {},
                              .power_limit_mw = {},
                              .access_h100e_per_year = {},
                              .forbidden = {},
                              .export_tier = {},
                              .carbon_usd_per_t = {}};
    conduct(world.conduct);
    for (std::size_t c = 0; c < known_.chips.size(); ++c)
      world.chips.push_back(offer(c, world.end));
    world.labs["buyers"] = buyers(world.end);
    world.segments[use] = demand(world, rates);
    return world;
  }

 private:
  void conduct(Conduct& conduct) const {
    conduct.lead_years = in_.lead_years;
    conduct.adjust_years = in_.adjust_years;
    conduct.growth_at_start = std::exp(4 * std::max(0.0, stock_growth()));
    conduct.lifetime_years = years_without_retirement;
    conduct.interest = assumed_yearly_charge;
  }

  double stock_growth() const {
    return past_.growth([this](std::size_t q) { return past_.stock(q); });
  }
  double supply_growth() const {
    return std::max(0.0, past_.growth([this](std::size_t q) { return past_.silicon(q); }));
  }
  // Of silicon: what can be made, and what goes on being made.
  Course capacity() const {
    return {origin_, past_.capacity(), supply_growth(), damping_of(in_.supply_damping)};
  }
  Course deliveries() const {
    return {origin_, past_.silicon(past_.last()), supply_growth(), damping_of(in_.supply_damping)};
  }
  // Of all silicon at a date, accelerators of a generation per year.
  double gpus_per_year(const Course& course, std::size_t chip, double date) const {
    const bool is_last = chip + 1 == known_.chips.size();
    const double newer = is_last ? 0 : past_.share_from(chip + 1, date, in_.ramp_years);
    const double share = std::max(0.0, past_.share_from(chip, date, in_.ramp_years) - newer);
    return course.per_year(date) * share / known_.chips[chip].die_mm2;
  }

  ChipOffer offer(std::size_t c, double end) const {
    const ChipOnSale& chip = known_.chips[c];
    ChipOffer offer;
    offer.chip.id = chip.chip;
    offer.release = chip.planned;
    offer.h100e = chip.h100e;
    offer.host_watts = assumed_host_watts;
    const double price = price_at(known_, chip.chip, origin_) * assumed_all_in;
    const double trend = in_.price_trend * past_.price_change();
    const Course made = capacity();
    // An order of a tick arrives about its middle, a lead time later.
    const double later = in_.lead_years + 0.125;
    const int quarters = static_cast<int>(std::lround((end - origin_) * 4));
    for (int q = 0; q <= quarters; ++q) {
      const double date = origin_ + q / 4.0;
      offer.price_usd[key_of(date)] = price * std::exp(trend * (date - origin_));
      offer.supply_per_year[key_of(date)] =
          in_.supply_factor * stock_factor() * gpus_per_year(made, c, date + later);
    }
    return offer;
  }

  // Published stock over its median, as its error is drawn.
  double stock_factor() const {
    const Spread& h = known_.stock.back().h100e;
    const double side = in_.stock_deviation < 0 ? h.p50 / h.p5 : h.p95 / h.p50;
    return std::pow(side, in_.stock_deviation);
  }

  Lab buyers(double end) const {
    Lab lab;
    lab.region = "world";
    const std::vector<double> gpus = past_.fleet(past_.last());
    double h100e = 0;
    for (std::size_t c = 0; c < gpus.size(); ++c) h100e += gpus[c] * known_.chips[c].h100e;
    const double scale = stock_factor() * past_.stock(past_.last()) / h100e;
    for (std::size_t c = 0; c < gpus.size(); ++c) {
      lab.fleet[known_.chips[c].chip] = gpus[c] * scale;
      lab.on_order[known_.chips[c].chip] = stock_factor() * arriving(c);
    }
    money(lab, end);
    return lab;
  }
  // What was ordered before the origin goes on arriving as it did.
  double arriving(std::size_t chip) const {
    constexpr int parts = 32;
    const Course made = deliveries();
    double gpus = 0;
    for (int i = 0; i < parts; ++i)
      gpus += gpus_per_year(made, chip, origin_ + (i + 0.5) / parts * in_.lead_years);
    return gpus * in_.lead_years / parts;
  }
  void money(Lab& lab, double end) const {
    const double growth =
        std::max(0.0, past_.growth([this](std::size_t q) { return past_.spent(q); }));
    const Course spent{origin_, past_.spent(past_.last()) * in_.spending * stock_factor(), growth,
                       damping_of(in_.demand_damping)};
    const int quarters = static_cast<int>(std::lround((end - origin_) * 4));
    for (int q = 0; q <= quarters; ++q) {
      const double date = origin_ + q / 4.0;
      lab.investment_usd_per_year[key_of(date)] = spent.per_year(date);
    }
    lab.cash_usd = spent.per_year(origin_) * in_.lead_years;
  }

  // At an unchanged price tasks go on growing as the stock did, less what falling prices explain.
  Segment demand(const World& world, const RatesByChip& rates) const {
    Segment segment;
    segment.demand = {DemandForm::constant, in_.elasticity, 1000};
    double tokens = 0;
    for (const auto& [chip, gpus] : world.labs.at("buyers").fleet)
      tokens += gpus * rates.at(chip).serving.front().tokens_per_s;
    segment.tasks_per_day =
        in_.excess_demand * world.conduct.target_load * tokens * 86400 / segment.output_tokens;
    const double cheaper = past_.growth([this](std::size_t q) { return past_.fleet_cost(q); });
    const double growth = std::max(0.0, stock_growth() + in_.elasticity * cheaper);
    const int quarters = static_cast<int>(std::lround((world.end - origin_) * 4));
    for (int q = 0; q <= quarters; ++q)
      segment.adoption[key_of(origin_ + q / 4.0)] =
          std::exp(growth * damped_quarters(damping_of(in_.demand_damping), q));
    return segment;
  }

  const BuildOutFacts& known_;
  const HindcastInputs& in_;
  double origin_;
  Past past_;
};

}  // namespace

std::span<const HindcastInput> hindcast_inputs() {
  return inputs_of_hindcast;
}

YearsSetup hindcast_setup(const BuildOutFacts& known, double origin, double until,
                          const HindcastInputs& inputs, const RatesByChip& rates) {
  YearsSetup setup;
  setup.world = Draft{known, origin, inputs}.world(until, rates);
  for (const ChipOffer& offer : setup.world.chips) setup.rates.push_back(rates.at(offer.chip.id));
  return setup;
}

HindcastPath hindcast_path(const BuildOutFacts& known, double origin, double until,
                           const HindcastInputs& inputs, const RatesByChip& rates) {
  const YearsSetup setup = hindcast_setup(known, origin, until, inputs, rates);
  std::vector<TickDecisions> decisions;
  const YearsResult result =
      simulate_years(setup, {.has_innovations = false, .record = &decisions});
  const StockQuarter& last = known.stock.back();
  HindcastPath path;
  double h100e_at_origin = 0;
  std::vector<double> first;
  for (const TickDecisions& tick : decisions) {
    if (first.empty()) first = tick.fleet;
    double h100e = 0;
    double more_mw = 0;
    for (std::size_t c = 0; c < tick.fleet.size(); ++c) {
      h100e += tick.fleet[c] * known.chips[c].h100e;
      more_mw += (tick.fleet[c] - first[c]) * known.chips[c].tdp_w * 1e-6;
    }
    if (path.h100e.empty()) h100e_at_origin = h100e;
    path.h100e.push_back(h100e);
    path.mw.push_back(last.mw * h100e_at_origin / last.h100e.p50 + more_mw);
  }
  for (const YearsTick& tick : result.ticks) path.regimes.push_back(tick.labs.front().regime);
  return path;
}

}  // namespace jevons
