#include "scenarios/grid_cards.h"

#include <cmath>
#include <fstream>
#include <numeric>

#include <doctest/doctest.h>

#include "models/facility/power_flow.h"
#include "scenarios/catalogue.h"
#include "scenarios/hourly_table.h"
#include "tests/support/temporary_path.h"

namespace jevons {

namespace {

Catalogues shipped() {
  return catalogues_in({std::filesystem::path{JEVONS_SOURCE_DIR} / "scenarios/parts"});
}

double mean(const Hourly& series) {
  const auto& v = series.values();
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

class Table {
 public:
  explicit Table(const std::string& text) { std::ofstream{path_} << text; }
  GridCard grid() const {
    GridCard card;
    card.file = FilePath{path_.string(), path_};
    return card;
  }
  std::string refusal() const {
    try {
      read_grid(grid(), 0);
    } catch (const ScenarioError& error) {
      return std::string{error.what()}.substr(path_.string().size());
    }
    return "";
  }

 private:
  std::filesystem::path path_ = temporary_path("grid.csv");
};

}  // namespace

TEST_CASE("every shipped grid is a year of hours or a table of countries") {
  for (const GridCard& card : read_all<GridCard>(shipped())) {
    CAPTURE(card.id);
    const Grid grid = read_grid(card, 0);
    if (card.file) CHECK(grid.carbon_g_per_kwh.values().size() == hours_per_year);
    CHECK(mean(grid.carbon_g_per_kwh) > 20);
    CHECK(mean(grid.carbon_g_per_kwh) < 700);
    CHECK(mean(grid.price_usd_per_kwh) == doctest::Approx(0.07));
  }
}

TEST_CASE("marginal emissions of shipped grids are those of gas and coal") {
  for (const char* id : {"eia-erco-2022", "eia-pjm-2022", "eia-ciso-2022", "eia-bpat-2022"}) {
    CAPTURE(id);
    const Grid grid = read_grid(read_entry<GridCard>(shipped(), id), 0);
    for (const double g : grid.marginal_g_per_kwh.values()) {
      CHECK(g > 350);
      CHECK(g < 1000);
    }
  }
}

TEST_CASE("every shipped year of weather has 8760 hours and wet bulbs below its air") {
  for (const WeatherCard& card : read_all<WeatherCard>(shipped())) {
    CAPTURE(card.id);
    const Weather weather = read_weather(card, 0);
    REQUIRE(weather.dry_bulb_c.values().size() == hours_per_year);
    CHECK(mean(weather.wet_bulb_c) < mean(weather.dry_bulb_c));
  }
}

// Google: 1.09 over its fleet (arXiv:2508.15734); PaLM 1.08; OLMo 2 1.12 to 1.2 (arXiv:2501.00656).
TEST_CASE(
    "a year of a site has the PUE of present large sites and more where it is hot and humid") {
  const auto year = [](const char* id, const Cooling& cooling) {
    const Weather w = read_weather(read_entry<WeatherCard>(shipped(), id), 0);
    const PowerPlant plant{{}, cooling, 10 * unit::MW};
    double grid = 0, plug = 0;
    for (std::size_t h = 0; h < hours_per_year; ++h) {
      const PowerFlow f = plant.flow({.job = nanowatts(7 * unit::MW)},
                                     {w.dry_bulb_c.values()[h], w.wet_bulb_c.values()[h]});
      grid += static_cast<double>(f.grid), plug += static_cast<double>(f.plug);
    }
    return grid / plug;
  };
  const double germany = year("germany-2024", TowerCooling{});
  const double singapore = year("singapore-2024", TowerCooling{});
  CHECK(germany > 1.05);
  CHECK(germany < 1.12);
  CHECK(singapore > germany + 0.03);
  CHECK(singapore < 1.2);
  CHECK(year("singapore-2024", DryCooling{}) > singapore);
}

TEST_CASE("the annual mean is that of the country asked for") {
  GridCard card = read_entry<GridCard>(shipped(), "annual");
  CHECK(read_grid(card, 0).carbon_g_per_kwh.at(Instant{}) == doctest::Approx(369.5).epsilon(0.01));
  card.country = "CHN";
  CHECK(read_grid(card, 0).carbon_g_per_kwh.at(Instant{}) == doctest::Approx(582.3).epsilon(0.001));
  card.country = "chn";
  CHECK_THROWS_WITH_AS(
      read_grid(card, 0),
      doctest::Contains(
          R"(expected a country of this table, got "chn" (hint: did you mean "CHN"?))"),
      ScenarioError);
}

TEST_CASE("a run that begins in summer begins with the hours of summer") {
  const Table table{"utc,carbon_g_per_kwh\n2022-06-30T23,1\n2022-07-01T00,2\n2022-07-01T01,3\n"};
  const auto july = hour_of_year("2023-07-01");
  REQUIRE(july);
  CHECK(read_grid(table.grid(), *july).carbon_g_per_kwh.at(Instant{}) == 2);
}

TEST_CASE("hours of a year are counted without the leap day") {
  CHECK(hour_of_year("2022-03-01") == (31 + 28) * 24);
  CHECK(hour_of_year("2024-03-01") == (31 + 28) * 24);
  CHECK(hour_of_year("2024-12-31T23") == hours_per_year - 1);
  CHECK(!hour_of_year("2022-02-29"));
  CHECK(!hour_of_year("1 March"));
}

TEST_CASE("a leap day in a table is left out") {
  std::string text = "utc,carbon_g_per_kwh\n";
  for (int h = 0; h < 72; ++h) {
    const int day = 28 + h / 24, hour = h % 24;
    text += (day == 30 ? "2024-03-01T" : "2024-02-" + std::to_string(day) + "T") +
            (hour < 10 ? "0" : "") + std::to_string(hour) + "," + std::to_string(h) + "\n";
  }
  const Grid grid = read_grid(Table{text}.grid(), *hour_of_year("2024-02-28"));
  CHECK(grid.carbon_g_per_kwh.values().size() == 48);
  CHECK(grid.carbon_g_per_kwh.at(Instant{std::chrono::hours{24}}) == 48);
}

TEST_CASE("prices that follow load keep their mean and rise with what burns") {
  GridCard card = read_entry<GridCard>(shipped(), "eia-ciso-2022");
  card.price_follows_load = 1;
  const Grid grid = read_grid(card, 0);
  CHECK(mean(grid.price_usd_per_kwh) == doctest::Approx(0.07));
  CHECK(!grid.price_usd_per_kwh.is_constant());
}

TEST_CASE("broken tables of hours are refused with their line") {
  CHECK(Table{"time,carbon_g_per_kwh\n"}.refusal() ==
        R"(:1: expected a first column utc, got "time")");
  CHECK(Table{"utc,price_usd_per_mwh\n2022-01-01T00,1\n"}.refusal() ==
        ":1: expected a column carbon_g_per_kwh, got none");
  CHECK(
      Table{"utc,carbon_g_per_kwh\n2022-01-01T00,1\n2022-01-01T02,1\n"}.refusal() ==
      R"(:3: expected the hour after that of the row before, got "2022-01-01T02" (hint: rows are one hour apart, without gaps))");
  CHECK(Table{"utc,carbon_g_per_kwh\n2022-01-01T00,\n"}.refusal() ==
        R"(:2: expected carbon_g_per_kwh as a number from 0 to 2000, got "")");
  CHECK(Table{"utc,carbon_g_per_kwh\nsoon,4\n"}.refusal() ==
        R"(:2: expected an hour such as 2022-01-01T00, got "soon")");
  CHECK(Table{"utc,carbon_g_per_kwh\n2022-01-01T00,4,5\n"}.refusal() ==
        ":2: expected 2 columns, got 3");
  CHECK(Table{"utc,carbon_g_per_kwh\n"}.refusal() ==
        ":1: expected at least one row, got the end of the file");
}

}  // namespace jevons
