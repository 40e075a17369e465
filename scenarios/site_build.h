#pragma once
// From a site scenario to what the model takes.
#include <cstdint>
#include <string>
#include <vector>

#include "models/site/site_model.h"
#include "scenarios/site_scenario.h"

namespace jevons {

struct SiteBuild {
  SiteModel model;
  std::int64_t left_out = 0;  // jobs of tenants without a virtual cluster, rows without size
  std::vector<std::string> caveats;
};

// Throws ScenarioError: files that cannot be read, jobs that fit on no cluster.
SiteBuild build_sites(const SiteScenario& scenario, RunContext& context);

}  // namespace jevons
