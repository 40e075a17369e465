#pragma once
// "700 W", "3.35 TB/s", "0.08 USD/kWh" <-> Quantity. A number, one space, a unit; units are named
// ones joined by * and /. A unit of another dimension is refused, so that text is as safe as code.
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/quantity.h"
#include "sim/time.h"

namespace jevons {

// Why a text is no quantity of the wanted dimension.
struct UnitProblem {
  std::string hint;
};

// The value in base units, finite.
std::variant<double, UnitProblem> read_quantity(std::string_view text, Dim dim);
// A time as ticks, rounded to the nearest; a positive time below half a nanosecond is refused.
std::variant<Span, UnitProblem> read_span(std::string_view text);

// Short text, in the unit that reads best, which reads back as exactly the same value.
std::string print_quantity(double base, Dim dim);
std::string print_span(Span span);

template <Dim D>
std::string print(Quantity<D> quantity) {
  return print_quantity(quantity.base(), D);
}

// "700 W": what a message shows as a model.
std::string example_quantity(Dim dim);
// "power"; for a dimension without a name its base units, "J*s".
std::string dimension_name(Dim dim);
// The units worth offering, the usual one first: W, mW, kW, MW ...
std::vector<std::string> usual_units(Dim dim);

}  // namespace jevons
