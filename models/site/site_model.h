#pragma once
// Sites with clusters, and what is to run on them: plain values, complete before the run begins.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/facility/facility.h"
#include "models/hardware/cluster/cluster_spec.h"
#include "models/scheduling/scheduler.h"

namespace jevons {

// Where a job goes that names no cluster: the first cluster, the one with fewest GPUs asked for per
// GPU, or, among those that have room now, the one whose site is cheapest or cleanest while the job
// is expected to run. With room nowhere, the one with fewest GPUs asked for.
enum class Routing { first, least_loaded, cheapest, cleanest };
template <>
inline constexpr std::array enum_names<Routing>{
    EnumName{Routing::first, "first"},
    EnumName{Routing::least_loaded, "least_loaded"},
    EnumName{Routing::cheapest, "cheapest"},
    EnumName{Routing::cleanest, "cleanest"},
};

struct ClusterModel {
  std::string name;
  SchedulerConfig scheduler;
  std::int32_t site = 0, pool = 0;            // pool: of its site's facility
  std::optional<NetworkSpec> shared_network;  // nothing: jobs do not slow each other
  std::int32_t nodes = 0, gpus_per_node = 8;
};

struct SiteJob {
  GangJob gang;
  std::optional<std::int32_t> cluster;
  std::string name;          // of its tenant or workload, as printed
  ClockedWork work;          // of one GPU, while it runs
  double communication = 0;  // share of its time in which it sends, at full network rate
};

// Replicas of a service follow its load: ceil(load / (capacity x target)), within bounds, at every
// step. A replica starts before all queued jobs and over preemptible ones.
struct ServiceModel {
  std::string name;
  std::int32_t cluster = 0, gpus_per_replica = 8, chip = any_chip;
  std::int32_t least = 1, most = 1;
  std::vector<double> load;  // requests per second, in steps, over and over
  Span step = std::chrono::minutes{15};
  double capacity = 1;  // requests per second of a replica
  double target = 0.8;  // share of it that is to be used
  double tokens_per_request = 0;
  ClockedWork idle, full;  // of one GPU, without load and at capacity
};

struct SiteModel {
  std::vector<std::string> site_names;
  std::vector<std::optional<FacilityModel>> sites;
  std::vector<ClusterModel> clusters;
  std::vector<SiteJob> jobs;  // by submission
  std::vector<ServiceModel> services;
  Routing routing = Routing::first;
  std::optional<Instant> stop_at;
  Span sample_every = std::chrono::hours{1};
  bool records_runs = false;  // every stretch of every job, for a picture of the schedule
};

// A job of which only its mean power per GPU is known, as work with a clock. The shares are chosen
// so that a limit of 0.7 of its power leaves 0.91 of its throughput and takes 0.77 of its energy,
// near what is measured of training (0.91 and 0.8; docs/assumptions.md).
inline constexpr double assumed_clock_bound = 0.3;   // of the time
inline constexpr double assumed_static_share = 0.2;  // of the power
inline constexpr double assumed_arithmetic = 0.57;   // of the energy
ClockedWork work_of_power(Power p);

}  // namespace jevons
