#include "studies/hindcast_base.h"

#include <cmath>
#include <iterator>
#include <utility>

#include "sim/ensure.h"

namespace jevons {
namespace {

constexpr double hours_per_year = 8766;

// Mean power of 400 W boards in production: 168 and 191 W in two clusters, from
// calibration/power/gpu_power_cdf.csv (AcmeTrace).
constexpr double measured_load = 0.42;
constexpr double assumed_mid_load = 0.6, assumed_high_load = 0.8;
// Hosts and network add a fifth, cooling and conversion a quarter.
constexpr double assumed_facility_factor = 1.5;

// Of the agency's report of 2025.
constexpr double accelerated_growth = 1.3;       // per year; as the press reports it
constexpr double assumed_share_of_growth = 0.5;  // "almost half", from memory

double boards(const EnergyTotals& t) {
  return t.serving_twh + t.training_twh;
}

BaseYear year_of(const YearsSetup& setup, const YearsResult& run, int year,
                 const std::vector<PublishedEnergy>& published) {
  const auto at = static_cast<std::size_t>(std::lround(year - setup.world.start));
  ensure(at < run.years.size(), "the base case plays through the years that are compared");
  BaseYear result{run.years[at].total_twh(), boards(run.years[at]), {}};
  const auto& regions = setup.world.regions;
  for (const PublishedEnergy& p : published) {
    const auto found = regions.find(p.ours);
    double twh = p.ours.empty() ? result.twh : 0;
    if (found != regions.end())
      twh = run.regions[static_cast<std::size_t>(std::distance(regions.begin(), found))][at]
                .total_twh();
    result.by_region.push_back(twh);
  }
  return result;
}

// USD per token of all segments at the start of a year.
double token_price(const YearsSetup& setup, const YearsResult& run, int year) {
  const double ticks = (year - setup.world.start) * setup.world.ticks_per_year;
  const YearsTick& tick = run.ticks.at(static_cast<std::size_t>(std::lround(ticks)));
  double usd = 0;
  double tokens = 0;
  for (const SegmentTick& s : tick.segments) {
    usd += s.tasks_per_s * s.usd_per_task;
    tokens += s.tokens_per_s;
  }
  return usd / tokens;
}

}  // namespace

BaseCase base_case(const YearsSetup& setup, std::vector<PublishedEnergy> published) {
  const YearsResult run = simulate_years(setup);
  BaseCase base;
  base.in_2024 = year_of(setup, run, 2024, published);
  base.in_2030 = year_of(setup, run, 2030, published);
  const auto first = static_cast<std::size_t>(std::lround(2024 - setup.world.start));
  for (std::size_t y = 0; y < base.tokens_per_month.size(); ++y)
    base.tokens_per_month[y] = run.years[first + y].tokens / 12;
  base.price_fall = std::sqrt(token_price(setup, run, 2024) / token_price(setup, run, 2026));
  base.published = std::move(published);
  return base;
}

AcceleratedServers accelerated_servers(const PublishedEnergy& world) {
  const double growth = std::pow(accelerated_growth, 2030 - 2024);
  const double more = assumed_share_of_growth * (world.twh_2030 - world.twh_2024);
  const double first = more / (growth - 1);
  return {first, first * growth};
}

LoadBand load_band() {
  return {measured_load, assumed_mid_load, assumed_high_load, assumed_facility_factor};
}

std::vector<NameplateEnergy> nameplate_energy(const std::vector<StockQuarter>& stock) {
  const LoadBand band = load_band();
  std::vector<NameplateEnergy> years;
  for (std::size_t q = 3; q < stock.size(); ++q) {
    if (std::abs(stock[q].end - std::round(stock[q].end)) > 1e-6) continue;
    double mw = 0;
    for (std::size_t i = q - 3; i <= q; ++i)
      mw += (stock[i].mw + (i > 0 ? stock[i - 1].mw : 0)) / 2 / 4;
    const double twh = mw * hours_per_year * 1e-6;
    years.push_back({static_cast<int>(std::lround(stock[q].end)) - 1, mw, twh * band.low,
                     twh * band.mid, twh * band.high, twh * band.mid * band.facility});
  }
  return years;
}

}  // namespace jevons
