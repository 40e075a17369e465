#include "models/demand/year_path.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace jevons {

PathCurve::PathCurve(const YearPath& path, double fallback) {
  for (const auto& [year, value] : path)
    knots_.push_back({std::strtod(year.c_str(), nullptr), value});
  std::sort(knots_.begin(), knots_.end(),
            [](const Knot& a, const Knot& b) { return a.year < b.year; });
  if (knots_.empty()) knots_.push_back({0, fallback});
}

double PathCurve::operator()(double year) const {
  const auto after = std::find_if(knots_.begin(), knots_.end(),
                                  [year](const Knot& knot) { return knot.year > year; });
  if (after == knots_.begin()) return knots_.front().value;
  if (after == knots_.end()) return knots_.back().value;
  const Knot& a = *(after - 1);
  const Knot& b = *after;
  const double share = (year - a.year) / (b.year - a.year);
  if (a.value <= 0 || b.value <= 0) return a.value + share * (b.value - a.value);
  return a.value * std::pow(b.value / a.value, share);
}

}  // namespace jevons
