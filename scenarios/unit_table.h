#pragma once
// The units a text may name, and for each dimension in use its name, an example and the units in
// which it is printed. Decimal prefixes are decimal; KiB, MiB, GiB, TiB are the binary ones.
#include <array>
#include <string_view>

#include "sim/quantity.h"

namespace jevons {

struct UnitName {
  std::string_view name;
  Dim dim;
  double base;  // one of it in base units
};

template <Dim D>
constexpr UnitName named(std::string_view name, Quantity<D> one) {
  return {name, D, one.base()};
}

inline constexpr std::array unit_names{
    named("ns", unit::ns),
    named("us", unit::us),
    named("ms", unit::ms),
    named("s", unit::s),
    named("min", unit::min),
    named("h", unit::h),
    named("day", unit::day),
    named("week", 7 * unit::day),
    named("year", unit::year),
    named("pJ", 1e-12 * unit::J),
    named("nJ", 1e-9 * unit::J),
    named("uJ", 1e-6 * unit::J),
    named("mJ", unit::mJ),
    named("J", unit::J),
    named("kJ", unit::kJ),
    named("MJ", unit::MJ),
    named("GJ", 1e9 * unit::J),
    named("Wh", unit::Wh),
    named("kWh", unit::kWh),
    named("MWh", unit::MWh),
    named("GWh", unit::GWh),
    named("TWh", unit::TWh),
    named("mW", 1e-3 * unit::W),
    named("W", unit::W),
    named("kW", unit::kW),
    named("MW", unit::MW),
    named("GW", unit::GW),
    named("TW", 1e12 * unit::W),
    named("FLOP", unit::flop),
    named("MFLOP", 1e6 * unit::flop),
    named("GFLOP", unit::GFLOP),
    named("TFLOP", unit::TFLOP),
    named("PFLOP", 1e15 * unit::flop),
    named("EFLOP", 1e18 * unit::flop),
    named("ZFLOP", 1e21 * unit::flop),
    named("YFLOP", 1e24 * unit::flop),
    named("B", unit::B),
    named("kB", unit::kB),
    named("MB", unit::MB),
    named("GB", unit::GB),
    named("TB", unit::TB),
    named("PB", 1e15 * unit::B),
    named("EB", 1e18 * unit::B),
    named("KiB", unit::KiB),
    named("MiB", unit::MiB),
    named("GiB", unit::GiB),
    named("TiB", 1024 * unit::GiB),
    named("bit", 0.125 * unit::B),
    named("kbit", 125 * unit::B),
    named("Mbit", 125 * unit::kB),
    named("Gbit", 125 * unit::MB),
    named("Tbit", 125 * unit::GB),
    named("tok", unit::tok),
    named("ktok", 1e3 * unit::tok),
    named("Mtok", 1e6 * unit::tok),
    named("Gtok", 1e9 * unit::tok),
    named("Ttok", 1e12 * unit::tok),
    named("USD", unit::usd),
    named("kUSD", 1e3 * unit::usd),
    named("MUSD", 1e6 * unit::usd),
    named("GUSD", 1e9 * unit::usd),
    named("gCO2e", unit::gCO2e),
    named("kgCO2e", unit::kgCO2e),
    named("tCO2e", unit::tCO2e),
    named("ktCO2e", 1e9 * unit::gCO2e),
    named("MtCO2e", 1e12 * unit::gCO2e),
};

struct DimensionName {
  Dim dim;
  std::string_view name;
  std::string_view example;
  std::string_view units;  // separated by spaces, the usual one first
};

inline constexpr Dim per_second{.s = -1};

inline constexpr std::array dimension_names{
    DimensionName{{.s = 1}, "time", "50 ms", "s ms us ns min h day year"},
    DimensionName{{.J = 1}, "energy", "3 kWh", "J mJ uJ nJ pJ kJ MJ Wh kWh MWh GWh TWh"},
    DimensionName{{.s = -1, .J = 1}, "power", "700 W", "W kW MW GW TW mW"},
    DimensionName{
        {.flop = 1}, "computing work", "3 YFLOP", "FLOP MFLOP GFLOP TFLOP PFLOP EFLOP ZFLOP YFLOP"},
    DimensionName{{.s = -1, .flop = 1},
                  "computing speed",
                  "989 TFLOP/s",
                  "FLOP/s MFLOP/s GFLOP/s TFLOP/s PFLOP/s EFLOP/s ZFLOP/s"},
    DimensionName{{.B = 1}, "data size", "80 GB", "B kB MB GB TB PB EB KiB MiB GiB TiB"},
    DimensionName{{.s = -1, .B = 1}, "bandwidth", "3.35 TB/s", "B/s kB/s MB/s GB/s TB/s PB/s"},
    DimensionName{{.tok = 1}, "tokens", "15 Ttok", "tok ktok Mtok Gtok Ttok"},
    DimensionName{{.s = -1, .tok = 1}, "token rate", "500 tok/s", "tok/s ktok/s Mtok/s Gtok/s"},
    DimensionName{{.usd = 1}, "money", "30 kUSD", "USD kUSD MUSD GUSD"},
    DimensionName{{.gco2 = 1}, "carbon", "150 kgCO2e", "gCO2e kgCO2e tCO2e ktCO2e MtCO2e"},
    DimensionName{per_second, "rate", "2.5 /s", "/s /min /h /day /year"},
    DimensionName{{.J = -1, .usd = 1}, "energy price", "0.08 USD/kWh", "USD/kWh"},
    DimensionName{{.J = -1, .gco2 = 1}, "carbon intensity", "350 gCO2e/kWh", "gCO2e/kWh"},
    DimensionName{{.s = -1, .usd = 1}, "cost rate", "2.5 USD/h", "USD/h kUSD/h MUSD/year"},
    DimensionName{{.tok = -1, .usd = 1}, "token price", "2.2 USD/Mtok", "USD/Mtok USD/tok"},
    DimensionName{{.J = 1, .tok = -1}, "energy per token", "0.6 J/tok", "J/tok mJ/tok kJ/tok"},
    DimensionName{{.tok = -1, .gco2 = 1}, "carbon per token", "80 gCO2e/Mtok", "gCO2e/Mtok"},
    DimensionName{{.s = 1, .tok = -1}, "time per token", "20 ms/tok", "s/tok ms/tok us/tok"},
    DimensionName{{.B = 1, .tok = -1}, "data per token", "70 kB/tok", "B/tok kB/tok MB/tok"},
    DimensionName{{.flop = 1, .tok = -1}, "work per token", "74 GFLOP/tok", "GFLOP/tok TFLOP/tok"},
    DimensionName{{.J = 1, .flop = -1}, "energy per FLOP", "0.5 J/TFLOP", "J/TFLOP"},
    DimensionName{{.J = 1, .B = -1}, "energy per byte", "60 pJ/B", "pJ/B J/GB"},
    DimensionName{{.flop = 1, .B = -1}, "intensity", "300 FLOP/B", "FLOP/B"},
    DimensionName{{.flop = -1, .usd = 1}, "work price", "1.5 USD/EFLOP", "USD/EFLOP"},
    DimensionName{{.s = 1, .J = -1, .usd = 1}, "price per power", "11 MUSD/MW", "USD/W MUSD/MW"},
};

}  // namespace jevons
