#include "models/hardware/power_cap.h"

#include <algorithm>

namespace jevons {

double seconds_at(const ClockedWork& w, double clock) {
  return w.seconds + w.clock_seconds * (1 / clock - 1);
}

double joules_at(const ClockedWork& w, double clock, const ClockLaw& law) {
  const double voltage = std::max(law.voltage_floor, clock);
  return w.static_watts * seconds_at(w, clock) + voltage * voltage * w.arithmetic_joules +
         w.other_joules;
}

double clock_under(double limit, const ClockedWork& work, const ClockLaw& law) {
  const auto fits = [&](double clock) {
    return joules_at(work, clock, law) <= limit * seconds_at(work, clock);
  };
  if (fits(1)) return 1;
  if (!fits(law.lowest)) return law.lowest;
  double low = law.lowest;
  double high = 1;
  for (int i = 0; i < 40; ++i) {  // power grows with the clock, so bisection finds the root
    const double middle = 0.5 * (low + high);
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace jevons
