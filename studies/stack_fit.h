#pragma once
// What a software stack adds to measured kernels, from measured steps: the parameters that make the
// mean absolute error of ln(predicted/measured) least.
#include <span>
#include <vector>

#include "studies/training_rows.h"

namespace jevons {

// Which parameters are free; the others stay as they are in the rows.
struct StackFreedom {
  bool slowdown = true, expert_slowdown = false, attention_slowdown = false;
  bool host_per_kernel = false, host_per_step = false;
};

// Parameters are shared by all rows, but slowdown, which each stack has its own of.
class StackFit {
 public:
  StackFit(std::span<const MeasuredStep* const> rows, StackFreedom freedom);

  // Sets the fitted parameters in a setup of one of the stacks.
  void apply(const std::string& stack, TrainingSetup& setup) const;

 private:
  double error();
  // Scales a parameter and keeps it so if that is better than `best`.
  bool improves(double& parameter, double factor, double& best);

  std::vector<const MeasuredStep*> rows_;
  StackFreedom freedom_;
  TrainingStack shared_;
  std::map<std::string, double> slowdown_;
};

}  // namespace jevons
