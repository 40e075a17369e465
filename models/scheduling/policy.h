#pragma once
// Who is next. A policy is a plain value; `Policy` below names all of them.
//
// Queue policies take the first of the queue, start it when it fits, and may let others pass it;
// ties of order go to the earlier arrival. Reshuffling policies decide at every arrival, end and
// demotion anew who runs, over all jobs, and preempt the others.
#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "models/scheduling/gang_job.h"
#include "sim/fields.h"

namespace jevons {

enum class Backfill { none, easy, conservative, before_shadow };
template <>
inline constexpr std::array enum_names<Backfill>{
    EnumName{Backfill::none, "none"},
    // Lifka 1995: whoever does not delay the first, in order of arrival. The first is promised the
    // time at which enough GPUs will be free as far as requests tell.
    EnumName{Backfill::easy, "easy"},
    // Every waiting job has a promise, and whoever delays none may pass.
    EnumName{Backfill::conservative, "conservative"},
    // The rule of RLScheduler (SC'20): whoever ends before the promise made when the first became
    // the first; GPUs beside it are not used.
    EnumName{Backfill::before_shadow, "before_shadow"},
};

struct QueueRules {
  Backfill backfill = Backfill::easy;
  // Once first, a job stays first until it starts, whoever arrives.
  bool commits_head = false;
  int depth = 1000;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("backfill", backfill, "who may pass the first of the queue");
    field("commits_head", commits_head, "the first stays first until it starts");
    field("depth", depth, Range{1, 1'000'000}, "jobs with a promise under conservative backfill");
  }
};

struct Fcfs {
  static constexpr std::string_view name = "fcfs";  // first come, first served
  QueueRules queue;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
  }
};

struct Sjf {
  static constexpr std::string_view name = "sjf";  // shortest request first
  QueueRules queue;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
  }
};

enum class WaitCounted { since_submission, to_unset_start };
template <>
inline constexpr std::array enum_names<WaitCounted>{
    EnumName{WaitCounted::since_submission, "since_submission"},  // as defined
    // As the table of RLScheduler (SC'20) was computed: from submission to a start that is not yet
    // set, which stands as 1 s before the origin of the trace. So early and long jobs come last.
    EnumName{WaitCounted::to_unset_start, "to_unset_start"},
};

// (wait / request)^3 x GPUs, largest first. Source: Tang et al. 2009, doi:10.1109/CLUSTR.2009.
// 5289150, as stated by Carastan-Santos, de Camargo 2017, doi:10.1145/3126908.3126955.
struct Wfp3 {
  static constexpr std::string_view name = "wfp3";
  QueueRules queue;
  WaitCounted wait = WaitCounted::since_submission;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
    field("wait", wait, "what counts as wait");
  }
};

// wait / (log2(GPUs) x request), largest first; a job of one GPU goes before all others. Source: as
// Wfp3.
struct Unicep {
  static constexpr std::string_view name = "unicep";
  QueueRules queue;
  WaitCounted wait = WaitCounted::since_submission;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
    field("wait", wait, "what counts as wait");
  }
};

// log10(request) x GPUs + 870 log10(submit), least first. Source: Carastan-Santos, de Camargo 2017.
struct F1 {
  static constexpr std::string_view name = "f1";
  QueueRules queue;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
  }
};

struct EarliestDeadline {
  static constexpr std::string_view name = "edf";
  QueueRules queue;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
  }
};

struct PriorityFirst {
  static constexpr std::string_view name = "priority";
  QueueRules queue;
  bool preempts = true;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
    field("preempts", preempts,
          "preemptible jobs of lower priority make room, the lowest and of these the newest first");
  }
};

// The tenant whose dominant share (the larger of its shares of each kind of chip) over its weight
// is least goes first: weighted max-min fairness, with several kinds of chip dominant resource
// fairness (Ghodsi et al. 2011, NSDI).
struct FairShare {
  static constexpr std::string_view name = "fair_share";
  QueueRules queue;
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
  }
};

enum class ShiftSignal { carbon, price };
template <>
inline constexpr std::array enum_names<ShiftSignal>{
    EnumName{ShiftSignal::carbon, "carbon"},
    EnumName{ShiftSignal::price, "price"},
};

// A preemptible job (one that may wait) enters the queue at the hour from which the mean of the
// signal over its request is least, among those that keep its deadline. The signal is known ahead.
struct Shifted {
  static constexpr std::string_view name = "shifted";
  QueueRules queue;
  ShiftSignal by = ShiftSignal::carbon;
  Span patience = std::chrono::hours{24};
  template <class Visitor>
  void fields(Visitor&& field) {
    queue.fields(field);
    field("by", by, "what is to be least while a job runs");
    field("patience", patience, "longest delay of a job without a deadline");
  }
};

enum class Charge { every_event, restart };
template <>
inline constexpr std::array enum_names<Charge>{
    // Whoever runs pays its overhead at every event, as all are placed anew (Muri, SIGCOMM'22).
    EnumName{Charge::every_event, "every_event"},
    // Whoever is stopped, or moved to other nodes, pays; others stay where they are.
    EnumName{Charge::restart, "restart"},
};

// Shortest remaining time first.
struct Srtf {
  static constexpr std::string_view name = "srtf";
  Charge charge = Charge::restart;
  template <class Visitor>
  void fields(Visitor&& field) {
    field("charge", charge, "when overhead is paid");
  }
};

// Shortest remaining service (time x GPUs) first.
struct Srsf {
  static constexpr std::string_view name = "srsf";
  Charge charge = Charge::restart;
  template <class Visitor>
  void fields(Visitor&& field) {
    field("charge", charge, "when overhead is paid");
  }
};

// Discretised least attained service: queues by GPU-time used so far, within a queue those that run
// first, then first come, first served. Source: Tiresias (Gu et al. 2019, NSDI), limits of its
// simulator.
struct LeastAttained {
  static constexpr std::string_view name = "least_attained";
  Charge charge = Charge::restart;
  std::vector<Span> limits{std::chrono::seconds{3250}, std::chrono::seconds{7200}};
  template <class Visitor>
  void fields(Visitor&& field) {
    field("charge", charge, "when overhead is paid");
    field("limits", limits, "GPU-time after which a job falls to the next queue, rising");
  }
};

// The shares of GPUs that make the worst ratio of finish time to finish time alone on an equal
// part of the cluster least; who has received least of its share runs. Source: Themis (Mahajan
// et al. 2020, NSDI) in the form of Gavel (Narayanan et al. 2020, OSDI).
struct FinishTimeFair {
  static constexpr std::string_view name = "finish_time_fair";
  Charge charge = Charge::restart;
  // As the study of Muri computed it: time alone counts iterations, time shared counts seconds.
  bool counts_iterations = false;
  template <class Visitor>
  void fields(Visitor&& field) {
    field("charge", charge, "when overhead is paid");
    field("counts_iterations", counts_iterations,
          "time alone is counted in iterations, as the study of Muri did");
  }
};

using Policy = std::variant<Fcfs, Sjf, Wfp3, Unicep, F1, EarliestDeadline, PriorityFirst, FairShare,
                            Shifted, Srtf, Srsf, LeastAttained, FinishTimeFair>;

// How a queue policy orders: by arrival, by a number that a job keeps while it waits, by one that
// changes with time, or by tenant.
enum class Ordering { arrival, fixed, changing, tenant, reshuffled };
Ordering ordering_of(const Policy& policy);
// Least first; only of fixed and changing orderings.
double score(const Policy& policy, const GangJob& job, Instant now);

// Null for reshuffling policies.
const QueueRules* queue_rules(const Policy& policy);

}  // namespace jevons
