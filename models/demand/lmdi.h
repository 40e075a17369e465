#pragma once
// The logarithmic mean Divisia index: by how much each factor of a sum of products moved the sum.
// It is accounting: factors move together, and nothing here says what caused what.
#include <string>
#include <utility>
#include <vector>

#include "models/demand/years.h"

namespace jevons {

// (a - b)/ln(a/b), and a where they are equal. Positive arguments.
double logarithmic_mean(double a, double b);

// Effect of each factor between two instants, [factor], in the unit of the products; sums to the
// difference exactly. `from` and `to`: factors of each part, [part][factor], not negative. A factor
// that is 0 at one end is taken at its limit, 1e-100 of the other end.
// Source: Ang 2005, doi:10.1016/j.enpol.2003.10.010 (LMDI-I); Ang and Liu 2007,
// doi:10.1016/j.enpol.2006.11.004 (zero values).
std::vector<double> lmdi(const std::vector<std::vector<double>>& from,
                         const std::vector<std::vector<double>>& to);

// Growth of the power of AI between the first tick and the last, chained over ticks, MW.
struct GrowthAccount {
  std::vector<std::pair<std::string, double>> effects;
  double first_mw = 0, last_mw = 0;
};
GrowthAccount account_of_growth(const YearsResult& run);

}  // namespace jevons
