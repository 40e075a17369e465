#pragma once
// Do the parts add up? Time and energy of a whole expert layer, predicted from its parts, against
// the same layer run as one sequence.
#include <optional>
#include <vector>

#include "calibration/meter/energy_law.h"

namespace jevons::calibration {

// The kernels a whole layer runs, in its order.
std::vector<KernelCase> parts_of(const KernelCase& layer);

struct LayerCheck {
  const WindowRow* row = nullptr;
  double parts_s = 0, layer_s = 0;
  std::optional<double> parts_j{}, layer_j{};  // energy coefficients over the parts; weighed
};

// Of every layer that was timed and whose parts all were. `law` may be missing.
std::vector<LayerCheck> layer_checks(const Evidence& evidence, const EnergyLaw* law);

}  // namespace jevons::calibration
