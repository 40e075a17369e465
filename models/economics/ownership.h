#pragma once
// What a GPU-hour costs its owner: equipment and building paid off over their lives with interest,
// power, staff, and what rules add to the price of the chip.
//
//   annuity of a price P over n years at interest r:  P r / (1 - (1 + r)^-n)      (P / n at r = 0)
//
// Everything is per GPU; an hour that nobody uses is paid for too, so a used hour costs the sum
// over the share of hours that are used.
#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

using EnergyPrice = Quantity<Dim{.J = -1, .usd = 1}>;
using PowerPrice = Quantity<Dim{.s = 1, .J = -1, .usd = 1}>;

// Money that is spent once and lasts for a while.
struct Asset {
  Money price;
  Time life = 5 * unit::year;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("price", price, Range{0 * unit::usd, 1e9 * unit::usd}, "of it, per GPU");
    field("life", life, Range{0.1 * unit::year, 100 * unit::year}, "until it is written off");
  }
};

// Defaults: see docs/assumptions.md, "cost of a GPU-hour".
struct OwnershipTerms {
  Asset chip{{}, 5 * unit::year};
  double fee = 0, tariff = 0, premium = 0;  // of the chip's price, on top
  Asset server{9000 * unit::usd, 5 * unit::year};
  Asset network{4000 * unit::usd, 5 * unit::year};
  PowerPrice building = PowerPrice::from_base(11);  // per watt of equipment at its peak
  Time building_life = 20 * unit::year;
  double interest = 0.08;         // a year
  double upkeep = 0.03;           // spares and repair a year, of chip, server and network
  Money staff = 400 * unit::usd;  // a year and GPU
  EnergyPrice electricity = 0.08 * unit::usd / unit::kWh;
  double pue = 1.2;
  Power peak;             // of a GPU with its share of the node: what the building is built for
  double used_share = 1;  // of the hours that are paid for

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range lives{0.1 * unit::year, 100 * unit::year};
    field("chip", chip, "one chip without fee, tariff and premium; absent price: the catalogue's");
    field("fee", fee, Range{0.0, 10.0}, "share of the chip's price, to its government");
    field("tariff", tariff, Range{0.0, 10.0}, "share of the chip's price");
    field("premium", premium, Range{-1.0, 100.0}, "share of the chip's price, to middlemen");
    field("server", server, "host, switches inside the node and assembly");
    field("network", network, "network interfaces, switches and cables");
    field("building", building, Range{PowerPrice::from_base(0), PowerPrice::from_base(1000)},
          "shell, power and cooling per watt of equipment");
    field("building_life", building_life, lives, "until the building is written off");
    field("interest", interest, Range{0.0, 1.0}, "a year, on everything that is paid off");
    field("upkeep", upkeep, Range{0.0, 1.0}, "spares and repair a year, of the equipment");
    field("staff", staff, Range{0 * unit::usd, 1e6 * unit::usd}, "a year and GPU");
    field("electricity", electricity, Range{0 * unit::usd / unit::kWh, 10 * unit::usd / unit::kWh},
          "price of energy");
    field("pue", pue, Range{1.0, 10.0}, "energy of the facility over that of its equipment");
    field("used_share", used_share, Range{0.001, 1.0}, "of the hours that are paid for");
  }
};

// Per used GPU-hour. Interest is that of each part.
struct OwnershipCost {
  Money chip, fee, tariff, premium, server, network, building, upkeep, staff, power;
  Money interest;  // of the sums above, a share and no further part

  Money capital() const { return chip + fee + tariff + premium + server + network + building; }
  Money total() const { return capital() + upkeep + staff + power; }
};

// Share of a price that is paid each year.
double annuity(double interest, Time life);

// `mean_power`: of a GPU with its share of the node while it is used; unused hours are free of it.
OwnershipCost cost_of_gpu_hour(const OwnershipTerms& terms, Power mean_power);

// What is spent before the first hour, per GPU.
Money capex_per_gpu(const OwnershipTerms& terms);

// Of a piece of work that takes so many GPU-hours; of a million tokens at a rate per GPU.
Money cost_of(const OwnershipCost& hour, double gpu_hours);
Money cost_per_million_tokens(const OwnershipCost& hour, double tokens_per_s_per_gpu);

}  // namespace jevons
