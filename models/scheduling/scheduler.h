#pragma once
// A cluster and its queue: jobs arrive, start, are preempted and end. Whoever drives it owns the
// clock: it tells arrivals and ends, calls decide() once after those of an instant, reads the
// changes and knows from them when jobs will end.
//
// A scheduler is a plain value; archive() takes all of its state.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "models/scheduling/arrival_index.h"
#include "models/scheduling/gang_job.h"
#include "models/scheduling/node_pool.h"
#include "models/scheduling/policy.h"
#include "models/scheduling/releases.h"
#include "models/scheduling/reshuffle.h"
#include "models/scheduling/signal.h"
#include "sim/int128.h"

namespace jevons {

struct Tenant {
  double weight = 1;                   // for fair share
  std::int32_t quota = INT32_MAX / 2;  // most GPUs held at a time
};

// Nodes first..last are given up from..to: whoever would still run on them at `from` is not placed
// there; whoever does so all the same is preempted.
struct Maintenance {
  std::int32_t first_node = 0, last_node = 0;
  Instant from{}, to{};
};

struct SchedulerConfig {
  std::vector<NodeGroup> nodes{NodeGroup{}};
  Placement placement = Placement::packed;
  Policy policy = Fcfs{};
  std::vector<Tenant> tenants;  // those not listed have weight 1 and no quota
  std::vector<Maintenance> maintenance;
  Signal carbon, price;  // for Shifted
};

enum class GangPhase : std::uint8_t { absent, delayed, waiting, running, done };

// Full speed; a slower job has a rate below.
inline constexpr std::int64_t full_rate = 1'000'000;

struct GangState {
  Gang gang;
  Span left{};          // work, as time at full speed on `gpus` GPUs
  Span request_left{};  // the same as far as the scheduler knows
  Span unsaved{};       // work that a preemption would lose
  Instant settled{};
  std::int64_t size_rate = full_rate;   // of an elastic job, by its GPUs
  std::int64_t clock_rate = full_rate;  // set from outside: power cap, shared links
  Instant expected_end{};
  Instant first_start = forever, last_start{}, end = forever;
  Int128 gpu_ns = 0;  // GPUs x time held
  Span ran{};         // time held
  std::int32_t preemptions = 0;
  std::int32_t place = -1;  // order of arrival
  GangPhase phase = GangPhase::absent;

  template <class Archive>
  void archive(Archive& a) {
    a(gang, left, request_left, unsaved, settled, size_rate, clock_rate, expected_end, first_start,
      last_start, end, gpu_ns, ran, preemptions, place, phase);
  }
};

struct GangChange {
  enum class Kind : std::uint8_t { started, preempted, resized };
  JobIndex job = 0;
  Kind kind = Kind::started;
};

class Scheduler {
 public:
  Scheduler() = default;
  explicit Scheduler(const SchedulerConfig& config);

  // Adds a job that will arrive; nothing happens yet. Indices count from 0.
  JobIndex add(const GangJob& job);
  void reserve(std::size_t jobs);

  void arrive(Instant now, JobIndex job);
  void finish(Instant now, JobIndex job);
  // Takes a job out, wherever it is: a replica that is switched off.
  void cancel(Instant now, JobIndex job);
  void decide(Instant now);
  // What decide() changed, in order; for ends the driver knows itself.
  [[nodiscard]] std::span<const GangChange> changes() const { return changes_; }
  // When decide() is wanted even if nothing arrives or ends.
  [[nodiscard]] std::optional<Instant> next_wake() const;

  // Slows a running job down, or back up: parts per million of full speed.
  void set_clock_rate(Instant now, JobIndex job, std::int64_t rate);
  // It must do this much more: its nodes were asleep when it started.
  void delay(Instant now, JobIndex job, Span by);
  // At most so many GPUs more may be started until this is said again.
  void limit_starts(std::int64_t gpus) { startable_ = gpus; }
  // When a running job ends if nothing changes.
  [[nodiscard]] Instant end_of(JobIndex job) const;

  [[nodiscard]] const GangJob& job(JobIndex i) const { return jobs_[at(i)]; }
  [[nodiscard]] const GangState& state(JobIndex i) const { return states_[at(i)]; }
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }
  [[nodiscard]] const NodePool& pool() const { return pool_; }
  [[nodiscard]] std::int32_t waiting() const { return waiting_.size() + parked_; }
  // Somebody waits, or waits to be let in.
  [[nodiscard]] bool is_anybody_left() const {
    return waiting() > 0 || !urgent_.empty() || !delayed_.empty();
  }
  [[nodiscard]] std::span<const JobIndex> running() const { return running_; }

  template <class Archive>
  void archive(Archive& a) {
    a(pool_, jobs_, states_, slot_, by_place_, running_, waiting_, by_score_, by_tenant_,
      parked_in_, parked_, urgent_, delayed_, releases_, victims_, held_, committed_, promised_,
      active_, shuffle_, changes_, startable_, has_elastic_);
  }

 private:
  static std::size_t at(JobIndex i) { return static_cast<std::size_t>(i); }
  // Jobs by priority, the lowest first, and of these the last started, the last in the list.
  struct Victim {
    std::int32_t priority = 0;
    std::int64_t minus_start = 0;
    JobIndex minus_job = 0;
    [[nodiscard]] JobIndex job() const { return -minus_job; }
    auto operator<=>(const Victim&) const = default;
  };

  // scheduler.cpp: what happens to one job
  void settle(Instant now, JobIndex job, bool is_end);
  void enqueue(JobIndex job);
  void dequeue(JobIndex job);
  void start(Instant now, JobIndex job, Gang gang);
  void give_back(Instant now, JobIndex job);
  void preempt(Instant now, JobIndex job);
  void resize(Instant now, JobIndex job, Gang gang);
  void note_held(JobIndex job, std::int32_t gpus);
  [[nodiscard]] Span request_on(JobIndex job, std::int32_t gpus) const;
  [[nodiscard]] std::int64_t rate_on(const GangJob& job, std::int32_t gpus) const;
  [[nodiscard]] Victim victim_of(JobIndex job) const;
  [[nodiscard]] Tenant tenant_of(JobIndex job) const;
  [[nodiscard]] bool is_over_quota(JobIndex job) const;

  // scheduler_queue.cpp: who is next
  void queue_pass(Instant now);
  [[nodiscard]] std::optional<JobIndex> head(Instant now);
  [[nodiscard]] std::optional<JobIndex> best_by_score(Instant now) const;
  [[nodiscard]] std::optional<JobIndex> best_by_share() const;
  bool try_start(Instant now, JobIndex job);
  void park_over_quota(JobIndex job);
  struct Promise {
    Instant when = forever;
    std::int32_t group = -1, beside = 0;

    template <class Archive>
    void archive(Archive& a) {
      a(when, group, beside);
    }
  };
  [[nodiscard]] Promise promise_for(Instant now, JobIndex job) const;
  void backfill_easy(Instant now, JobIndex head, Promise promise, bool is_strict);
  void backfill_conservative(Instant now);

  // scheduler_room.cpp: room that is made
  std::optional<Gang> place(Instant now, JobIndex job, const Promise* promise);
  void start_urgent(Instant now);
  bool preempt_for(Instant now, JobIndex job);
  bool shrink_for(Instant now, JobIndex job);
  void grow(Instant now);
  void wake_delayed(Instant now);
  void keep_maintenance(Instant now);
  [[nodiscard]] Instant planned_start(Instant now, JobIndex job) const;

  // scheduler_shuffle.cpp: who runs, decided anew
  using Choice = std::vector<std::pair<JobIndex, Gang>>;
  [[nodiscard]] Charge charge() const;
  void shuffle_in(JobIndex job);
  void shuffle_out(JobIndex job);
  void shuffle_away(JobIndex job);
  void shuffle(Instant now);
  bool choose(JobIndex job, Choice& choice);
  void choose_shortest(const std::vector<JobIndex>& running, Choice& choice);
  void choose_least_attained(const std::vector<JobIndex>& running, const LeastAttained& policy,
                             Choice& choice);
  void order_queues(Instant now, const LeastAttained& policy);
  void choose_fairest(Instant now, Choice& choice);
  void place_fairest(Choice& choice);
  void run_chosen(Instant now, const std::vector<JobIndex>& running, Choice& choice);

  SchedulerConfig config_;
  Ordering ordering_ = Ordering::arrival;
  QueueRules rules_;
  bool has_elastic_ = false;

  NodePool pool_;
  std::vector<GangJob> jobs_;
  std::vector<GangState> states_;
  std::vector<std::int32_t> slot_;  // of a running job in running_
  std::vector<JobIndex> by_place_;  // who arrived as the how-manieth
  std::vector<JobIndex> running_;

  ArrivalIndex waiting_;                                      // by place
  std::set<std::pair<double, std::int32_t>> by_score_;        // fixed: score, place
  std::map<std::int32_t, std::set<std::int32_t>> by_tenant_;  // tenant: places
  std::map<std::int32_t, std::set<std::int32_t>> parked_in_;  // over quota; tenant: places
  std::int32_t parked_ = 0;
  std::set<std::int32_t> urgent_;  // places
  std::set<std::pair<Instant, JobIndex>> delayed_;

  std::vector<Releases> releases_;                                     // by group of nodes
  std::set<Victim> victims_;                                           // preemptible jobs that run
  std::map<std::int32_t, std::map<std::int32_t, std::int64_t>> held_;  // tenant: chip: GPUs
  std::optional<JobIndex> committed_;
  Promise promised_;
  std::vector<std::uint8_t> active_;  // of maintenance
  Shuffle shuffle_;
  std::vector<GangChange> changes_;
  std::int64_t startable_ = std::int64_t{1} << 62;
};

}  // namespace jevons
