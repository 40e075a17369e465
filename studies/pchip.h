#pragma once
// Slopes for a piecewise cubic that never overshoots its knots: monotone where they are.
#include <vector>

namespace jevons {

// x increasing, at least two knots. Source: Fritsch, Butland 1984, doi:10.1137/0905021 (weighted
// harmonic mean of the neighbouring secants; zero at a turn); ends: three-point formula, held to
// the sign and three times the size of the first secant (Fritsch, Carlson 1980,
// doi:10.1137/0717021).
std::vector<double> pchip_slopes(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace jevons
