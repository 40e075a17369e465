#pragma once
// How many replicas a load needs: the fewest with which 95 of 100 requests keep the objective.
#include <string>
#include <vector>

#include "scenarios/kinds.h"
#include "scenarios/serve_scenario.h"

namespace jevons {

// "ttft=2s,tpot=50ms", or one of the two, over what is there already. Throws ScenarioError.
Slo slo_from(const std::string& text, Slo slo);

// One fleet that was tried: replicas of each pool, and the 95th percentiles.
struct SizeTrial {
  std::vector<int> replicas;
  Time ttft, tpot;
  bool is_enough = false;
};

// Runs the scenario with more or fewer replicas until the answer is known; more replicas are
// assumed never to be worse. Autoscaling is left out.
Answer size(ServeScenario scenario, RunContext& context);

}  // namespace jevons
