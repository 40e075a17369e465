#pragma once
// Scenario -> what the training model takes.
#include <map>
#include <optional>

#include "models/jobs/training/training_setup.h"
#include "models/jobs/training_job/job_run.h"
#include "models/llm/expert_load.h"
#include "scenarios/train_scenario.h"

namespace jevons {

// Share of link and network rates that large collectives reach, and the time of a hop.
inline constexpr double assumed_link_share = 0.75, assumed_network_share = 0.8;
inline constexpr Time assumed_link_hop = 3 * unit::us, assumed_network_hop = 10 * unit::us;

// The scenario's own tiers; without them two: the scale-up link of the chip, which must be known,
// and the network between nodes.
FabricTiers fabric_of(const TrainScenario& scenario);

// Load of the fullest expert rank over the mean one, by how popular experts are.
class ExpertLoads {
 public:
  ExpertLoads(const ModelCard& card, double skew) : card_{&card}, skew_{skew} {}
  double hottest(const TrainingSetup& setup);

 private:
  const ModelCard* card_;
  double skew_;
  std::map<int, ExpertLoadTable> by_ep_;
};

// As said; where no slowdown is, the one that was fitted for such chips.
TrainingStack stack_of(const TrainScenario& scenario);

// Hardware is left out: memory and laws do not depend on it. Where the layout is to be searched it
// is one GPU's.
TrainingSetup setup_without_hardware(const TrainScenario& scenario);

const ScalingLaw& law_of(const CapabilitySettings& capability);
// Tokens that the goal asks for; nothing where no amount reaches it.
std::optional<double> wanted_tokens(const TrainScenario& scenario);

// The job that repeats this step.
TrainingJob job_of(const TrainScenario& scenario, const TrainingSetup& setup,
                   const StepResult& step, double tokens);

// What each planned stop takes: saving, the stop itself, starting again. There must be such stops.
Time planned_stop(const TrainingJob& job);

// Days of the job that can be expected, failures and checkpoints by Daly's formula.
Time expected_wall(const TrainingJob& job);

}  // namespace jevons
