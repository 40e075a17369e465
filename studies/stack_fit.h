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
  // Rows that the median of all stacks counts as in the median of one: a stack with few rows, of
  // models that differ, says little about itself.
  int pooled_rows = 0;
};

// Parameters are shared by all rows, but slowdown, which each stack has its own of.
class StackFit {
 public:
  StackFit(std::span<const MeasuredStep* const> rows, StackFreedom freedom);

  // Sets the fitted parameters in a setup of one of the stacks.
  void apply(const std::string& stack, TrainingSetup& setup) const;

 private:
  double error();
  // ln of the slowdowns that would make each row of a stack exact, from the present ones.
  std::map<std::string, std::vector<double>> wanted() const;
  void refit_slowdowns();
  void scan_host(double& best);
  // Scales a parameter and keeps it so if that is better than `best`.
  bool improves(double& parameter, double factor, double& best);

  std::vector<const MeasuredStep*> rows_;
  StackFreedom freedom_;
  TrainingStack shared_;
  std::map<std::string, double> slowdown_;
  double pooled_ = 1;  // slowdown of a stack of which there are no rows
};

}  // namespace jevons
