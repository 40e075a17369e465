#pragma once
// Laws that a training setup keeps, told as values: text is made where there is a reader.
#include <string_view>
#include <vector>

#include "models/jobs/training/training_setup.h"

namespace jevons {

struct SetupMistake {
  std::string_view field;     // of the setup, e.g. "layout.tp"
  std::string_view expected;  // e.g. "a divisor of the attention heads"
  double got = 0;
  double nearest = 0;  // valid value of the field nearest to the given one
  double of = 0;       // what it must divide, not exceed, or be a multiple of; 0: no number
};

// All broken laws but that of memory; empty for a setup that training_step can answer.
std::vector<SetupMistake> setup_mistakes(const TrainingSetup& setup);

// Bytes that do not fit on the fullest GPU; 0: it fits. Needs a setup without mistakes.
double missing_bytes(const TrainingSetup& setup);

// A setup that fits and differs least: first more recomputation, then more sharding, then more
// pipeline stages or TP in place of DP. `found` is false where none of these fits.
struct NearestFit {
  bool found = false;
  TrainingSetup setup;
};
NearestFit nearest_that_fits(const TrainingSetup& setup);

}  // namespace jevons
