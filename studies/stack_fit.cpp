#include "studies/stack_fit.h"

#include <algorithm>
#include <cmath>

#include "models/jobs/training/step.h"

namespace jevons {

namespace {

// Kernels of a stack are at most this much slower than the same kernels measured alone.
constexpr double slowest = 4, fastest = 0.5;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

// A pattern search: each free parameter in turn is moved by a step while that helps; then steps
// shrink. Few rows and parameters, and the error has kinks where hosts take over from kernels.
StackFit::StackFit(std::span<const MeasuredStep* const> rows, StackFreedom freedom)
    : rows_{rows.begin(), rows.end()}, freedom_{freedom} {
  for (const MeasuredStep* row : rows_) slowdown_[row->stack] = 1;
  std::vector<double*> free;
  if (freedom.host_per_kernel) free.push_back(&(shared_.host_per_kernel_s = 5e-6));
  if (freedom.host_per_step) free.push_back(&(shared_.host_per_step_s = 5e-3));
  if (freedom.expert_slowdown) free.push_back(&shared_.expert_slowdown);
  if (freedom.attention_slowdown) free.push_back(&shared_.attention_slowdown);
  double best = error();
  for (const double step : {2.0, 1.41, 1.19, 1.09, 1.04}) {
    for (bool moved = true; moved;) {
      moved = false;
      for (double* parameter : free)
        for (const double factor : {step, 1 / step}) moved |= improves(*parameter, factor, best);
    }
  }
}

bool StackFit::improves(double& parameter, double factor, double& best) {
  const std::map<std::string, double> kept = slowdown_;
  const double before = parameter;
  parameter = before * factor;
  const double e = error();
  if (e < best * (1 - 1e-4)) {
    best = e;
    return true;
  }
  parameter = before;
  slowdown_ = kept;
  return false;
}

void StackFit::apply(const std::string& stack, TrainingSetup& setup) const {
  const auto own = slowdown_.find(stack);
  setup.stack = shared_;
  setup.stack.slowdown = own == slowdown_.end() ? 1 : own->second;
}

// Refits the slowdown of each stack: a few rounds of its median error, since hosts and
// communication do not slow down with kernels.
double StackFit::error() {
  double sum = 0;
  for (auto& [stack, slowdown] : slowdown_) {
    std::vector<double> errors;
    for (int round = 0; round < (freedom_.slowdown ? 4 : 1); ++round) {
      errors.clear();
      for (const MeasuredStep* row : rows_) {
        if (row->stack != stack) continue;
        TrainingSetup setup = row->setup;
        apply(stack, setup);
        errors.push_back(std::log(training_step(setup).seconds / row->seconds));
      }
      if (freedom_.slowdown)
        slowdown = std::clamp(slowdown * std::exp(-median(errors)), fastest, slowest);
    }
    for (const double e : errors) sum += std::abs(e);
  }
  return sum / static_cast<double>(rows_.size());
}

}  // namespace jevons
