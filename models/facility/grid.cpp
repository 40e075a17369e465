#include "models/facility/grid.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/ensure.h"

namespace jevons {

namespace {

constexpr double litres_per_gallon = 3.785411784;

// Gallons per MWh, in the order of Fuel. Oil: steam with towers; other: steam of biomass.
constexpr std::array<double, fuel_count> gallons_per_mwh{0, 1, 4491, 826, 205, 687, 672, 553};

double sum(const Mix& mix) {
  return std::accumulate(mix.begin(), mix.end(), 0.0);
}

double of(const Mix& mix, Fuel fuel) {
  return mix[static_cast<std::size_t>(fuel)];
}

double following(const Mix& mix) {
  return of(mix, Fuel::oil) + of(mix, Fuel::gas) + of(mix, Fuel::coal);
}

// Least squares through the origin.
struct Slope {
  double xy = 0, xx = 0;
  int count = 0;

  void add(double x, double y) {
    xy += x * y;
    xx += x * x;
    ++count;
  }
  double value() const { return xx > 0 ? xy / xx : 0; }
  // As if `weight` had been observed beside, with this slope.
  double towards(double slope, double weight) const {
    return (xy + slope * weight) / (xx + weight);
  }
};

constexpr std::array<int, 12> days_in_month{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
constexpr std::size_t blocks_per_day = 6;

// Month and four-hour block.
std::size_t block_of(std::size_t hour) {
  std::size_t day = hour / 24 % 365, month = 0;
  while (day >= static_cast<std::size_t>(days_in_month[month]))
    day -= static_cast<std::size_t>(days_in_month[month++]);
  return month * blocks_per_day + hour % 24 / (24 / blocks_per_day);
}

}  // namespace

void Grid::begin_at(std::int64_t hour) {
  for (Hourly* series :
       {&carbon_g_per_kwh, &marginal_g_per_kwh, &price_usd_per_kwh, &water_l_per_kwh})
    series->begin_at(hour);
}

void Weather::begin_at(std::int64_t hour) {
  dry_bulb_c.begin_at(hour);
  wet_bulb_c.begin_at(hour);
}

double wet_bulb_c(double t, double rh) {
  return t * std::atan(0.151977 * std::sqrt(rh + 8.313659)) + std::atan(t + rh) -
         std::atan(rh - 1.676331) + 0.00391838 * std::pow(rh, 1.5) * std::atan(0.023101 * rh) -
         4.686035;
}

double water_l_per_kwh(const Mix& mix) {
  double gallons = 0;
  for (std::size_t f = 0; f < fuel_count; ++f) gallons += gallons_per_mwh[f] * mix[f];
  const double generated = sum(mix);
  return generated > 0 ? gallons / generated * litres_per_gallon / 1000 : 0;
}

std::vector<double> marginal_g_per_kwh(std::span<const Mix> mix, std::span<const double> carbon) {
  ensure(mix.size() == carbon.size() && !mix.empty(), "each hour has a mix and an intensity");
  constexpr double prior_hours = 50;  // the whole series counts as much as so many hours of a block
  Slope all;
  std::array<Slope, 12 * blocks_per_day> blocks;
  for (std::size_t i = 1; i < mix.size(); ++i) {
    const double emitted = carbon[i] * sum(mix[i]) - carbon[i - 1] * sum(mix[i - 1]);
    const double generated = following(mix[i]) - following(mix[i - 1]);
    all.add(generated, emitted);
    blocks[block_of(i)].add(generated, emitted);
  }
  std::vector<double> marginal(mix.size(), 0.0);
  if (all.xx == 0) return marginal;  // nothing follows demand
  const double weight = prior_hours * all.xx / all.count;
  for (std::size_t i = 0; i < mix.size(); ++i)
    marginal[i] = std::max(0.0, blocks[block_of(i)].towards(all.value(), weight));
  return marginal;
}

}  // namespace jevons
