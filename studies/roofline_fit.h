#pragma once
// Coefficients of a roofline by robust nonlinear least squares on ln time (Levenberg-Marquardt),
// with their covariance and bootstrap intervals.
#include <span>
#include <string>
#include <vector>

#include "models/llm/kernel_cost.h"
#include "studies/fit_plan.h"

namespace jevons {

struct TimedShape {
  KernelShape shape;
  double log_seconds = 0;
};

struct Peaks {
  double flop = 0, byte = 0;  // datasheet rates, which no coefficient exceeds; 0: unknown
};

struct RooflineFit {
  Roofline law;
  std::vector<CoefficientError> coefficients;
  std::vector<std::vector<double>> covariance;  // of the logarithms, in the order of coefficients
  double robust_error = 0;                      // mean |ln predicted/measured| of the rows
};

RooflineFit fit_roofline(const FitPlan& plan, double tile, std::span<const TimedShape> rows,
                         const Peaks& peaks);

}  // namespace jevons
