#pragma once
// A list of jobs on one cluster, from the first arrival to the last end, and what became of each.
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/scheduling/scheduler.h"

namespace jevons {

struct BatchOptions {
  // Each arrival and each end is decided on by itself, arrivals first, as in RLScheduler; otherwise
  // all ends of an instant, then all arrivals, then one decision.
  bool is_one_event_at_a_time = false;
};

struct GangRecord {
  JobIndex job = 0;
  Instant submit{}, start{}, end{};  // start: the first
  Int128 gpu_ns = 0;
  std::int32_t preemptions = 0;

  [[nodiscard]] Span wait() const { return start - submit; }
  [[nodiscard]] Span jct() const { return end - submit; }  // job completion time
};

struct BatchResult {
  std::vector<GangRecord> jobs;  // in the order of the list
  Instant end{};
  std::int64_t events = 0;
  std::vector<JobIndex> unfinished;  // none could ever start
};

// `jobs` in order of submission.
BatchResult run_batch(const SchedulerConfig& config, std::span<const GangJob> jobs,
                      const BatchOptions& options = {});

// max(1, (wait + run) / max(run, bound)): Feitelson et al. 1997.
double bounded_slowdown(const GangRecord& record, Span run, Span bound);

}  // namespace jevons
