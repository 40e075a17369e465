#include "scenarios/profiles.h"

namespace jevons {

HardwareProfile profile_for(const ChipSpec& chip) {
  return {assumed_profile(chip), assumed_energy(chip)};
}

}  // namespace jevons
