#include "scenarios/unit_text.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "scenarios/unit_table.h"

namespace jevons {
namespace {

template <Dim D>
bool reads_as(std::string_view text, Quantity<D> wanted) {
  const auto read = read_quantity(text, D);
  return std::holds_alternative<double>(read) && std::get<double>(read) == wanted.base();
}

std::string hint(std::string_view text, Dim dim) {
  const auto read = read_quantity(text, dim);
  return std::holds_alternative<double>(read) ? "no problem" : std::get<UnitProblem>(read).hint;
}

constexpr Dim power{.s = -1, .J = 1};

}  // namespace

TEST_CASE("quantities are read with the same rounding as in code") {
  CHECK(reads_as("700 W", 700 * unit::W));
  CHECK(reads_as("3.35 TB/s", 3.35 * unit::TB / unit::s));
  CHECK(reads_as("989 TFLOP/s", 989 * unit::TFLOP / unit::s));
  CHECK(reads_as("0.08 USD/kWh", 0.08 * unit::usd / unit::kWh));
  CHECK(reads_as("350 gCO2e/kWh", 350 * unit::gCO2e / unit::kWh));
  CHECK(reads_as("2 h", 2 * unit::h));
  CHECK(reads_as("50 ms", 50 * unit::ms));
  CHECK(reads_as("80 GiB", 80 * unit::GiB));
  CHECK(reads_as("400 Gbit/s", 50 * unit::GB / unit::s));
  CHECK(reads_as("2.5 /s", Quantity<Dim{.s = -1}>::from_base(2.5)));
  CHECK(reads_as("2.5 1/s", Quantity<Dim{.s = -1}>::from_base(2.5)));
  CHECK(reads_as("-1e3 W", -1 * unit::kW));
  CHECK(reads_as("2 J*s", 2 * (unit::J * unit::s)));
}

TEST_CASE("what is no quantity is refused with a hint") {
  CHECK(hint("700", power) == "write the unit");
  CHECK(hint("700W", power) == "put one space between number and unit");
  CHECK(hint("many", power) == "a number, one space, a unit");
  CHECK(hint("700 Watt", power) == "known units: W, kW, MW, GW, TW, mW");
  CHECK(hint("700 w", power) == "did you mean \"W\"?");
  CHECK(hint("700 kw", power) == "did you mean \"kW\"?");
  CHECK(hint("700  W", power) == "known units: W, kW, MW, GW, TW, mW");
  CHECK(hint("700 ", power) == "known units: W, kW, MW, GW, TW, mW");
  CHECK(hint("700 J/sec", power) == "\"sec\" is not a unit; units: W, kW, MW, GW, TW, mW");
  CHECK(hint("700 GB", power) == "\"GB\" measures data size, not power");
  CHECK(hint("700 kWh", power) == "\"kWh\" measures energy, not power");
  CHECK(hint("700 J*s*s", power) == "\"J*s*s\" measures J*s*s, not power");
  CHECK(hint("1,000 W", power) == "numbers have a point and no thousands separator");
  CHECK(hint("nan W", power) == "\"nan\" is not a number");
  CHECK(hint("inf W", power) == "\"inf\" is not a number");
  CHECK(hint("0x10 W", power) == "\"0x10\" is not a number");
  CHECK(hint("1e308 TW", power) == "too large");
  CHECK(hint("", power) == "a number, one space, a unit");
}

TEST_CASE("quantities print in the unit that reads best") {
  CHECK(print(700 * unit::W) == "700 W");
  CHECK(print(3.35 * unit::TB / unit::s) == "3.35 TB/s");
  CHECK(print(0.08 * unit::usd / unit::kWh) == "0.08 USD/kWh");
  CHECK(print(350 * unit::gCO2e / unit::kWh) == "350 gCO2e/kWh");
  CHECK(print(50 * unit::ms) == "50 ms");
  CHECK(print(90 * unit::min) == "90 min");
  CHECK(print(7 * unit::min) == "7 min");
  CHECK(print(2 * unit::h) == "2 h");
  CHECK(print(80 * unit::GiB) == "80 GiB");
  CHECK(print(80 * unit::GB) == "80 GB");
  CHECK(print(3e24 * unit::flop) == "3 YFLOP");
  CHECK(print(0 * unit::W) == "0 W");
  CHECK(print(-5 * unit::W) == "-5 W");
  CHECK(print(2 * (unit::J * unit::s)) == "2 J*s");
}

TEST_CASE("a price below one unit stays in that unit with its few digits") {
  const auto rent = [](int cents) { return cents / 100.0 * unit::usd / unit::h; };
  CHECK(print(rent(96)) == "0.96 USD/h");
  CHECK(print(rent(115)) == "1.15 USD/h");
  for (int cents = 1; cents < 1000; ++cents) {
    const std::string text = print(rent(cents));
    CHECK_MESSAGE(text.ends_with(" USD/h"), text);
    CHECK_MESSAGE(text.size() <= 10, text);
  }
  CHECK(print(0.05 * (unit::tok / unit::s)) == "0.05 tok/s");
}

TEST_CASE("every printed quantity reads back as the same bits") {
  std::mt19937_64 random{20240501};  // named seed: the sequence is fixed by the standard
  for (const DimensionName& dimension : dimension_names) {
    for (int i = 0; i < 300; ++i) {
      const double mantissa = static_cast<double>(random() >> 11U) * 0x1p-53 + 0.5;
      const double base = std::ldexp(mantissa, static_cast<int>(random() % 120) - 60);
      const std::string text = print_quantity(base, dimension.dim);
      const auto read = read_quantity(text, dimension.dim);
      REQUIRE_MESSAGE(std::holds_alternative<double>(read), text);
      CHECK_MESSAGE(std::get<double>(read) == base, text);
    }
  }
  for (const double base : {std::numeric_limits<double>::max(), 5e-324})
    CHECK(std::get<double>(read_quantity(print_quantity(base, power), power)) == base);
}

TEST_CASE("the example and the units of each dimension belong to it") {
  for (const DimensionName& dimension : dimension_names) {
    CHECK(std::holds_alternative<double>(read_quantity(dimension.example, dimension.dim)));
    for (const std::string& unit : usual_units(dimension.dim))
      CHECK_MESSAGE(std::holds_alternative<double>(read_quantity("1 " + unit, dimension.dim)),
                    unit);
  }
}

TEST_CASE("spans are exact nanoseconds") {
  const auto ns = [](std::string_view text) { return std::get<Span>(read_span(text)).count(); };
  CHECK(ns("0.3 ms") == 300'000);
  CHECK(ns("0.1 s") == 100'000'000);
  CHECK(ns("1 year") == 31'557'600'000'000'000);
  CHECK(ns("9007199254740993 ns") == 9007199254740993);
  CHECK(ns("0 s") == 0);
  CHECK(std::get<UnitProblem>(read_span("0.2 ns")).hint == "at least 1 ns");
  CHECK(std::get<UnitProblem>(read_span("300 year")).hint == "at most 292 years");
  CHECK(std::get<UnitProblem>(read_span("5 W")).hint == "\"W\" measures power, not time");
}

TEST_CASE("every printed span reads back as the same span") {
  CHECK(print_span(Span{0}) == "0 s");
  CHECK(print_span(std::chrono::seconds{5400}) == "90 min");
  CHECK(print_span(Span{1'500'000}) == "1500 us");
  std::mt19937_64 random{20240502};
  for (int i = 0; i < 2000; ++i) {
    const Span span{static_cast<std::int64_t>(random() >> (1 + random() % 62)) / 4};
    CHECK(std::get<Span>(read_span(print_span(span))) == span);
  }
}

}  // namespace jevons
