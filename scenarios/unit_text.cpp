#include "scenarios/unit_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "scenarios/diagnostics.h"
#include "scenarios/json_value.h"
#include "scenarios/unit_table.h"

namespace jevons {
namespace {

// A unit with numerator and denominator apart: 0.08 USD/kWh is then computed as code computes
// 0.08 * usd / kWh, with the same rounding.
struct Unit {
  Dim dim{};
  double over = 1, under = 1;
};

double in_base(double number, const Unit& unit) {
  return number * unit.over / unit.under;
}

const UnitName* find_unit(std::string_view name) {
  const auto* const found =
      std::find_if(unit_names.begin(), unit_names.end(),
                   [name](const UnitName& known) { return known.name == name; });
  return found == unit_names.end() ? nullptr : found;
}

// "USD/kWh", "J*s", "/s" or "1/s". On failure `unknown` is the name that is no unit.
std::optional<Unit> read_unit(std::string_view text, std::string_view& unknown) {
  Unit unit;
  bool divides = false;
  if (text.starts_with("1/")) text.remove_prefix(1);
  if (text.starts_with('/')) {
    divides = true;
    text.remove_prefix(1);
  }
  while (true) {
    const std::size_t end = std::min(text.find_first_of("*/"), text.size());
    unknown = text.substr(0, end);
    const UnitName* const factor = find_unit(unknown);
    if (factor == nullptr) return std::nullopt;
    unit.dim = unit.dim + (divides ? -factor->dim : factor->dim);
    (divides ? unit.under : unit.over) *= factor->base;
    if (end == text.size()) return unit;
    divides = text[end] == '/';
    text.remove_prefix(end + 1);
  }
}

const DimensionName* find_dimension(Dim dim) {
  const auto* const found =
      std::find_if(dimension_names.begin(), dimension_names.end(),
                   [dim](const DimensionName& known) { return known.dim == dim; });
  return found == dimension_names.end() ? nullptr : found;
}

// The base units of a dimension without a name, such as "J*s" or "B/s/s".
std::string base_unit(Dim dim) {
  static_assert(sizeof(Dim) == 7 * sizeof(int), "a new base dimension needs its unit here");
  const std::array<std::pair<int, std::string_view>, 7> powers{{{dim.J, "J"},
                                                                {dim.flop, "FLOP"},
                                                                {dim.B, "B"},
                                                                {dim.tok, "tok"},
                                                                {dim.usd, "USD"},
                                                                {dim.gco2, "gCO2e"},
                                                                {dim.s, "s"}}};
  std::string over;
  std::string under;
  for (const auto& [power, name] : powers) {
    for (int i = 0; i < power; ++i) over += (over.empty() ? "" : "*") + std::string{name};
    for (int i = 0; i < -power; ++i) under += "/" + std::string{name};
  }
  return over + under;
}

struct Parts {
  std::string_view number, unit;
};

std::variant<Parts, UnitProblem> split(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) {
    const std::size_t digits = std::min(text.find_first_not_of("+-.0123456789"), text.size());
    if (digits == 0) return UnitProblem{"a number, one space, a unit"};
    if (digits == text.size()) return UnitProblem{"write the unit"};
    return UnitProblem{"put one space between number and unit"};
  }
  return Parts{text.substr(0, space), text.substr(space + 1)};
}

std::variant<double, UnitProblem> read_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = end == text.data() + text.size() && error == std::errc{};
  // from_chars also knows "inf" and "nan"; no quantity is either.
  if (is_whole && std::isfinite(number)) return number;
  if (text.find(',') != std::string_view::npos)
    return UnitProblem{"numbers have a point and no thousands separator"};
  return UnitProblem{in_quotes(text) + " is not a number"};
}

std::variant<Unit, UnitProblem> read_unit_of(std::string_view text, Dim dim) {
  const std::vector<std::string> offered = usual_units(dim);
  std::string_view unknown;
  const auto unit = read_unit(text, unknown);
  if (!unit) {
    const bool is_simple = unknown.size() == text.size();
    if (is_simple) return UnitProblem{did_you_mean(text, offered, "units")};
    return UnitProblem{in_quotes(unknown) + " is not a unit; " + "units: " + joined(offered)};
  }
  if (unit->dim == dim) return *unit;
  return UnitProblem{in_quotes(text) + " measures " + dimension_name(unit->dim) + ", not " +
                     dimension_name(dim)};
}

struct NumberUnit {
  std::string_view number;
  double value;
  Unit unit;
};

std::variant<NumberUnit, UnitProblem> read_number_unit(std::string_view text, Dim dim) {
  const auto parts = split(text);
  if (const auto* problem = std::get_if<UnitProblem>(&parts)) return *problem;
  const auto [number_text, unit_text] = std::get<Parts>(parts);
  const auto number = read_number(number_text);
  if (const auto* problem = std::get_if<UnitProblem>(&number)) return *problem;
  const auto unit = read_unit_of(unit_text, dim);
  if (const auto* problem = std::get_if<UnitProblem>(&unit)) return *problem;
  return NumberUnit{number_text, std::get<double>(number), std::get<Unit>(unit)};
}

// Shortest spelling; plain digits for the sizes that people read.
std::string spell(double number) {
  std::array<char, 400> buffer{};
  const double size = std::abs(number);
  const bool is_plain = size == 0 || (size >= 1e-4 && size < 1e15);
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format);
  return {buffer.data(), result.ptr};
}

// The number that stands before this unit such that reading gives exactly `base`, if there is one
// beside the quotient; the shortest of several.
std::optional<std::string> spelled_in(const Unit& unit, double base) {
  const double quotient = base * unit.under / unit.over;
  const double infinity = std::numeric_limits<double>::infinity();
  std::optional<std::string> best;
  for (const double number :
       {quotient, std::nextafter(quotient, infinity), std::nextafter(quotient, -infinity)}) {
    if (in_base(number, unit) != base) continue;
    std::string text = spell(number);
    if (!best || text.size() < best->size()) best = std::move(text);
  }
  return best;
}

// Powers of ten that the number is away from 1 to 1000, which people read best.
int strain(double number) {
  const double size = std::abs(number);
  if (size == 0 || (size >= 1 && size < 1000)) return 0;
  const double powers = std::floor(std::log10(size));
  return static_cast<int>(size < 1 ? -powers : powers - 2);
}

}  // namespace

std::variant<double, UnitProblem> read_quantity(std::string_view text, Dim dim) {
  const auto read = read_number_unit(text, dim);
  if (const auto* problem = std::get_if<UnitProblem>(&read)) return *problem;
  const auto& found = std::get<NumberUnit>(read);
  const double base = in_base(found.value, found.unit);
  if (!std::isfinite(base)) return UnitProblem{"too large"};
  return base;
}

std::variant<Span, UnitProblem> read_span(std::string_view text) {
  constexpr double longest = 9.2e18;  // ns
  const auto read = read_number_unit(text, Dim{.s = 1});
  if (const auto* problem = std::get_if<UnitProblem>(&read)) return *problem;
  const auto& found = std::get<NumberUnit>(read);
  const double ns = std::round(in_base(found.value, found.unit) * 1e9);
  if (std::abs(ns) > longest) return UnitProblem{"at most 292 years"};
  if (ns == 0 && found.value != 0) return UnitProblem{"at least 1 ns"};
  // Whole numbers stay exact beyond the 53 bits of a double: from 104 days on it rounds.
  std::int64_t whole = 0;
  const char* const last = found.number.data() + found.number.size();
  const auto [end, error] = std::from_chars(found.number.data(), last, whole);
  const auto ticks = static_cast<std::int64_t>(std::round(in_base(1e9, found.unit)));
  if (error == std::errc{} && end == last && ticks > 0) return Span{whole * ticks};
  return Span{static_cast<std::int64_t>(ns)};
}

std::vector<std::string> usual_units(Dim dim) {
  const DimensionName* const known = find_dimension(dim);
  if (known == nullptr) return {base_unit(dim)};
  std::vector<std::string> out;
  for (std::string_view rest = known->units; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string dimension_name(Dim dim) {
  const DimensionName* const known = find_dimension(dim);
  if (known != nullptr) return std::string{known->name};
  return dim == Dim{} ? "a plain number" : base_unit(dim);
}

std::string example_quantity(Dim dim) {
  const DimensionName* const known = find_dimension(dim);
  return known != nullptr ? std::string{known->example} : "1 " + base_unit(dim);
}

std::string print_quantity(double base, Dim dim) {
  std::optional<std::string> best;
  int best_strain = 0;
  std::size_t best_digits = 0;
  for (const std::string& name : usual_units(dim)) {
    std::string_view unknown;
    const auto unit = read_unit(name, unknown);
    ensure(unit && unit->dim == dim, "the units of a dimension are units of it");
    const auto number = spelled_in(*unit, base);
    if (!number) continue;
    const int now = strain(base * unit->under / unit->over);
    // Of two handy ones the one with fewer digits: 90 min rather than 1.5 h, 2 h than 120 min.
    const bool is_better =
        !best || now < best_strain || (now == best_strain && number->size() < best_digits);
    if (!is_better) continue;
    best = *number + " " + name;
    best_digits = number->size();
    best_strain = now;
  }
  if (best) return *best;
  return spell(base) + " " + base_unit(dim);
}

std::string print_span(Span span) {
  struct Tick {
    std::int64_t ns;
    std::string_view name;
  };
  constexpr std::array ticks{Tick{86'400'000'000'000, " day"}, Tick{3'600'000'000'000, " h"},
                             Tick{60'000'000'000, " min"},     Tick{1'000'000'000, " s"},
                             Tick{1'000'000, " ms"},           Tick{1000, " us"}};
  const std::int64_t ns = span.count();
  if (ns == 0) return "0 s";
  for (const Tick& tick : ticks)
    if (ns % tick.ns == 0) return std::to_string(ns / tick.ns) + std::string{tick.name};
  return std::to_string(ns) + " ns";
}

}  // namespace jevons
