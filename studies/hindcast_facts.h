#pragma once
// What is known of the build-out of AI compute: the stock by quarter, generations of chips and
// their prices, each with the date from which on it was public. A forecast is made from
// `known_at` alone, so that nothing from behind its origin can reach it.
//   Dates are years with fraction: the end of 2022 is 2023.0.
#include <filesystem>
#include <string>
#include <vector>

#include "models/economics/spread.h"

namespace jevons {

// All accelerators of the vendor sold since the series begins, at the end of a quarter.
struct StockQuarter {
  double end = 0;
  Spread h100e;      // H100 equivalents, INT8 TOPS
  double units = 0;  // accelerators
  double mw = 0;     // boards at their TDP
};

// One generation.
struct ChipOnSale {
  std::string chip;
  double announced = 0, planned = 0;  // first deliveries as planned when it was announced
  double h100e = 0, tdp_w = 0, die_mm2 = 0;
};

struct ChipPrice {
  std::string chip;
  double known_from = 0, usd = 0;
};

struct BuildOutFacts {
  std::vector<StockQuarter> stock;  // ordered by time
  std::vector<ChipOnSale> chips;    // ordered by planned deliveries
  std::vector<ChipPrice> prices;    // ordered by chip and time
};

// Reads nvidia_stock.csv (without rows marked incomplete), chips_on_sale.csv and chip_prices.csv.
// Throws ScenarioError.
BuildOutFacts read_build_out(const std::filesystem::path& folder);

// What was public at `origin`.
BuildOutFacts known_at(const BuildOutFacts& facts, double origin);

// Price known last at `date`; where none was known yet, the first one. Throws BrokenInvariant for a
// chip without any.
double price_at(const BuildOutFacts& facts, const std::string& chip, double date);

// A figure that is shown beside the model and not scored.
struct ShownFigure {
  std::string group, what, date, unit, how;
  double value = 0;
};
std::vector<ShownFigure> read_shown(const std::filesystem::path& folder);

// Electricity of all data centres of a region, TWh; `ours` names the scenario's region, "" all.
struct PublishedEnergy {
  std::string region, ours;
  double twh_2024 = 0, twh_2030 = 0;
};
std::vector<PublishedEnergy> read_published_energy(const std::filesystem::path& folder);

}  // namespace jevons
