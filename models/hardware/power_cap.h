#pragma once
// The clock that a power limit allows. Under a limit a GPU lowers its clock until the mean power of
// what it runs meets the limit: arithmetic slows down in proportion, memory traffic does not, and
// the energy of arithmetic falls with the square of the voltage, which follows the clock down to a
// floor:
//
//   T(f) = T + T_c (1/f - 1)        E(f) = P_s T(f) + v(f)^2 E_c + E_m        v(f) = max(v0, f)
//
// f is the largest clock <= 1 with E(f) / T(f) <= limit.
namespace jevons {

// One iteration or step on one GPU at full clock.
struct ClockedWork {
  double seconds = 0;            // T
  double clock_seconds = 0;      // T_c: what each unit of 1/f - 1 adds
  double static_watts = 0;       // P_s
  double arithmetic_joules = 0;  // E_c
  double other_joules = 0;       // E_m
};

struct ClockLaw {
  double voltage_floor = 0.7;  // v0, relative to full clock
  double lowest = 0.2;         // clock below which no limit pushes
};

double seconds_at(const ClockedWork& work, double clock);
double joules_at(const ClockedWork& work, double clock, const ClockLaw& law);

// 1 when the limit does not bind; `lowest` when even that clock draws more.
double clock_under(double limit_watts, const ClockedWork& work, const ClockLaw& law);

}  // namespace jevons
