#pragma once
// Closed forms of queueing theory against the scheduler: a GPU a job, Poisson arrivals.
#include <string>
#include <vector>

#include "studies/comparison.h"

namespace jevons {

// Rows of a table model,params,metric,closed_form,...; rows of models that are not known are left
// out. The row of a comparison says the standard error of the simulated mean.
std::vector<Comparison> queueing_rows(const std::string& path);

}  // namespace jevons
