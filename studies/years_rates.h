#pragma once
// What the years need to know of chips, from the serving and the training model: load surfaces of
// every segment's reference model on every chip on offer, and a large training step.
#include <optional>
#include <vector>

#include "models/demand/lever.h"
#include "models/demand/years.h"
#include "models/jobs/inference/serving_config.h"

namespace jevons {

// A replica as labs would run it: the fewest GPUs, in powers of two, that hold the weights and
// leave at least half of their memory to the KV cache. Attention is split over a node's GPUs, of
// models with latent attention copied; experts lie spread over all GPUs. Nothing when 64 GPUs do
// not do.
std::optional<PoolConfig> replica_on(const ChipSpec& chip, const ModelCard& model,
                                     const HardwareProfile& hardware);
// The same with the chip's own profile.
std::optional<PoolConfig> replica_on(const ChipSpec& chip, const ModelCard& model);

// Rates of every chip on every segment. Surfaces are kept by their inputs for the life of the
// program. Throws ScenarioError where a chip's data do not suffice.
std::vector<ChipRates> years_rates(const World& world);
// The same chips run otherwise; training as it is.
std::vector<ChipRates> years_rates(const World& world, const DeploymentChange& change);

}  // namespace jevons
