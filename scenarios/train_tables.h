#pragma once
// phases.csv, memory.csv, power.csv and job.csv. Every column is defined in docs/outputs.md.
#include <string_view>
#include <vector>

#include "scenarios/output_dir.h"
#include "scenarios/train_answer.h"

namespace jevons {

// The kinds of memory of a rank by name, in bytes.
struct NamedBytes {
  std::string_view name;
  double bytes = 0;
};
std::vector<NamedBytes> by_kind(const TrainingMemory& memory);

// The phases of the DualPipe report by name, in seconds.
struct NamedSeconds {
  std::string_view name;
  double seconds = 0;
};
std::vector<NamedSeconds> by_name(const DualPipePhases& phases);

void write_tables(const TrainScenario& scenario, const TrainOutcome& outcome, const OutputDir& out);

}  // namespace jevons
