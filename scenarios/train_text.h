#pragma once
// Parts of a training setup in words, as pages and complaints show them.
#include <string>

#include "models/jobs/training/training_setup.h"

namespace jevons {

// "tp 8, pp 16, dp 128; interleaved, 7 chunks; micro-batch 1; recompute none; optimizer sharded"
std::string layout_text(const TrainingSetup& setup);

// "forward", "weight gradients", "exposed communication, TP": for tables that people read.
std::string phase_text(StepPhase phase);

}  // namespace jevons
