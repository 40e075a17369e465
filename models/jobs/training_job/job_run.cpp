#include "models/jobs/training_job/job_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/distributions.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

Span work_of(const TrainingJob& job) {
  ensure(job.steps > 0 && job.step > Time{}, "a job has steps that take time");
  return job.steps * to_span(job.step);
}

WorkPlan plan_of(const TrainingJob& job, const CheckpointCost& cost) {
  return {.total = work_of(job),
          .interval = checkpoint_interval(job),
          .stall = to_span(cost.stall),
          .write = to_span(cost.write)};
}

CheckpointCost cost_of(const TrainingJob& job) {
  return checkpoint_cost(job.checkpoint, job.parameters, job.gpus, job.gpus_per_node);
}

Time detection_of(const Recovery& r, FailureCause cause) {
  return cause == FailureCause::network ? r.hang_timeout : r.detection;
}

Power gpu_power(const JobPower& power, JobState state) {
  if (state == JobState::training) return power.training;
  return state == JobState::detecting ? power.waiting : power.idle;
}

std::size_t index(JobState s) {
  return static_cast<std::size_t>(s);
}

}  // namespace

Span checkpoint_interval(const TrainingJob& job) {
  const CheckpointCost cost = cost_of(job);
  const Span step = to_span(job.step), total = work_of(job);
  if (!job.checkpoint.interval && !job.failures) return total;
  const Time wanted =
      job.checkpoint.interval
          ? *job.checkpoint.interval
          : daly_interval(cost.stall, mean_time_to_failure(*job.failures, job.gpus));
  const std::int64_t shortest =
      std::max<std::int64_t>(1, (to_span(cost.write) + step - Span{1}) / step);
  const double steps = std::round(wanted / job.step);
  if (steps >= static_cast<double>(job.steps)) return std::max(total, shortest * step);
  return std::max(shortest, static_cast<std::int64_t>(steps)) * step;
}

std::int64_t JobResult::failure_count() const {
  return std::accumulate(failures.begin(), failures.end(), std::int64_t{0});
}

JobRun::JobRun(const TrainingJob& job, const JobOptions& options)
    : job_{job},
      options_{options},
      cost_{cost_of(job)},
      interval_{checkpoint_interval(job)},
      work_{plan_of(job, cost_)},
      gaps_{options.seed, "training/failure gaps", options.index},
      causes_{options.seed, "training/failure causes", options.index},
      straggler_gaps_{options.seed, "training/stragglers", options.index},
      free_{job.spares ? job.spares->nodes : 0} {
  if (job_.failures) plan_failure(Instant{});
  if (job_.stragglers) plan_straggler(Instant{});
  if (job_.maintenance) plan_maintenance(Instant{});
  enter(JobState::training, Instant{});
}

void JobRun::plan_failure(Instant now) {
  const double mean = mean_time_to_failure(*job_.failures, job_.gpus).in(unit::s);
  queue_.at(now + to_span(Exponential{mean}.sample(gaps_) * unit::s), failure_phase,
            Event::failure);
}

void JobRun::plan_straggler(Instant now) {
  const Time mean = (job_.stragglers->gpu_hours_per_straggler / job_.gpus) * unit::h;
  queue_.at(now + to_span(Exponential{mean.in(unit::s)}.sample(straggler_gaps_) * unit::s),
            failure_phase, Event::straggler);
}

void JobRun::plan_maintenance(Instant now) {
  queue_.at(now + to_span(job_.maintenance->every), failure_phase, Event::maintenance);
}

void JobRun::plan_finish(Instant now) {
  queue_.cancel(next_);
  next_ = queue_.at(now + work_.time_to_finish(), change_phase, Event::finished);
}

void JobRun::settle(Instant now) {
  const Span passed = now - settled_;
  settled_ = now;
  in_state_[index(state_)] += passed;
  if (state_ == JobState::training) work_.advance(passed);
}

void JobRun::enter(JobState state, Instant now) {
  state_ = state;
  if (state == JobState::training) plan_finish(now);
  if (options_.keeps_changes)
    so_far_.changes.push_back({now, state, work_.saved(), cause_, slow_, free_});
}

void JobRun::set_pace() {
  const double slowdown = slow_ > 0 ? job_.stragglers->slowdown : 0;
  work_.set_slowdown(std::llround(1e6 * slowdown));
}

void JobRun::advance() {
  const auto next = queue_.pop();
  ++so_far_.events;
  settle(next.when);
  handle(next.event, next.when);
}

void JobRun::handle(Event event, Instant now) {
  switch (event) {
    case Event::failure:
      plan_failure(now);
      return on_failure(now);
    case Event::detected:
      return recover_or_wait(now, job_.recovery.diagnosis);
    case Event::corruption_found:
      return on_corruption_found(now);
    case Event::recovered:  // a node may have been taken out meanwhile
      return enter(takes_nodes() ? JobState::training : JobState::waiting, now);
    case Event::repaired:
      ++free_;
      if (state_ == JobState::waiting) recover_or_wait(now, Time{});
      return;
    case Event::straggler:
      plan_straggler(now);
      if (!is_running()) return;
      ++slow_;
      queue_.at(now + to_span(job_.stragglers->search), change_phase, Event::straggler_found);
      set_pace();
      if (state_ == JobState::training) enter(JobState::training, now);
      return;
    case Event::straggler_found:
      return on_straggler_found(now);
    case Event::maintenance:
      plan_maintenance(now);
      return on_maintenance(now);
    case Event::maintenance_over:
      return recover_or_wait(now, Time{});
    case Event::finished:
      return on_finished(now);
  }
}

void JobRun::lose_node(Instant now) {
  if (!job_.spares) return;
  ++missing_;
  queue_.at(now + to_span(job_.spares->repair), repair_phase, Event::repaired);
}

// While a job waits for a node or is maintained nothing runs that could fail.
void JobRun::on_failure(Instant now) {
  const FailureCause cause = draw_cause(*job_.failures, job_.gpus, causes_);
  if (!is_running()) return;
  const bool is_silent = cause == FailureCause::silent_corruption;
  if (is_silent && (state_ != JobState::training || clean_)) return;
  ++so_far_.failures[static_cast<std::size_t>(cause)];
  if (is_silent) {
    clean_ = work_.durable();
    found_ = queue_.at(now + to_span(job_.recovery.silent_detection), change_phase,
                       Event::corruption_found);
    return;
  }
  if (state_ == JobState::training) lost_ += work_.roll_back();
  if (clean_) clean_ = std::min(*clean_, work_.saved());
  if (replaces_node(cause)) lose_node(now);
  begin_outage(now, cause);
}

void JobRun::begin_outage(Instant now, FailureCause cause) {
  cause_ = cause;
  queue_.cancel(next_);
  next_ =
      queue_.at(now + to_span(detection_of(job_.recovery, cause)), change_phase, Event::detected);
  enter(JobState::detecting, now);
}

bool JobRun::takes_nodes() {
  const int taken = std::min(missing_, free_);
  missing_ -= taken;
  free_ -= taken;
  return missing_ == 0;
}

void JobRun::recover_or_wait(Instant now, Time before_restart) {
  queue_.cancel(next_);
  if (!takes_nodes()) return enter(JobState::waiting, now);
  const Time rest = before_restart + job_.recovery.restart + cost_.load;
  next_ = queue_.at(now + to_span(rest), change_phase, Event::recovered);
  enter(JobState::recovering, now);
}

// All work since the last clean checkpoint is wrong, whatever happened in between.
void JobRun::on_corruption_found(Instant now) {
  if (!clean_) return;
  lost_ += work_.roll_back_to(*clean_);
  clean_.reset();
  queue_.cancel(found_);
  lose_node(now);
  if (state_ != JobState::training) return;
  cause_ = FailureCause::silent_corruption;
  recover_or_wait(now, job_.recovery.diagnosis);
}

// In an outage the slow node is replaced along with the failed one; otherwise the job saves, and
// starts again without it.
void JobRun::on_straggler_found(Instant now) {
  --slow_;
  ++so_far_.stragglers;
  set_pace();
  lose_node(now);
  if (state_ != JobState::training) return;
  work_.keep();
  cause_.reset();
  recover_or_wait(now, cost_.stall);
}

// The restart after it is that of every outage.
void JobRun::on_maintenance(Instant now) {
  if (state_ != JobState::training) return;
  ++so_far_.planned_stops;
  work_.keep();
  cause_.reset();
  queue_.cancel(next_);
  next_ = queue_.at(now + to_span(cost_.stall + job_.maintenance->takes), change_phase,
                    Event::maintenance_over);
  enter(JobState::maintained, now);
}

void JobRun::on_finished(Instant now) {
  if (clean_) return on_corruption_found(now);        // the last tests show it
  if (!work_.is_finished()) return plan_finish(now);  // a rounded nanosecond is left
  queue_ = {};
  enter(JobState::done, now);
}

JobResult JobRun::result(Instant now) {
  if (state_ != JobState::done) settle(now);
  JobResult r = so_far_;
  r.is_done = state_ == JobState::done;
  r.wall = settled_ - Instant{};
  r.times.useful = work_.done();
  r.times.lost = lost_;
  r.times.stalled = work_.stalled();
  r.times.slowed = work_.trained() - work_.done() - lost_;
  r.times.detecting = in_state_[index(JobState::detecting)];
  r.times.recovering = in_state_[index(JobState::recovering)];
  r.times.waiting = in_state_[index(JobState::waiting)];
  r.times.maintained = in_state_[index(JobState::maintained)];
  ensure(r.times.total() == r.wall, "the parts of a job's time are its time");
  r.steps = to_time(work_.done()) / job_.step;
  r.tokens = r.steps * job_.tokens_per_step;
  r.interval = interval_;
  r.checkpoint = cost_;
  r.checkpoints = work_.checkpoints();
  for (std::size_t s = 0; s < job_state_count; ++s)
    r.gpu_energy +=
        job_.gpus * (gpu_power(job_.power, static_cast<JobState>(s)) * to_time(in_state_[s]));
  // Training hours above include those of checkpoints, in which GPUs wait.
  r.gpu_energy +=
      job_.gpus * ((job_.power.waiting - job_.power.training) * to_time(r.times.stalled));
  r.lost_energy = job_.gpus * (job_.power.training * to_time(lost_));
  r.host_energy = job_.nodes() * (job_.power.host_per_node * to_time(r.wall));
  return r;
}

JobResult run_job(const TrainingJob& job, const JobOptions& options) {
  JobRun run{job, options};
  const Instant end = options.stop_after ? Instant{*options.stop_after} : Instant::max();
  while (const auto next = run.next_change()) {
    if (*next > end) return run.result(end);
    run.advance();
  }
  return run.result(end);
}

}  // namespace jevons
