#pragma once
// How the curves of a load surface move with the coefficients of the hardware profile.
#include <cstdint>
#include <vector>

#include "studies/surface.h"

namespace jevons {

// Fills capacity_sensitivity and, at the knots, sensitivity and rise. `requests`: of the window of
// each knot. Returns the windows it simulated.
int add_gradients(LoadSurface& surface, const SurfaceInputs& inputs,
                  const std::vector<std::int64_t>& requests);

}  // namespace jevons
