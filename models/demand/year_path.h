#pragma once
// A quantity over calendar years, as scenarios write it: { "2024": 1.5, "2030": 6 }. Between known
// years it changes by a constant factor a year (by a constant amount where a value is 0); before
// the first and after the last it stays as it is.
#include <map>
#include <string>
#include <vector>

namespace jevons {

using YearPath = std::map<std::string, double>;  // keys: a year such as "2025" or "2025.5"

// The same, ready to be evaluated many times.
class PathCurve {
 public:
  PathCurve() = default;
  // `fallback` is the value of a path without entries.
  PathCurve(const YearPath& path, double fallback);
  double operator()(double year) const;

 private:
  struct Knot {
    double year = 0, value = 0;
  };
  std::vector<Knot> knots_;
};

}  // namespace jevons
