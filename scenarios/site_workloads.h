#pragma once
// What is to run at sites: jobs of traces, lists and streams, trainings and services.
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/site_scenario.h"

namespace jevons {

struct SiteNames {
  std::vector<std::string> tenants;
  std::int32_t tenant(const std::string& name);  // made if new
};

struct SiteJobs {
  std::vector<SiteJob> jobs;  // by submission; ties in the order of the scenario
  std::int64_t left_out = 0;
};
SiteJobs collect_jobs(const SiteScenario& scenario, SiteNames& names, RunContext& context);

std::vector<ServiceModel> service_models(const SiteScenario& scenario, const SiteNames& names,
                                         RunContext& context);

// Places of clusters, counted over all sites; nothing for a name that is empty or unknown.
std::optional<std::int32_t> cluster_of(const SiteScenario& scenario, const std::string& name);
const ClusterEntry& cluster_entry(const SiteScenario& scenario, std::int32_t cluster);

}  // namespace jevons
