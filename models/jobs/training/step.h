#pragma once
// Time, memory and energy of one training step: one representative rank per pipeline stage, the
// slowest of which sets the pace. Assumes that the setup keeps its laws (setup_laws.h).
//
// Overlap: what runs beside computation is exposed only where it is longer. Gradients of DP hide
// behind the backward of the last micro-batch, parameters behind the forward of the first; under
// ZeRO-3 both behind every micro-batch. Under DualPipe a forward and a backward run side by side:
// exchange of experts hides behind both, and takes some of the multiprocessors away from them.
#include "models/jobs/training/layer_pass.h"

namespace jevons {

// Costs of the parts of a model; they depend on tp, cp, ep, micro-batch, sequence, precision,
// recomputation and attention, not on pp, dp, chunks, schedule, sharding.
struct LayerCosts {
  std::array<LayerCost, layer_part_count> parts;
  const LayerCost& operator[](LayerPart p) const { return parts[static_cast<std::size_t>(p)]; }
};
LayerCosts layer_costs(const TrainingSetup& setup);

StepResult training_step(const TrainingSetup& setup);
// Cost: some microseconds.
StepResult training_step(const TrainingSetup& setup, const LayerCosts& costs);

}  // namespace jevons
