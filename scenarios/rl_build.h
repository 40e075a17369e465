#pragma once
// Scenario -> what the model of post-training takes.
#include <memory>

#include "scenarios/rl_scenario.h"

namespace jevons {

// Enough to ask for laws and memory: nothing of it depends on the hardware's times.
RlSetup rl_setup_without_hardware(const RlScenario& scenario);

struct RlBuild {
  std::unique_ptr<const HardwareProfile> trainer;  // the setup points to it
  RlSetup setup;
};
RlBuild build(const RlScenario& scenario);

}  // namespace jevons
