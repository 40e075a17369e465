#pragma once
// Catalogue entries about where a site stands: its power grid and its weather.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/facility/grid.h"
#include "scenarios/file_path.h"
#include "scenarios/workload_cards.h"

namespace jevons {

// Large customers in the US paid about that in 2022; no series of prices may be shipped.
inline constexpr auto assumed_energy_price = 0.07 * unit::usd / unit::kWh;

// The hourly table: see read_grid. Values given here stand over those of the tables.
struct GridCard {
  static constexpr std::string_view catalogue = "grids";
  std::string id, name;
  std::optional<FilePath> file;    // hours
  std::optional<FilePath> annual;  // a value a country
  std::string country;             // a row of it
  std::int64_t rows = 0;
  std::optional<Quantity<Dim{.J = -1, .gco2 = 1}>> carbon, marginal_carbon;
  Quantity<Dim{.J = -1, .usd = 1}> price = assumed_energy_price;
  double price_follows_load = 0;
  std::optional<FilePath> prices;
  std::optional<double> water_l_per_kwh;
  Origin origin;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range carbon_range{0 * unit::gCO2e / unit::kWh, 2000 * unit::gCO2e / unit::kWh};
    const Range price_range{-10 * unit::usd / unit::kWh, 10 * unit::usd / unit::kWh};
    field(required("name"), name, "as printed");
    field("file", file, "table of hours, relative to this file");
    field("annual", annual, "table of countries, relative to this file");
    field("country", country, "three letters, such as USA: the row of that table");
    field("rows", rows, Range{std::int64_t{0}, std::int64_t{1} << 40}, "how many the table holds");
    field("carbon", carbon, carbon_range, "mean intensity, the same at all hours");
    field("marginal_carbon", marginal_carbon, carbon_range,
          "of one more kWh, the same at all hours; nothing: from the table, else as the mean");
    field("price", price, price_range, "mean price of energy");
    field("price_follows_load", price_follows_load, Range{0.0, 3.0},
          "exponent with which the price follows what oil, gas and coal generate; 0: flat");
    field("prices", prices, "table of hourly prices: utc,price_usd_per_mwh");
    field("water_l_per_kwh", water_l_per_kwh, Range{0.0, 100.0},
          "litres that power stations consume; nothing: from the table, else 1.8");
    origin.fields(field);
  }
};

struct WeatherCard {
  static constexpr std::string_view catalogue = "weather";
  std::string id, name;
  std::optional<FilePath> file;
  std::int64_t rows = 0;
  double temp_c = 15, rh_pct = 60;  // where there is no table
  Origin origin;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "as printed");
    field("file", file, "table of hours, relative to this file: utc,temp_c,rh_pct");
    field("rows", rows, Range{std::int64_t{0}, std::int64_t{1} << 40}, "how many it holds");
    field("temp_c", temp_c, Range{-60.0, 60.0}, "air at all hours, where there is no table");
    field("rh_pct", rh_pct, Range{1.0, 100.0}, "its relative humidity");
    origin.fields(field);
  }
};

// Tables have a first column utc, such as 2022-01-01T00, each row one hour after the one before,
// and some of: carbon_g_per_kwh, marginal_g_per_kwh, price_usd_per_mwh, water_l_per_kwh, and by
// fuel wind_mwh ... other_mwh. Where there are fuels, marginal intensity and water follow from them
// if no column says them. 29 February is left out, so that years are alike. Simulated time begins
// in the hour `first_hour` of a year. Throws ScenarioError.
Grid read_grid(const GridCard& card, std::int64_t first_hour);
Weather read_weather(const WeatherCard& card, std::int64_t first_hour);

}  // namespace jevons
