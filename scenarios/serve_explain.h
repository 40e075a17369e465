#pragma once
// Where the time and the joules of one iteration go, by kernel, at the load of a scenario.
#include <string>
#include <string_view>
#include <vector>

#include "models/jobs/inference/serving_config.h"
#include "scenarios/kinds.h"
#include "scenarios/serve_scenario.h"

namespace jevons {

// Kernels of one name, all layers together. Joules are dynamic, of all GPUs of a replica, under
// the board's own power limit.
struct KernelShare {
  std::string_view name;
  double seconds = 0;
  double joules = 0;
  double arithmetic_joules = 0;  // of these, those that depend on the clock
  bool extrapolated = false;     // at least one shape lies outside what was measured
};

// One iteration that decodes `sequences` on each DP rank, each with `context` tokens of KV, or one
// that computes `sequences` prompts of `context` tokens on each rank. A pipeline runs it in
// micro-batches, as the engine does. A power cap is left out.
struct IterationLoad {
  bool is_prefill = false;
  double sequences = 1;
  double context = 1;
};
struct IterationShares {
  std::vector<KernelShare> kernels;  // longest first
  double host_seconds = 0;           // GPUs wait
  double static_joules = 0;          // of the whole iteration, host time included
  double seconds() const;
  double joules() const;
};
IterationShares shares_of(const PoolConfig& pool, const IterationLoad& load);

// Runs the scenario to learn its mean batch and context, then takes an iteration apart.
Answer explain(const ServeScenario& scenario, RunContext& context);

}  // namespace jevons
