#pragma once
// Inside of the years: what was used, burnt, earned and spent, and the laws that books obey.
#include "models/demand/years_state.h"

namespace jevons::years {

class Books {
 public:
  explicit Books(const State& state);

  // The instant of a tick; from the one before to it, flows changed in straight lines. Throws
  // BrokenInvariant where more is served than was asked for or than fits.
  void settle(State& state, const YearsTick& now);
  // Chips whose manufacture emitted `kg` of CO2e.
  void deliver(const State& state, std::size_t region, double kg);
  // A lab's cash over the tick that begins, at the flows of now. `mw`: of its facilities; `spent`:
  // on chips, USD.
  void pay(State& state, std::size_t lab, double mw, double spent);
  // Sums up. Throws BrokenInvariant where money or energy got lost.
  YearsResult close(const State& state) &&;

 private:
  std::size_t year_index(const State& state) const;

  YearsResult result_;
  YearsTick last_;
};

}  // namespace jevons::years
