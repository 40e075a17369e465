#pragma once
// kind "site": clusters at one or several sites, and the jobs, trainings and services that share
// them.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/hardware/cluster/cluster_spec.h"
#include "models/scheduling/node_pool.h"
#include "models/scheduling/policy.h"
#include "models/site/site_model.h"
#include "scenarios/facility_scenario.h"
#include "scenarios/file_path.h"
#include "scenarios/job_entry.h"
#include "scenarios/kinds.h"
#include "scenarios/rl_scenario.h"
#include "scenarios/serve_scenario.h"
#include "scenarios/train_scenario.h"
#include "sim/fields.h"

namespace jevons {

// What a GPU draws, of its limit, while a job runs on it of which nothing else is known.
inline constexpr double assumed_job_power_share = 0.6;
// Of a job that shares the network, the part of its time in which it only sends.
inline constexpr double assumed_communication = 0.15;

struct TenantEntry {
  double weight = 1;
  std::optional<int> quota;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("weight", weight, Range{1e-6, 1e6}, "of its share under fair_share");
    field("quota", quota, Range{1, 10'000'000}, "most GPUs it may hold at a time");
  }
};

struct MaintenanceEntry {
  int first_node = 0, last_node = 0;
  Span begin{}, lasts = std::chrono::hours{8};

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range nodes{0, 10'000'000};
    field(required("first_node"), first_node, nodes, "first of the nodes, from 0");
    field(required("last_node"), last_node, nodes, "last of them");
    field(required("begin"), begin, "from the start of the run");
    field("lasts", lasts, "for how long");
  }
};

struct ClusterEntry {
  ClusterSpec machines;
  Placement placement = Placement::packed;
  Policy policy = Fcfs{};
  std::map<std::string, TenantEntry> tenants;
  std::vector<MaintenanceEntry> maintenance;
  bool shares_network = false;
  double job_power_share = assumed_job_power_share;

  template <class Visitor>
  void fields(Visitor&& field) {
    machines.fields(field);
    field("placement", placement, "on which nodes a gang lies");
    field("policy", policy, "who is next");
    field("tenants", tenants, "weights and quotas, by name");
    field("maintenance", maintenance, "nodes that are given up for a while");
    field("shares_network", shares_network,
          "jobs of several nodes slow each other on links they share");
    field("job_power_share", job_power_share, Range{0.0, 1.0},
          "power of a GPU with a job, of its limit, where the job does not say");
  }
};

struct SiteEntry {
  std::string name = "site";
  std::optional<FacilityScenario> facility;
  std::vector<ClusterEntry> clusters;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", name, "as printed");
    field("facility", facility, "building, grid and weather; absent: energy is not asked for");
    field(required("clusters"), clusters, "its machines");
  }
};

struct JobTraceEntry {
  FilePath file;
  JobFormat format = JobFormat::jobs;
  std::string cluster;
  bool has_virtual_clusters = false;
  std::optional<std::string> from, to;
  bool ends_at_request = true, is_clairvoyant = false;
  bool is_preemptible = false;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("file"), file, "the list, relative to this file");
    field("format", format, "how it is written");
    field("cluster", cluster, "where its jobs run; empty: as `routing` says");
    field("has_virtual_clusters", has_virtual_clusters,
          "jobs of a tenant run on the cluster of its name; jobs of others are left out");
    field("from", from, "philly: jobs from this day and time on, such as 2017-10-01 00:00:00");
    field("to", to, "philly: jobs before this day and time");
    field("ends_at_request", ends_at_request, "swf: jobs end when what they asked for is over");
    field("is_clairvoyant", is_clairvoyant, "swf: the scheduler knows run times");
    field("is_preemptible", is_preemptible, "its jobs may be stopped or delayed");
  }
};

struct SizeShare {
  int gpus = 8;
  double share = 1;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("gpus"), gpus, Range{1, 10'000'000}, "GPUs of a job");
    field("share", share, Range{0.0, 1e9}, "of the jobs, relative to the others");
  }
};

// Jobs drawn at random.
struct JobStream {
  std::string name = "jobs", tenant = "default", cluster;
  double jobs_per_day = 100;
  double day_night = 0;
  std::vector<SizeShare> sizes{{8, 1}};
  Span run_median = std::chrono::hours{1};
  double run_sigma = 1.5;
  Span run_most = std::chrono::hours{24 * 14};
  double request_factor = 1;
  double preemptible_share = 0;
  Span checkpoint_every = std::chrono::hours{1};
  Span overhead = std::chrono::minutes{5};
  std::optional<double> deadline_factor;
  std::optional<Power> power_per_gpu;
  int priority = 0;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", name, "as printed, and name of its random streams");
    field("tenant", tenant, "whose they are");
    field("cluster", cluster, "where they run; empty: as `routing` says");
    field("jobs_per_day", jobs_per_day, Range{1e-6, 1e8}, "mean, Poisson");
    field("day_night", day_night, Range{0.0, 1.0},
          "how far the rate swings around its mean over a day, highest at noon");
    field("sizes", sizes, "GPUs, with shares");
    field("run_median", run_median, Range{1 * unit::s, 10 * unit::year}, "lognormal run times");
    field("run_sigma", run_sigma, Range{0.0, 5.0}, "deviation of their logarithm");
    field("run_most", run_most, Range{1 * unit::s, 10 * unit::year}, "longer ones are cut");
    field("request_factor", request_factor, Range{1.0, 1000.0}, "time asked for, over run time");
    field("preemptible_share", preemptible_share, Range{0.0, 1.0},
          "of the jobs: may be stopped or delayed");
    field("checkpoint_every", checkpoint_every, "work that a preemption loses at most");
    field("overhead", overhead, "what a start after a preemption costs");
    field("deadline_factor", deadline_factor, Range{1.0, 1e6},
          "jobs are to be done in so many times their run time; absent: no deadline");
    field("power_per_gpu", power_per_gpu, Range{0 * unit::W, 10 * unit::kW},
          "mean power of a GPU that runs one; absent: that of the cluster");
    field("priority", priority, Range{-1000, 1000}, "the higher, the sooner");
  }
};

// A training whose length, power and communication come from the training model.
struct TrainingEntry {
  TrainScenario training;
  std::string tenant = "training", cluster;
  Span submit{};
  int count = 1, priority = 0;
  bool is_preemptible = false;
  Span overhead = std::chrono::minutes{10}, checkpoint_every{};

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("training"), training, "what is trained: keys of kind train");
    field("tenant", tenant, "whose it is");
    field("cluster", cluster, "where it runs; empty: as `routing` says");
    field("submit", submit, "when it arrives, from the start");
    field("count", count, Range{1, 100'000}, "so many alike, at once");
    field("priority", priority, Range{-1000, 1000}, "the higher, the sooner");
    field("is_preemptible", is_preemptible, "it may be stopped");
    field("overhead", overhead, "what a start after a preemption costs");
    field("checkpoint_every", checkpoint_every,
          "work since the last one is lost by preemption; 0: it saves when told to stop");
  }
};

// An RL post-training whose length and power come from its model.
struct PostTrainingEntry {
  RlScenario rl;
  std::string tenant = "rl", cluster;
  Span submit{};
  int count = 1, priority = 0;
  bool is_preemptible = false;
  Span overhead = std::chrono::minutes{10}, checkpoint_every{};

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("rl"), rl, "what is trained: keys of kind rl");
    field("tenant", tenant, "whose it is");
    field("cluster", cluster, "where it runs; empty: as `routing` says");
    field("submit", submit, "when it arrives, from the start");
    field("count", count, Range{1, 100'000}, "so many alike, at once");
    field("priority", priority, Range{-1000, 1000}, "the higher, the sooner");
    field("is_preemptible", is_preemptible, "it may be stopped");
    field("overhead", overhead, "what a start after a preemption costs");
    field("checkpoint_every", checkpoint_every,
          "work since the last one is lost by preemption; 0: it saves when told to stop");
  }
};

// Replicas that follow a daily load.
struct ServiceEntry {
  std::string name = "service", cluster;
  std::optional<ServeScenario> replica;
  std::optional<int> gpus_per_replica;
  std::optional<double> requests_per_s_per_replica;
  std::optional<Power> power_per_gpu;
  int least_replicas = 1, most_replicas = 1000;
  double peak_requests_per_s = 10, night_share = 0.3;
  Span peak_at = std::chrono::hours{14};
  Span step = std::chrono::minutes{15};
  double target = 0.8;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", name, "as printed");
    field("cluster", cluster, "where it runs; empty: the first cluster");
    field("replica", replica,
          "keys of kind serve: this fleet is one replica, its load is what a replica can take");
    field("gpus_per_replica", gpus_per_replica, Range{1, 100'000}, "absent: as `replica` has");
    field("requests_per_s_per_replica", requests_per_s_per_replica, Range{1e-9, 1e9},
          "what a replica can take; absent: what `replica` completes");
    field("power_per_gpu", power_per_gpu, Range{0 * unit::W, 10 * unit::kW},
          "at full load; absent: as `replica` draws");
    field("least_replicas", least_replicas, Range{0, 1'000'000}, "at any load");
    field("most_replicas", most_replicas, Range{1, 1'000'000}, "at any load");
    field("peak_requests_per_s", peak_requests_per_s, Range{0.0, 1e12}, "at the busiest time");
    field("night_share", night_share, Range{0.0, 1.0}, "least load over most");
    field("peak_at", peak_at, "busiest time, from midnight");
    field("step", step, Range{1 * unit::s, 1 * unit::day}, "between changes of replicas");
    field("target", target, Range{0.01, 1.0}, "share of a replica's capacity that is to be used");
  }
};

struct SiteScenario {
  static constexpr std::string_view name = "site";
  static constexpr std::string_view help = "jobs, training and serving on the clusters of sites";
  std::string title, note;
  std::uint64_t seed = 1;
  std::vector<SiteEntry> sites;
  Routing routing = Routing::first;
  std::vector<JobTraceEntry> traces;
  std::vector<JobEntry> jobs;
  std::vector<JobStream> streams;
  std::vector<TrainingEntry> training;
  std::vector<PostTrainingEntry> post_training;
  std::vector<ServiceEntry> services;
  std::optional<Span> stop_at;
  Span sample_interval = std::chrono::hours{1};
  Span slowdown_bound = std::chrono::seconds{10};

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", title, "as printed");
    field("note", note, "remark for readers");
    field("seed", seed, "seed of every random stream");
    field(required("sites"), sites, "buildings with their clusters");
    field("routing", routing, "where a job goes that names no cluster");
    field("traces", traces, "lists of jobs");
    field("jobs", jobs, "jobs one by one");
    field("streams", streams, "jobs drawn at random, until stop_at");
    field("training", training, "jobs from the training model");
    field("post_training", post_training, "jobs from the model of RL");
    field("services", services, "replicas that follow a load, until stop_at");
    field("stop_at", stop_at, Range{1 * unit::s, 100 * unit::year},
          "the run ends here even with jobs unfinished; absent: when all are done");
    field("sample_interval", sample_interval, Range{1 * unit::s, 1 * unit::year},
          "time between rows of power.csv");
    field("slowdown_bound", slowdown_bound, Range{1 * unit::ns, 1 * unit::day},
          "bounded slowdown takes run times of at least this");
  }
};

Mistakes laws(const SiteScenario& scenario, const JsonDocument& document);
Answer run(const SiteScenario& scenario, RunContext& context);

}  // namespace jevons
