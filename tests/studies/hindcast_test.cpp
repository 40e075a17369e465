// The hindcast knows nothing from behind its origin, and its scores are what they say.
#include "studies/hindcast.h"

#include <cmath>
#include <fstream>

#include <doctest/doctest.h>

#include "scenarios/diagnostics.h"
#include "studies/hindcast_base.h"
#include "tests/support/temporary_path.h"

using namespace jevons;

namespace {

namespace fs = std::filesystem;

fs::path shipped() {
  return fs::path{JEVONS_SOURCE_DIR} / "calibration" / "economics";
}

const BuildOutFacts& facts() {
  static const BuildOutFacts all = read_build_out(shipped());
  return all;
}

// Chips that serve in proportion to their H100 equivalents.
RatesByChip plain_rates() {
  RatesByChip rates;
  for (const ChipOnSale& chip : facts().chips) {
    ServingRate serving{.tokens_per_s = 300 * chip.h100e};
    serving.watts.fill(0.5 * chip.tdp_w);
    rates[chip.chip] = {.serving = {serving}, .training = {.flop_per_s = 4e14, .watts = 500}};
  }
  return rates;
}

const StockQuarter& at(double end) {
  for (const StockQuarter& quarter : facts().stock)
    if (std::abs(quarter.end - end) < 1e-6) return quarter;
  FAIL("no such quarter");
  return facts().stock.front();
}

// Everything that became public after `origin`, changed.
BuildOutFacts with_another_future(double origin) {
  BuildOutFacts other = facts();
  for (StockQuarter& quarter : other.stock)
    if (quarter.end > origin + 1e-6) {
      quarter.h100e = {7 * quarter.h100e.p5, 8 * quarter.h100e.p50, 9 * quarter.h100e.p95};
      quarter.units *= 3;
      quarter.mw *= 5;
    }
  for (ChipPrice& price : other.prices)
    if (price.known_from > origin + 1e-6) price.usd /= 4;
  for (ChipOnSale& chip : other.chips)
    if (chip.announced > origin + 1e-6) chip.h100e *= 10;
  other.chips.push_back({"chip-to-come", origin + 0.1, origin + 0.2, 20, 1000, 800});
  other.prices.push_back({"chip-to-come", origin + 0.1, 100});
  return other;
}

HindcastReport small_hindcast(const BuildOutFacts& from) {
  return hindcast({from, plain_rates(), 20});
}

std::string refusal(const std::string& stock) {
  const fs::path folder = temporary_path("hindcast");
  fs::create_directories(folder);
  std::ofstream{folder / "nvidia_stock.csv"}
      << "vendor,end_date,h100e_p5,h100e_median,h100e_p95,units_median,power_mw_tdp_median,"
         "incomplete\n"
      << stock;
  std::string text;
  try {
    read_build_out(folder);
  } catch (const ScenarioError& error) {
    text = error.what();
  }
  fs::remove_all(folder);
  return text;
}

}  // namespace

TEST_CASE("the stock is what was published at year ends and ends with the last whole quarter") {
  CHECK(facts().stock.size() == 16);
  CHECK(facts().stock.back().end == doctest::Approx(2026));
  CHECK(at(2023).h100e.p50 == 289671);
  CHECK(at(2024).h100e.p50 == 1391249);
  CHECK(at(2025).h100e.p50 == 4724425);
  CHECK(at(2026).h100e.p50 == 13659258);
  CHECK(at(2023).mw == 345);
  CHECK(at(2024).mw == 1168);
  CHECK(at(2025).mw == 3675);
  CHECK(at(2026).mw == 8562);
}

TEST_CASE("at an origin nothing is known of what came later") {
  const BuildOutFacts known = known_at(facts(), 2024);
  CHECK(known.stock.back().end == doctest::Approx(2024));
  CHECK(known.chips.size() == 2);
  CHECK(price_at(known, "h100-sxm", 2030) == 34641);
  CHECK(known_at(facts(), 2023).stock.size() == 4);
}

TEST_CASE("another future changes no forecast") {
  for (const double origin : {2023.0, 2024.0, 2024.5, 2025.0}) {
    const HindcastPath path =
        hindcast_path(known_at(facts(), origin), origin, 2026, {}, plain_rates());
    RatesByChip rates = plain_rates();
    rates["chip-to-come"] = rates["h100-sxm"];
    const HindcastPath other =
        hindcast_path(known_at(with_another_future(origin), origin), origin, 2026, {}, rates);
    CHECK(path.h100e == other.h100e);
    CHECK(path.mw == other.mw);
  }
}

TEST_CASE("another future changes no range of a forecast and no naive one") {
  BuildOutFacts other = with_another_future(2025);
  other.chips.pop_back();
  other.prices.pop_back();
  const HindcastReport a = small_hindcast(facts());
  const HindcastReport b = small_hindcast(other);
  REQUIRE(a.cells.size() == b.cells.size());
  for (std::size_t i = 0; i < a.cells.size(); ++i) {
    if (a.cells[i].origin > 2025.01) continue;
    CHECK(a.cells[i].forecast == b.cells[i].forecast);
    CHECK(a.cells[i].naive == b.cells[i].naive);
    if (a.cells[i].date > 2025.01) CHECK(a.cells[i].actual != b.cells[i].actual);
  }
}

TEST_CASE("a forecast starts from the published stock and grows") {
  for (const double origin : {2023.0, 2024.0, 2025.0}) {
    const HindcastPath path =
        hindcast_path(known_at(facts(), origin), origin, 2026, {}, plain_rates());
    CHECK(path.h100e.front() == doctest::Approx(at(origin).h100e.p50));
    CHECK(path.mw.front() == doctest::Approx(at(origin).mw));
    for (std::size_t q = 1; q < path.h100e.size(); ++q) {
      CHECK(path.h100e[q] > path.h100e[q - 1]);
      CHECK(path.mw[q] > path.mw[q - 1]);
    }
  }
  HindcastInputs low;
  low.stock_deviation = -1;
  CHECK(hindcast_path(known_at(facts(), 2024), 2024, 2026, low, plain_rates()).h100e.front() ==
        doctest::Approx(at(2024).h100e.p5));
}

TEST_CASE("skill compares errors and naive extrapolation errs as it is known to") {
  CHECK(skill(0.1, 0.2) == doctest::Approx(0.5));
  CHECK(skill(-0.2, 0.1) == doctest::Approx(-1));
  CHECK(skill(0, 0.3) == 1);
  CHECK(skill(0.3, 0.3) == 0);
  const BuildOutFacts known = known_at(facts(), 2025);
  const auto error = [&](const BuildOutFacts& from, Naive naive) {
    return extrapolated(from, HindcastMetric::mw, 2026, naive) / at(2026).mw - 1;
  };
  CHECK(error(known, Naive::growth) == doctest::Approx(0.35).epsilon(0.01));
  CHECK(error(known, Naive::additions) == doctest::Approx(-0.17).epsilon(0.03));
  // Four equal quarters go on as they were.
  BuildOutFacts steady;
  for (int q = 1; q <= 5; ++q)
    steady.stock.push_back({2023 + q / 4.0, Spread::exactly(10.0 * q), 10.0 * q, 1.0 * q});
  CHECK(extrapolated(steady, HindcastMetric::h100e, 2025.25, Naive::additions) ==
        doctest::Approx(90));
  CHECK(extrapolated(steady, HindcastMetric::h100e, 2025.25, Naive::growing_additions) ==
        doctest::Approx(90));
  CHECK(extrapolated(steady, HindcastMetric::h100e, 2025.25, Naive::growth) ==
        doctest::Approx(250));
}

TEST_CASE("every quarter behind every origin is scored and the range holds the median") {
  const HindcastReport report = small_hindcast(facts());
  CHECK(report.cells.size() == 2 * 78);
  for (const HindcastCell& cell : report.cells) {
    CHECK(cell.date > cell.origin);
    CHECK(cell.forecast.p5 <= cell.forecast.p50);
    CHECK(cell.forecast.p50 <= cell.forecast.p95);
  }
  const HindcastReport again = small_hindcast(facts());
  CHECK(report.cells.back().forecast == again.cells.back().forecast);
}

TEST_CASE("years in which chips were scarce do not tell the price elasticity") {
  const HindcastReport report = small_hindcast(facts());
  const InputEffect& elasticity = report.effects.front();
  CHECK(elasticity.input->name == "price elasticity");
  CHECK_FALSE(elasticity.is_seen_somewhere());
  CHECK(elasticity.rms_move < 0.1 * report.unbound_elasticity.rms_move);
}

TEST_CASE("nameplate power is energy by its load factor and the agency's words give its servers") {
  const std::vector<NameplateEnergy> years = nameplate_energy(facts().stock);
  REQUIRE(years.size() == 4);
  CHECK(years.back().year == 2025);
  CHECK(years.back().mean_mw ==
        doctest::Approx((3675.0 / 2 + 4678 + 5722 + 6994 + 8562.0 / 2) / 4));
  CHECK(years.back().low_twh == doctest::Approx(years.back().mean_mw * 8766e-6 * load_band().low));
  const AcceleratedServers servers = accelerated_servers({"world", "", 415, 945});
  CHECK(servers.twh_2030 - servers.twh_2024 == doctest::Approx(0.5 * (945 - 415)));
  CHECK(servers.twh_2030 / servers.twh_2024 == doctest::Approx(std::pow(1.3, 6)));
}

TEST_CASE("a wrong table of the stock is refused in a sentence") {
  CHECK(refusal("Nvidia,2022-12-31,1,2,3,4,5,\n").find("expected a date such as 12/31/2022") !=
        std::string::npos);
  CHECK(refusal("Nvidia,12/31/2022,3,2,1,4,5,\n").find("5, 50 and 95 % in this order") !=
        std::string::npos);
  CHECK(refusal("Nvidia,12/31/2022,1,2,3,4,5,\nNvidia,9/30/2022,1,2,3,9,5,\n")
            .find("a later quarter with a larger stock") != std::string::npos);
}
