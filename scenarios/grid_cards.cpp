#include "scenarios/grid_cards.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "scenarios/diagnostics.h"
#include "scenarios/gzip.h"
#include "scenarios/hourly_table.h"
#include "scenarios/trace_row.h"

namespace jevons {

namespace {

// US mean of thermal and hydro power: Torcellini, Long, Judkoff 2003, NREL/TP-550-33905 gives 7.6;
// without reservoirs 1.8.
constexpr double default_water_l_per_kwh = 1.8;

constexpr double most_mwh = 1e7;
constexpr std::array grid_columns{
    HourlyColumn{"carbon_g_per_kwh", 0, 2000},    HourlyColumn{"marginal_g_per_kwh", 0, 2000},
    HourlyColumn{"price_usd_per_mwh", -1e4, 1e5}, HourlyColumn{"water_l_per_kwh", 0, 100},
    HourlyColumn{"wind_mwh", 0, most_mwh},        HourlyColumn{"solar_mwh", 0, most_mwh},
    HourlyColumn{"hydro_mwh", 0, most_mwh},       HourlyColumn{"oil_mwh", 0, most_mwh},
    HourlyColumn{"gas_mwh", 0, most_mwh},         HourlyColumn{"coal_mwh", 0, most_mwh},
    HourlyColumn{"nuclear_mwh", 0, most_mwh},     HourlyColumn{"other_mwh", 0, most_mwh},
};
constexpr std::size_t carbon = 0, marginal = 1, price = 2, water = 3, first_fuel = 4;

// So that the value of `first_hour` of the year comes first.
Hourly placed(std::vector<double> values, const HourlyTable& table, std::int64_t first_hour) {
  const auto n = static_cast<std::int64_t>(values.size());
  const std::int64_t offset = ((first_hour - table.first_hour) % n + n) % n;
  return Hourly{std::move(values), offset};
}

std::vector<Mix> mixes(const HourlyTable& table) {
  std::vector<Mix> mix(table.rows());
  for (std::size_t fuel = 0; fuel < fuel_count; ++fuel) {
    const auto& column = table.values[first_fuel + fuel];
    for (std::size_t i = 0; i < column.size(); ++i) mix[i][fuel] = column[i];
  }
  return mix;
}

bool has_fuels(const HourlyTable& table) {
  return std::any_of(table.values.begin() + first_fuel, table.values.end(),
                     [](const auto& column) { return !column.empty(); });
}

double following(const Mix& mix) {
  return mix[static_cast<std::size_t>(Fuel::oil)] + mix[static_cast<std::size_t>(Fuel::gas)] +
         mix[static_cast<std::size_t>(Fuel::coal)];
}

// Mean price x (what follows demand / its mean)^exponent, scaled so that the mean holds.
std::vector<double> following_prices(const std::vector<Mix>& mix, double mean, double exponent) {
  std::vector<double> prices(mix.size());
  std::transform(mix.begin(), mix.end(), prices.begin(),
                 [exponent](const Mix& m) { return std::pow(following(m), exponent); });
  const double sum = std::accumulate(prices.begin(), prices.end(), 0.0);
  for (double& p : prices) p = sum > 0 ? mean * p * static_cast<double>(prices.size()) / sum : mean;
  return prices;
}

void take_hours(const GridCard& card, std::int64_t first_hour, Grid& grid) {
  HourlyTable table = read_hourly(card.file->path.string(), "", grid_columns, 1);
  const auto place = [&](std::vector<double> values) {
    return placed(std::move(values), table, first_hour);
  };
  if (has_fuels(table)) {
    const std::vector<Mix> mix = mixes(table);
    grid.marginal_g_per_kwh = place(marginal_g_per_kwh(mix, table.values[carbon]));
    std::vector<double> litres(mix.size());
    std::transform(mix.begin(), mix.end(), litres.begin(), water_l_per_kwh);
    grid.water_l_per_kwh = place(std::move(litres));
    if (card.price_follows_load > 0)
      grid.price_usd_per_kwh = place(
          following_prices(mix, card.price.in(unit::usd / unit::kWh), card.price_follows_load));
  } else {
    grid.marginal_g_per_kwh = place(table.values[carbon]);
  }
  grid.carbon_g_per_kwh = place(table.values[carbon]);
  if (!table.values[marginal].empty()) grid.marginal_g_per_kwh = place(table.values[marginal]);
  if (!table.values[water].empty()) grid.water_l_per_kwh = place(table.values[water]);
  if (!table.values[price].empty()) {
    for (double& p : table.values[price]) p /= 1000;
    grid.price_usd_per_kwh = place(table.values[price]);
  }
}

// The value of one country; columns country,name,year,carbon_g_per_kwh.
double annual_carbon(const GridCard& card) {
  LineReader lines{card.annual->path.string()};
  std::string_view line;
  if (!lines.next(line) || line != "country,name,year,carbon_g_per_kwh")
    lines.refuse("the header country,name,year,carbon_g_per_kwh", excerpt(line));
  std::vector<std::string> known;
  while (lines.next(line)) {
    std::array<std::string_view, 4> cell;
    if (split(line, cell) != 4) lines.refuse("4 columns", excerpt(line));
    known.emplace_back(cell[0]);
    if (cell[0] != card.country) continue;
    double value = 0;
    const auto [end, error] =
        std::from_chars(cell[3].data(), cell[3].data() + cell[3].size(), value);
    if (error != std::errc{} || end != cell[3].data() + cell[3].size() || !(value >= 0))
      lines.refuse("carbon_g_per_kwh as a number from 0 on", excerpt(cell[3]));
    return value;
  }
  throw ScenarioError{Mistake{card.annual->path.string(), 0, "", "a country of this table",
                              excerpt(card.country),
                              did_you_mean(card.country, known, "countries")}};
}

}  // namespace

Grid read_grid(const GridCard& card, std::int64_t first_hour) {
  Grid grid;
  grid.name = card.name;
  grid.water_l_per_kwh = Hourly{default_water_l_per_kwh};
  grid.price_usd_per_kwh = Hourly{card.price.in(unit::usd / unit::kWh)};
  if (card.annual && !card.country.empty()) {
    grid.carbon_g_per_kwh = Hourly{annual_carbon(card)};
    grid.marginal_g_per_kwh = grid.carbon_g_per_kwh;
  }
  if (card.file) take_hours(card, first_hour, grid);
  const auto per_kwh = unit::gCO2e / unit::kWh;
  if (card.carbon) {
    grid.carbon_g_per_kwh = Hourly{card.carbon->in(per_kwh)};
    grid.marginal_g_per_kwh = grid.carbon_g_per_kwh;
  }
  if (card.marginal_carbon) grid.marginal_g_per_kwh = Hourly{card.marginal_carbon->in(per_kwh)};
  if (card.water_l_per_kwh) grid.water_l_per_kwh = Hourly{*card.water_l_per_kwh};
  if (card.prices) {
    constexpr std::array columns{HourlyColumn{"price_usd_per_mwh", -1e4, 1e5}};
    HourlyTable table = read_hourly(card.prices->path.string(), "", columns, 1);
    for (double& p : table.values[0]) p /= 1000;
    grid.price_usd_per_kwh = placed(table.values[0], table, first_hour);
  }
  return grid;
}

Weather read_weather(const WeatherCard& card, std::int64_t first_hour) {
  Weather weather;
  weather.name = card.name;
  weather.dry_bulb_c = Hourly{card.temp_c};
  weather.wet_bulb_c = Hourly{wet_bulb_c(card.temp_c, card.rh_pct)};
  if (!card.file) return weather;
  constexpr std::array columns{HourlyColumn{"temp_c", -60, 60}, HourlyColumn{"rh_pct", 0, 100}};
  const HourlyTable table = read_hourly(card.file->path.string(), "", columns, 2);
  std::vector<double> wet;
  for (std::size_t i = 0; i < table.values[0].size(); ++i)
    wet.push_back(wet_bulb_c(table.values[0][i], table.values[1][i]));
  weather.dry_bulb_c = placed(table.values[0], table, first_hour);
  weather.wet_bulb_c = placed(std::move(wet), table, first_hour);
  return weather;
}

}  // namespace jevons
