#pragma once
// What the recipes of Megatron-Bridge say about its runs, beside the parallelism that the table of
// results states.
#include <string_view>

#include "models/jobs/training/training_setup.h"

namespace jevons {

// `release`: of the container, "25.11" or "26.02.01". Sets recomputation, capture of graphs,
// dispatch and overlap of its exchange. Where no recipe names recomputation: the least that fits.
void apply_bridge_recipe(std::string_view release, TrainingSetup& setup);

}  // namespace jevons
