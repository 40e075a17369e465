#include "models/scheduling/batch_run.h"

#include <algorithm>

#include "sim/event_queue.h"

namespace jevons {

namespace {

struct JobEnd {
  JobIndex job = 0;
};

class Batch {
 public:
  Batch(const SchedulerConfig& config, std::span<const GangJob> jobs, const BatchOptions& options)
      : scheduler_{config}, options_{options} {
    scheduler_.reserve(jobs.size());
    for (const GangJob& job : jobs) scheduler_.add(job);
    ends_.resize(jobs.size());
  }

  BatchResult run() {
    while (const auto now = next_instant()) {
      take(*now);
      scheduler_.decide(*now);
      follow_changes();
    }
    return result();
  }

 private:
  [[nodiscard]] std::size_t count() const { return scheduler_.size(); }
  std::optional<Instant> next_arrival() const {
    if (arrived_ == count()) return std::nullopt;
    return scheduler_.job(static_cast<JobIndex>(arrived_)).submit;
  }

  std::optional<Instant> next_instant() {
    std::optional<Instant> next = queue_.next_time();
    if (const auto a = next_arrival(); a && (!next || *a < *next)) next = a;
    const auto wake = scheduler_.next_wake();
    if (wake && (!next || *wake < *next)) next = wake;
    return next;
  }

  void take(Instant now) {
    if (options_.is_one_event_at_a_time) {
      if (next_arrival() == now)
        arrive(now);
      else if (queue_.next_time() == now)
        end(now);
      return;
    }
    while (queue_.next_time() == now) end(now);
    while (next_arrival() == now) arrive(now);
  }

  void arrive(Instant now) {
    ++events_;
    scheduler_.arrive(now, static_cast<JobIndex>(arrived_++));
  }
  void end(Instant now) {
    ++events_;
    scheduler_.finish(now, queue_.pop().event.job);
  }

  void follow_changes() {
    for (const GangChange& change : scheduler_.changes()) {
      EventHandle& handle = ends_[static_cast<std::size_t>(change.job)];
      queue_.cancel(handle);
      if (scheduler_.state(change.job).phase == GangPhase::running)
        handle = queue_.at(scheduler_.end_of(change.job), 0, {change.job});
    }
  }

  BatchResult result() const {
    BatchResult r;
    r.events = events_;
    for (std::size_t i = 0; i < count(); ++i) {
      const auto job = static_cast<JobIndex>(i);
      const GangState& s = scheduler_.state(job);
      r.jobs.push_back(
          {job, scheduler_.job(job).submit, s.first_start, s.end, s.gpu_ns, s.preemptions});
      if (s.phase != GangPhase::done)
        r.unfinished.push_back(job);
      else
        r.end = std::max(r.end, s.end);
    }
    return r;
  }

  Scheduler scheduler_;
  BatchOptions options_;
  EventQueue<JobEnd> queue_;
  std::vector<EventHandle> ends_;
  std::size_t arrived_ = 0;
  std::int64_t events_ = 0;
};

}  // namespace

BatchResult run_batch(const SchedulerConfig& config, std::span<const GangJob> jobs,
                      const BatchOptions& options) {
  return Batch{config, jobs, options}.run();
}

double bounded_slowdown(const GangRecord& record, Span run, Span bound) {
  const double time = to_time(record.wait() + run).in(unit::s);
  return std::max(1.0, time / to_time(std::max(run, bound)).in(unit::s));
}

}  // namespace jevons
