#include "models/economics/spread.h"

#include <cmath>

#include "sim/ensure.h"

namespace jevons {

double normal_quantile(double u) {
  ensure(u > 0 && u < 1, "a quantile is asked for between 0 and 1");
  const double q = u - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * (((5.9109374720e1 * r + 1.5929113202e2) * r + 5.0434271938e1) * r + 3.3871327179) /
           (((6.7187563600e1 * r + 7.8757757664e1) * r + 1.7895169469e1) * r + 1.0);
  }
  const double tail = std::sqrt(-std::log(q < 0 ? u : 1 - u));
  double z = 0;
  if (tail <= 5) {
    const double r = tail - 1.6;
    z = (((1.7023821103e-1 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
        ((1.2021132975e-1 * r + 7.3700164250e-1) * r + 1.0);
  } else {
    const double r = tail - 5;
    z = (((1.7337203997e-2 * r + 4.2868294337e-1) * r + 3.0812263860) * r + 6.6579051150) /
        ((1.2258202635e-2 * r + 2.4197894225e-1) * r + 1.0);
  }
  return q < 0 ? -z : z;
}

double Spread::at(double u) const {
  if (is_exact()) return p50;
  constexpr double one_in_twenty = 1.6448536269514722;  // deviations from the median to p95
  const double z = normal_quantile(u) / one_in_twenty;
  const bool is_low = z < 0;
  if (p5 > 0) {
    const double step = is_low ? std::log(p50 / p5) : std::log(p95 / p50);
    return p50 * std::exp(z * step);
  }
  return p50 + z * (is_low ? p50 - p5 : p95 - p50);
}

Spread together(const Spread& a, const Spread& b) {
  return {a.p5 + b.p5, a.p50 + b.p50, a.p95 + b.p95};
}

}  // namespace jevons
