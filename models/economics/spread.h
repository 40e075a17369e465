#pragma once
// A number that is known as a range: 5 %, 50 % and 95 % of a distribution made of two halves of a
// normal law (of the logarithm, where all three are positive), joined at the median.
#include "sim/fields.h"

namespace jevons {

struct Spread {
  double p5 = 0, p50 = 0, p95 = 0;

  static constexpr Spread exactly(double value) { return {value, value, value}; }
  bool is_exact() const { return p5 == p95; }
  // What lies below with probability u, 0 < u < 1.
  double at(double u) const;
  bool operator==(const Spread&) const = default;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("p5"), p5, "one in twenty lies below");
    field(required("p50"), p50, "median");
    field(required("p95"), p95, "one in twenty lies above");
  }
};

// Of the sum when all parts are low, or high, together: the widest it can be.
Spread together(const Spread& a, const Spread& b);

// The deviate of a standard normal law below which a share u lies.
// Source: Wichura 1988, algorithm AS 241 (PPND7), doi:10.2307/2347330; error below 1e-7.
double normal_quantile(double u);

}  // namespace jevons
