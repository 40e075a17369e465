#include "studies/stack_fit.h"

#include <algorithm>
#include <cmath>

#include "models/jobs/training/step.h"

namespace jevons {

namespace {

// Kernels of a stack are at most this much slower than the same kernels measured alone.
constexpr double slowest = 4, fastest = 0.5;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
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
  if (freedom.host_per_kernel) scan_host(best);
  for (const double step : {2.0, 1.41, 1.19, 1.09, 1.04}) {
    for (bool moved = true; moved;) {
      moved = false;
      for (double* parameter : free)
        for (const double factor : {step, 1 / step}) moved |= improves(*parameter, factor, best);
    }
  }
}

// Where hosts and kernels take turns at being the limit there are many valleys.
void StackFit::scan_host(double& best) {
  for (int twice = 0; twice < 8; ++twice) {
    constexpr double shortest = 1e-6;
    const double tried = std::ldexp(shortest, twice);
    improves(shared_.host_per_kernel_s, tried / shared_.host_per_kernel_s, best);
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
  setup.stack.slowdown = own == slowdown_.end() ? pooled_ : own->second;
}

std::map<std::string, std::vector<double>> StackFit::wanted() const {
  std::map<std::string, std::vector<double>> wanted;
  for (const MeasuredStep* row : rows_) {
    TrainingSetup setup = row->setup;
    apply(row->stack, setup);
    const double error = std::log(training_step(setup).seconds / row->seconds);
    wanted[row->stack].push_back(std::log(setup.stack.slowdown) - error);
  }
  return wanted;
}

void StackFit::refit_slowdowns() {
  std::vector<double> all;
  std::map<std::string, std::vector<double>> each = wanted();
  for (const auto& [stack, logs] : each) all.insert(all.end(), logs.begin(), logs.end());
  const double pooled = median(all);
  pooled_ = std::clamp(std::exp(pooled), fastest, slowest);
  for (auto& [stack, logs] : each) {
    logs.insert(logs.end(), static_cast<std::size_t>(freedom_.pooled_rows), pooled);
    slowdown_[stack] = std::clamp(std::exp(median(logs)), fastest, slowest);
  }
}

// Refits the slowdown of each stack: a few rounds of its median error, since hosts and
// communication do not slow down with kernels.
double StackFit::error() {
  constexpr int rounds = 5;
  for (int round = 0; freedom_.slowdown && round < rounds; ++round) refit_slowdowns();
  double sum = 0;
  for (const auto& [stack, logs] : wanted())
    for (const double log : logs) sum += std::abs(log - std::log(slowdown_[stack]));
  return sum / static_cast<double>(rows_.size());
}

}  // namespace jevons
