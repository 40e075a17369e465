#pragma once
// Which cases are weighed. A window takes seconds, so the few that can be had are those that tell
// the five energy coefficients best: the largest determinant of their information matrix
// (D-optimality), each window weighted by its relative error, coefficients pooled over all kinds.
#include <vector>

#include "calibration/kernels/kernel_case.h"
#include "calibration/meter/energy_terms.h"

namespace jevons::calibration {

// Time of a launch as far as it can be told before measuring: ceilings of an H200 and a few
// microseconds to start. Only decides what is measured, never a result.
double planned_seconds(const KernelCase& c);

struct DesignLimits {
  int points = 26;
  int most_per_kind = 4;         // pooling over kinds must show if it is wrong
  double least_seconds = 20e-6;  // below, starting kernels draws the power
};

// Indices into `candidates`, the point that adds most first. Greedy, then single exchanges until
// none improves (Fedorov). Deterministic. Fewer points than asked if the limits leave fewer.
std::vector<std::size_t> energy_design(const std::vector<KernelCase>& candidates,
                                       const DesignLimits& limits);

// ln det of the information of these points.
double design_quality(const std::vector<KernelCase>& candidates,
                      const std::vector<std::size_t>& points);

}  // namespace jevons::calibration
