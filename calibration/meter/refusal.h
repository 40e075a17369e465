#pragma once
// Why nothing can be measured here: one sentence with what to do. Caught in main, exit status 2.
#include <stdexcept>

namespace jevons::calibration {

struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace jevons::calibration
