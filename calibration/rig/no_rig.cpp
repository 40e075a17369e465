// The build without nvcc: plans and reports, launches nothing.
#include "calibration/meter/refusal.h"
#include "calibration/meter/rig.h"

namespace jevons::calibration {

std::unique_ptr<Rig> make_rig() {
  throw Refusal{
      "this build has no kernels, since it was made without nvcc (hint: cmake --preset cuda, "
      "cmake --build --preset cuda --target jevons_calibrate)"};
}

}  // namespace jevons::calibration
