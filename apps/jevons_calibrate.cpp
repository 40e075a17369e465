// jevons-calibrate: runs kernels against references, then times and weighs them.
#include <iostream>
#include <string>
#include <vector>

#include "apps/build_info.h"
#include "apps/interrupt.h"
#include "calibration/programs/calibrate.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words{argv + 1, argv + argc};
  jevons::watch_for_interrupt();
  jevons::calibration::CalibrateBench bench;
  bench.rig = jevons::calibration::make_rig;
  bench.revision = jevons::build_info().revision;
  bench.is_stopped = jevons::is_interrupted;
  return jevons::calibration::run_calibrate(words, bench, std::cout, std::cerr);
}
