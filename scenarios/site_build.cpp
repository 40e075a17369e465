#include "scenarios/site_build.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/hardware/cluster/cluster_graph.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/site_workloads.h"

namespace jevons {

namespace {

// A year of a signal, hour by hour, for policies that look ahead.
Signal signal_of(const Hourly& hourly) {
  std::vector<double> values;
  const std::int64_t hours = hourly.is_constant() ? 1 : hours_per_year;
  for (std::int64_t h = 0; h < hours; ++h) values.push_back(hourly.ahead(Instant{}, h));
  return {std::chrono::hours{1}, values};
}

SchedulerConfig scheduler_config(const ClusterEntry& entry, const SiteNames& names) {
  SchedulerConfig config;
  const NetworkSpec& network = entry.machines.network;
  int rack = 4;
  if (const auto* leaf = std::get_if<LeafSpine>(&network.topology)) rack = leaf->nodes_per_leaf;
  if (const auto* rails = std::get_if<RailFatTree>(&network.topology))
    rack = rails->nodes_per_group;
  config.nodes = {NodeGroup{.nodes = entry.machines.nodes,
                            .gpus_per_node = entry.machines.gpus_per_node,
                            .nodes_per_domain = network.nodes_per_domain,
                            .nodes_per_rack = rack}};
  config.placement = entry.placement;
  config.policy = entry.policy;
  if (!entry.tenants.empty()) config.tenants.resize(names.tenants.size());
  for (const auto& [name, tenant] : entry.tenants) {
    const auto at = std::find(names.tenants.begin(), names.tenants.end(), name);
    if (at == names.tenants.end()) continue;  // whose jobs never came
    Tenant& t = config.tenants[static_cast<std::size_t>(at - names.tenants.begin())];
    t.weight = tenant.weight;
    if (tenant.quota) t.quota = *tenant.quota;
  }
  for (const MaintenanceEntry& m : entry.maintenance)
    config.maintenance.push_back(
        {m.first_node, m.last_node, Instant{m.begin}, Instant{m.begin + m.lasts}});
  return config;
}

// Adds a site and its clusters; powers only where there is a facility.
void add_site(const SiteEntry& entry, const SiteNames& names, SiteModel& model) {
  const auto site = static_cast<std::int32_t>(model.sites.size());
  std::vector<PoweredNodes> pools;
  Power network;
  const std::size_t first = model.clusters.size();
  for (const ClusterEntry& c : entry.clusters) {
    ClusterModel cluster;
    cluster.name = c.machines.name;
    cluster.site = site;
    cluster.pool = static_cast<std::int32_t>(pools.size());
    cluster.nodes = c.machines.nodes;
    cluster.gpus_per_node = c.machines.gpus_per_node;
    cluster.scheduler = scheduler_config(c, names);
    if (c.shares_network) cluster.shared_network = c.machines.network;
    if (entry.facility) {
      const Power idle = profile_for(c.machines.chip).energy.idle;
      pools.push_back(powered_nodes(c.machines, *entry.facility, idle));
      network += ClusterGraph{c.machines.network, c.machines.nodes, c.machines.gpus_per_node}
                     .switch_power();
    }
    model.clusters.push_back(std::move(cluster));
  }
  model.site_names.push_back(entry.name);
  model.sites.emplace_back();
  if (!entry.facility) return;
  model.sites.back() = facility_model(*entry.facility, std::move(pools), network);
  for (std::size_t c = first; c < model.clusters.size(); ++c) {
    model.clusters[c].scheduler.carbon = signal_of(model.sites.back()->grid.carbon_g_per_kwh);
    model.clusters[c].scheduler.price = signal_of(model.sites.back()->grid.price_usd_per_kwh);
  }
}

// Jobs that no cluster they may go to could ever hold.
void refuse_too_large(const SiteModel& model) {
  std::int64_t too_large = 0;
  std::int32_t most = 0;
  const SiteJob* first = nullptr;
  for (const SiteJob& job : model.jobs) {
    std::int32_t room = 0;
    for (std::size_t c = 0; c < model.clusters.size(); ++c) {
      const bool may = job.cluster ? *job.cluster == static_cast<std::int32_t>(c)
                                   : model.routing != Routing::first || c == 0;
      const ClusterModel& m = model.clusters[c];
      if (may) room = std::max(room, m.nodes * m.gpus_per_node);
    }
    if (job.gang.least_gpus() <= room) continue;
    ++too_large;
    if (first == nullptr || job.gang.least_gpus() > first->gang.least_gpus()) first = &job;
    most = room;
  }
  if (first == nullptr) return;
  throw ScenarioError{Mistake{
      "scenario", 0, "", "jobs of at most the " + grouped(most) + " GPUs that there are for them",
      grouped(too_large) + (too_large == 1 ? " larger one" : " larger ones") + ", the largest of " +
          grouped(first->gang.least_gpus()) + " GPUs (job " + std::to_string(first->gang.id) + ")",
      "such jobs could never start"}};
}

// What is asked for over what there is, from the first arrival to the last.
void note_demand(const SiteModel& model, std::vector<std::string>& caveats) {
  if (model.jobs.size() < 2) return;
  double asked = 0, gpus = 0;
  for (const SiteJob& j : model.jobs) asked += to_time(j.gang.run).in(unit::h)*j.gang.gpus;
  for (const ClusterModel& c : model.clusters) gpus += c.nodes * c.gpus_per_node;
  const Span lasts = model.jobs.back().gang.submit - model.jobs.front().gang.submit;
  const double there = gpus * to_time(lasts).in(unit::h);
  if (there <= 0 || asked <= there) return;
  caveats.push_back("Jobs ask for " + figure(asked) + " GPU-hours while they arrive, and the " +
                    grouped(static_cast<std::int64_t>(gpus)) + " GPUs have " + figure(there) +
                    ": the queue grows for the whole trace, and waits depend on its length.");
}

}  // namespace

SiteBuild build_sites(const SiteScenario& scenario, RunContext& context) {
  SiteBuild build;
  SiteNames names;
  SiteJobs jobs = collect_jobs(scenario, names, context);
  for (const SiteEntry& entry : scenario.sites) add_site(entry, names, build.model);
  build.model.jobs = std::move(jobs.jobs);
  build.left_out = jobs.left_out;
  build.model.services = service_models(scenario, names, context);
  build.model.routing = scenario.routing;
  if (scenario.stop_at) build.model.stop_at = Instant{*scenario.stop_at};
  build.model.sample_every = scenario.sample_interval;
  build.model.records_runs = context.trace.has_value();
  refuse_too_large(build.model);
  note_demand(build.model, build.caveats);
  return build;
}

}  // namespace jevons
