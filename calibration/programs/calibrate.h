#pragma once
// One run of jevons-calibrate, from words to exit status.
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>

#include "calibration/meter/rig.h"

namespace jevons::calibration {

// What the program stands on; tests give their own.
struct CalibrateBench {
  std::function<std::unique_ptr<Rig>()> rig;
  std::string nvml;  // path of the driver's management library; empty: where drivers put it
  std::string revision;
  std::function<bool()> is_stopped = [] { return false; };
};

// Results go to `out`, progress and complaints to `err`. Returns 0; 1: a kernel is wrong, or
// failed; 2: bad words, or nothing can be measured here; 130: interrupted.
int run_calibrate(std::span<const std::string> arguments, const CalibrateBench& bench,
                  std::ostream& out, std::ostream& err);

}  // namespace jevons::calibration
