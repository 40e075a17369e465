#pragma once
// Mean power while something runs, from the total-energy counter read edge to edge: the counter
// moves in ticks of about 100 ms, so a window starts and ends at the moment of a tick. Reading
// "before and after" would be off by up to a tick at either end, several percent of seconds.
#include <cstdint>
#include <functional>

#include "calibration/meter/instrument.h"

namespace jevons::calibration {

struct WindowPlan {
  double settle_s = 1.0;   // run before the window: clocks and regulators settle
  double window_s = 5.0;   // at least
  double poll_s = 0.0005;  // between looks at the counter
  double sample_s = 0.06;  // between whole readings: 10 to 20 a second
};

// A sensor that averages over a second says nothing about less than ten.
inline constexpr double averaged_sensor_window_s = 10.0;
// Counter and power sensor agree within this, or the window is refused.
inline constexpr double sensor_disagreement = 0.03;

// What the readings of a window had in common.
struct Conditions {
  int samples = 0;
  double temperature_c = 0;  // the highest
  double memory_temperature_c = 0;
  double sm_mhz = 0, lowest_sm_mhz = 0, memory_mhz = 0;  // means, and the lowest
  double limit_w = 0;
  std::uint64_t reasons = 0;  // all that were given
  bool is_capped() const { return (reasons & clock_reason::power_cap) != 0; }
  bool is_throttled() const { return (reasons & clock_reason::throttling) != 0; }

  void add(const Reading& reading);
};

struct EnergyWindow {
  double seconds = 0, joules = 0;  // between the first and the last tick
  int ticks = 0;
  double sensor_joules = 0;  // integral of the power sensor over the same time
  Conditions conditions;
  double watts() const { return joules / seconds; }
  // |sensor / counter - 1|
  double disagreement() const;
};

// `feed` is called all the time and keeps the GPU busy; it must return within a millisecond or so.
// Throws Refusal if the board has no energy counter, or one that stands still, or no power sensor.
EnergyWindow weigh(const Instrument& instrument, const WindowPlan& plan,
                   const std::function<void()>& feed);

}  // namespace jevons::calibration
