#pragma once
// A run of sites: jobs arrive, are sent to a cluster, scheduled, powered and paid for, until all is
// done or the time is up. At every change the books of each site balance exactly.
//
// All that changes is in archive(): a run that is written down, and read into a fresh one of the
// same model, goes on to the same end.
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/hardware/cluster/fabric_sharing.h"
#include "models/site/site_model.h"
#include "models/site/site_result.h"
#include "sim/event_queue.h"

namespace jevons {

class SiteRun {
 public:
  // The model outlives the run.
  explicit SiteRun(const SiteModel& model);

  // The next instant at which something happens; nothing when all is done or the time is up.
  [[nodiscard]] std::optional<Instant> next();
  void step(Instant now);
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] std::int64_t events() const { return events_; }
  [[nodiscard]] std::size_t arrived() const { return arrived_; }
  // At the end, or wherever the run stands.
  [[nodiscard]] SiteOutcome outcome();

  // Into a run of the same model: what follows from the model alone stays as it is.
  template <class Archive>
  void archive(Archive& a) {
    a(now_, last_sample_, arrived_, events_, ends_, seen_clock_, outcome_jobs_, samples_, runs_,
      sampled_, services_);
    for (Cluster& cluster : clusters_) cluster.archive(a);
    for (auto& facility : facilities_)
      if (facility) facility->archive(a);
    for (auto& fabric : fabrics_)
      if (fabric) a(fabric->sharing, fabric->job_of_flow);
  }

 private:
  // What runs on a cluster besides what its scheduler knows, by the scheduler's index of jobs.
  struct Held {
    std::int32_t owner = 0;  // a job of the model; -1 - s: a replica of service s
    std::int32_t draw = -1, flow = -1;
    EventHandle end{};
    Instant since{};
    std::int32_t first_node = 0, gpus = 0;
  };
  struct Cluster {
    Scheduler scheduler;
    std::vector<Held> held;
    std::int64_t asked_gpus = 0;  // of jobs that wait or run
    bool is_dirty = false;
    std::optional<Instant> wake;

    template <class Archive>
    void archive(Archive& a) {
      a(scheduler, held, asked_gpus, is_dirty, wake);
    }
  };
  struct Service {
    std::vector<JobIndex> replicas;  // in the scheduler of its cluster, the oldest first
    std::int64_t steps = 0;
    double rate = 0;  // requests per second of this step
    std::int32_t running = 0;
    bool is_new_load = false;
    Instant settled{};
    ServiceOutcome outcome;

    template <class Archive>
    void archive(Archive& a) {
      a(replicas, steps, rate, running, is_new_load, settled, outcome);
    }
  };
  struct JobEnd {
    static constexpr std::string_view name = "job end";
    std::int32_t cluster = 0;
    JobIndex job = 0;
  };
  struct Fabric {  // of a cluster whose jobs share its network
    ClusterGraph graph;
    FabricSharing sharing;
    std::vector<JobIndex> job_of_flow;
  };

  void take_ends(Instant now);
  void take_arrivals(Instant now);
  void take_service_steps(Instant now);
  void decide(Instant now);
  void follow_clocks(Instant now);
  void sample(Instant now);

  [[nodiscard]] std::int32_t route(Instant now, const SiteJob& job) const;
  [[nodiscard]] double rank(Instant now, const SiteJob& job, std::size_t cluster) const;
  JobIndex submit(Instant now, std::int32_t cluster, const GangJob& job, std::int32_t owner);
  void follow_changes(Instant now, std::int32_t cluster);
  void begin(Instant now, std::int32_t cluster, JobIndex job);
  void cease(Instant now, std::int32_t cluster, JobIndex job);
  void reschedule(std::int32_t cluster, JobIndex job);
  void set_pace(Instant now, std::int32_t cluster, JobIndex job);
  void join_fabric(Instant now, std::int32_t cluster, JobIndex job);
  void leave_fabric(Instant now, std::int32_t cluster, JobIndex job);
  void follow_fabric(Instant now, std::int32_t cluster);
  void set_replicas(Instant now, std::size_t service);
  void share_load(Instant now, std::size_t service);
  void settle_service(Instant now, std::size_t service);
  [[nodiscard]] const ClockedWork& work_of(std::int32_t owner) const;
  void limit_starts(Instant now, std::int32_t cluster);
  [[nodiscard]] Span wake_nodes(Instant now, std::int32_t cluster);
  [[nodiscard]] bool has_work_left() const;

  Facility* facility_of(std::int32_t cluster) {
    auto& site = facilities_[static_cast<std::size_t>(model(cluster).site)];
    return site ? &*site : nullptr;
  }
  [[nodiscard]] const ClusterModel& model(std::int32_t cluster) const {
    return model_->clusters[static_cast<std::size_t>(cluster)];
  }
  Cluster& at(std::int32_t cluster) { return clusters_[static_cast<std::size_t>(cluster)]; }

  const SiteModel* model_;
  Instant now_{}, last_sample_{};
  std::size_t arrived_ = 0;
  std::int64_t events_ = 0;
  EventQueue<JobEnd> ends_;
  std::vector<Cluster> clusters_;
  std::vector<Service> services_;
  std::vector<std::optional<Facility>> facilities_;
  std::vector<std::uint64_t> seen_clock_;
  std::vector<JobOutcome> outcome_jobs_;
  std::vector<SiteSample> samples_;
  std::vector<RunStretch> runs_;
  std::vector<std::array<Int128, site_account_count>> sampled_;  // attojoules at the last sample
  std::vector<std::unique_ptr<Fabric>> fabrics_;
};

}  // namespace jevons
