#pragma once
// Kernels draw more when the chip is hot (leakage), so windows begin once it no longer warms up.
#include <functional>

#include "calibration/meter/instrument.h"

namespace jevons::calibration {

struct WarmUp {
  double seconds = 0;
  double temperature_c = 0;     // at the end
  double degrees_per_10_s = 0;  // at the end
  bool is_steady = false;
};

inline constexpr double steady_degrees_per_10_s = 0.5;

// Runs `feed` until the temperature rises by less than 0.5 C in 10 s (slope of a straight line
// through the last 20 s, since sensors give whole degrees), or for `most_s`. A board that does not
// give its temperature is warmed for `most_s` and is not called steady.
WarmUp warm_up(const Instrument& instrument, double most_s, const std::function<void()>& feed);

}  // namespace jevons::calibration
