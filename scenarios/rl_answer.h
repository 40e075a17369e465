#pragma once
// What a post-training run found, as a page for people and as summary.json for programs. Both are
// made from the same figures, each defined in docs/outputs.md.
#include <string>
#include <string_view>
#include <vector>

#include "models/jobs/rl/rl_run.h"
#include "scenarios/rl_build.h"

namespace jevons {

struct RlOutcome {
  RlBuild built;
  KvCapacity engine;  // of a GPU of the fleet
  RlRunResult result;
};

struct RlFigures {
  int trainer_gpus = 0, fleet_gpus = 0, gpus = 0;  // colocated: the same ones
  double days = 0, cost_usd = 0;
  double samples = 0;  // of the run
  double updates = 0;
  double gpu_j = 0, host_j = 0, network_j = 0;
  double node_j() const { return gpu_j + host_j; }
  // Nine times in ten true GPU joules lie between `low` and `high` times these; host power is taken
  // as said.
  double low = 1, high = 1;
};
RlFigures figures_of(const RlScenario& scenario, const RlOutcome& outcome);

// A kind of thing that the fullest GPU of the trainer or one of the fleet holds.
struct HeldBytes {
  std::string_view side, what;
  double bytes = 0;
};
std::vector<HeldBytes> held_bytes(const RlOutcome& outcome);

// One sentence each: where the numbers come from, and what they leave out.
std::vector<std::string> caveats(const RlScenario& scenario, const RlOutcome& outcome);

std::string answer_text(const RlScenario& scenario, const RlOutcome& outcome);
JsonValue answer_summary(const RlScenario& scenario, const RlOutcome& outcome);
// steps.csv, phases.csv, memory.csv. Throws OutputError.
void write_tables(const RlScenario& scenario, const RlOutcome& outcome, const OutputDir& out);

}  // namespace jevons
