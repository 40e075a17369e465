#pragma once
// Correction tables by penalised robust least squares: the sum of the tables follows the residuals
// of ln time, second differences between neighbouring knots are kept small.
#include <span>
#include <vector>

#include "models/llm/kernel_cost.h"
#include "studies/fit_plan.h"

namespace jevons {

struct Residual {
  KernelShape shape;
  double log_ratio = 0;  // ln measured / predicted
};

// Knots outside what the residuals cover are left out.
std::vector<Correction> fit_tables(const FitPlan& plan, std::span<const Residual> residuals);

}  // namespace jevons
