#pragma once
// A training job in time: it trains, saves, fails, is found, restarts, goes on. One event per
// change; between two changes checkpoints follow in closed form (checkpointed_work.h).
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/jobs/training_job/checkpoint.h"
#include "models/jobs/training_job/checkpointed_work.h"
#include "models/jobs/training_job/failure_model.h"
#include "sim/event_queue.h"
#include "sim/fields.h"
#include "sim/rng.h"

namespace jevons {

// No source tells how long wrong numbers stay unnoticed on the whole, only that one case took more
// than 8 h (ByteRobust, arXiv:2509.16293), nor how long repairs take.
inline constexpr Time assumed_silent_detection = 1 * unit::h;
inline constexpr Time assumed_repair = 1 * unit::day;

// From a failure to training again: detection, diagnosis, restart, and reading the checkpoint.
struct Recovery {
  Time detection = 1 * unit::min;      // of an error that shows itself; ByteRobust, section 8
  Time hang_timeout = 10 * unit::min;  // of a lost network: PyTorch's default for NCCL
  Time silent_detection = assumed_silent_detection;
  Time diagnosis = 8.5 * unit::min;  // 2 to 15 min: ByteRobust; both under 10: MegaScale
  Time restart = 3 * unit::min;      // the whole within 15 min: MegaScale, arXiv:2402.15627

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range range{0 * unit::s, 100 * unit::day};
    field("detection", detection, range, "from an error that shows itself to the stop of the job");
    field("hang_timeout", hang_timeout, range, "from a lost network to the stop of the job");
    field("silent_detection", silent_detection, range,
          "from silent corruption to its discovery; all work since then is lost");
    field("diagnosis", diagnosis, range, "from the stop until the faulty node is known");
    field("restart", restart, range, "start of processes and communicators");
  }
};

// Nodes that stand ready for those that fail. Failed ones come back repaired.
struct SparePool {
  int nodes = 16;
  Time repair = assumed_repair;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("nodes", nodes, Range{0, 1'000'000}, "nodes that stand ready at the start");
    field("repair", repair, Range{0 * unit::s, 1000 * unit::day}, "until a failed node is back");
  }
};

// Nodes that run, but slower, and with them the whole job, until they are found and replaced in a
// planned restart that loses no work.
inline constexpr double assumed_gpu_hours_per_straggler = 2'000'000;
inline constexpr Time assumed_straggler_search = 6 * unit::h;
struct Stragglers {
  double gpu_hours_per_straggler = assumed_gpu_hours_per_straggler;
  double slowdown = 0.10;  // about 10 %: MegaScale, section 6.3
  Time search = assumed_straggler_search;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("gpu_hours_per_straggler", gpu_hours_per_straggler, Range{1.0, 1e12},
          "GPU-hours per node that becomes slow");
    field("slowdown", slowdown, Range{0.0, 100.0}, "by how much a step then takes longer");
    field("search", search, Range{0 * unit::s, 1000 * unit::day}, "until a slow node is found");
  }
};

// Stops that are planned: upgrades, changes of the configuration. The job saves first and loses no
// work. One that falls into an outage is done along with it.
// Source: Llama 3 (arXiv:2407.21783, section 3.3.4): 47 in 54 days; how long each took it does not
// say.
inline constexpr Time assumed_maintenance = 15 * unit::min;
struct PlannedStops {
  Time every = (54.0 / 47) * unit::day;
  Time takes = assumed_maintenance;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("every", every, Range{1 * unit::min, 10'000 * unit::day},
          "from one planned stop to the next");
    field("takes", takes, Range{0 * unit::s, 100 * unit::day}, "until processes start again");
  }
};

// Mean power by what the job does: of one GPU, and of the rest of one node.
struct JobPower {
  Power training;  // over a step
  Power waiting;   // spinning: checkpoints, hangs
  Power idle;      // no process: restarts, waits for nodes
  Power host_per_node;
};

struct TrainingJob {
  int gpus = 8, gpus_per_node = 8;
  double parameters = 0;  // that a checkpoint holds
  Time step;
  std::int64_t steps = 1;
  double tokens_per_step = 0;
  JobPower power;
  std::optional<FailureModel> failures = FailureModel{};  // nothing: none happen
  Checkpointing checkpoint;
  Recovery recovery;
  std::optional<SparePool> spares;  // nothing: there is always one
  std::optional<Stragglers> stragglers;
  std::optional<PlannedStops> maintenance;  // nothing: none are planned

  int nodes() const { return (gpus + gpus_per_node - 1) / gpus_per_node; }
};

enum class JobState { training, detecting, recovering, waiting, maintained, done };
inline constexpr std::size_t job_state_count = 6;
template <>
inline constexpr std::array enum_names<JobState>{
    EnumName{JobState::training, "training"},      // or taking checkpoints
    EnumName{JobState::detecting, "detecting"},    // failed, nobody knows
    EnumName{JobState::recovering, "recovering"},  // diagnosis, restart, reading back
    EnumName{JobState::waiting, "waiting"},        // no node to replace the failed one
    EnumName{JobState::maintained, "maintained"},  // stopped as planned
    EnumName{JobState::done, "done"},
};

struct JobChange {
  Instant at{};
  JobState state = JobState::training;
  Span saved{};                       // work that survives
  std::optional<FailureCause> cause;  // of the failure that led here
  int slow_nodes = 0, free_spares = 0;
};

// Where wall-clock went. Sums to it, exactly.
struct JobTimes {
  Span useful{};   // work that is kept, at full pace
  Span slowed{};   // what stragglers added to training
  Span lost{};     // work done again
  Span stalled{};  // checkpoints
  Span detecting{}, recovering{}, waiting{}, maintained{};
  Span total() const {
    return useful + slowed + lost + stalled + detecting + recovering + waiting + maintained;
  }
};

struct JobResult {
  bool is_done = false;
  Span wall{};
  JobTimes times;
  double steps = 0, tokens = 0;  // kept
  Span interval{};               // of work between checkpoints
  CheckpointCost checkpoint;
  std::int64_t checkpoints = 0, stragglers = 0, planned_stops = 0, events = 0;
  std::array<std::int64_t, failure_cause_count> failures{};
  Energy gpu_energy, host_energy;
  Energy lost_energy;  // of the GPUs, for work done again
  std::vector<JobChange> changes;

  std::int64_t failure_count() const;
  // Work kept over wall-clock: what is left of the step model's speed.
  double goodput() const { return ratio(times.useful); }
  // Effective training time ratio: training that is kept over wall-clock.
  double ettr() const { return ratio(times.useful + times.slowed); }

 private:
  double ratio(Span part) const { return wall > Span{} ? to_time(part) / to_time(wall) : 1; }
};

struct JobOptions {
  std::uint64_t seed = 1;
  std::uint64_t index = 0;           // of the job, so that several have their own luck
  std::optional<Span> stop_after{};  // even if not done
  bool keeps_changes = false;        // fill JobResult::changes
};

// Training between checkpoints: as told, or Daly's optimum; whole steps, and not shorter than the
// writing takes.
Span checkpoint_interval(const TrainingJob& job);

// A job that can be driven from outside: ask when it changes, advance it then.
class JobRun {
 public:
  JobRun(const TrainingJob& job, const JobOptions& options);

  // Nothing once it is done.
  std::optional<Instant> next_change() { return queue_.next_time(); }
  void advance();
  JobState state() const { return state_; }
  // As of `now`, not after the next change.
  JobResult result(Instant now);

 private:
  enum class Event : std::uint8_t {
    failure,
    detected,
    corruption_found,
    recovered,
    repaired,
    straggler,
    straggler_found,
    maintenance,
    maintenance_over,
    finished
  };
  // Order within one instant: nodes come back before anybody asks for one.
  enum Phase : int { repair_phase, change_phase, failure_phase };

  void handle(Event event, Instant now);
  void settle(Instant now);
  void enter(JobState state, Instant now);
  void plan_finish(Instant now);
  void plan_failure(Instant now);
  void plan_straggler(Instant now);
  void set_pace();
  void lose_node(Instant now);
  void on_failure(Instant now);
  void on_corruption_found(Instant now);
  void on_straggler_found(Instant now);
  void plan_maintenance(Instant now);
  void on_maintenance(Instant now);
  void on_finished(Instant now);
  void begin_outage(Instant now, FailureCause cause);
  void recover_or_wait(Instant now, Time before_restart);
  bool takes_nodes();
  // Whether anything runs, or tries to.
  bool is_running() const { return state_ != JobState::waiting && state_ != JobState::maintained; }

  TrainingJob job_;
  JobOptions options_;
  CheckpointCost cost_;
  Span interval_;
  CheckpointedWork work_;
  EventQueue<Event> queue_;
  Rng gaps_, causes_, straggler_gaps_;
  JobState state_ = JobState::training;
  EventHandle found_{};  // discovery of silent corruption
  EventHandle next_{};   // what ends the present state, if that is known
  Instant settled_{};
  Span lost_{};
  std::array<Span, job_state_count> in_state_{};
  std::optional<Span> clean_;  // saved work from before a corruption that nobody has found yet
  std::optional<FailureCause> cause_;
  int missing_ = 0, free_ = 0, slow_ = 0;
  JobResult so_far_;
};

JobResult run_job(const TrainingJob& job, const JobOptions& options = {});

}  // namespace jevons
