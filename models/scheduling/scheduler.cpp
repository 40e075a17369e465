#include "models/scheduling/scheduler.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

// Work done in a time at two rates, rounded down: work is never done early.
Span work_in(Span elapsed, std::int64_t size_rate, std::int64_t clock_rate) {
  if (size_rate == full_rate && clock_rate == full_rate) return elapsed;
  const Int128 product = Int128{elapsed.count()} * size_rate / full_rate * clock_rate / full_rate;
  return Span{static_cast<std::int64_t>(product)};
}

// The least time in which so much work is done.
Span time_for(Span work, std::int64_t size_rate, std::int64_t clock_rate) {
  if (size_rate == full_rate && clock_rate == full_rate) return work;
  const Int128 rate = Int128{size_rate} * clock_rate;
  const Int128 ns = (Int128{work.count()} * full_rate * full_rate + rate - 1) / rate;
  return ns > Int128{endless.count()} ? endless : Span{static_cast<std::int64_t>(ns)};
}

}  // namespace

Scheduler::Scheduler(const SchedulerConfig& config)
    : config_{config},
      ordering_{ordering_of(config.policy)},
      pool_{config.nodes, config.placement},
      releases_(config.nodes.size()),
      active_(config.maintenance.size(), 0) {
  if (const QueueRules* rules = queue_rules(config.policy)) rules_ = *rules;
  if (const auto* las = std::get_if<LeastAttained>(&config.policy))
    shuffle_.queues.resize(las->limits.size() + 1);
  ensure(config.maintenance.empty() || config.placement != Placement::counted,
         "maintenance needs a placement that knows nodes");
}

void Scheduler::reserve(std::size_t jobs) {
  jobs_.reserve(jobs);
  states_.reserve(jobs);
  slot_.reserve(jobs);
  by_place_.reserve(jobs);
}

JobIndex Scheduler::add(const GangJob& job) {
  ensure(job.least_gpus() >= 1 && job.least_gpus() <= job.most_gpus(), "a job has GPUs");
  ensure(job.run > Span{} && job.requested > Span{}, "a job takes time");
  jobs_.push_back(job);
  states_.emplace_back();
  states_.back().left = job.run;
  states_.back().request_left = job.requested;
  slot_.push_back(-1);
  has_elastic_ = has_elastic_ || job.is_elastic();
  return static_cast<JobIndex>(jobs_.size()) - 1;
}

void Scheduler::arrive(Instant now, JobIndex job) {
  GangState& s = states_[at(job)];
  ensure(s.phase == GangPhase::absent, "a job arrives once");
  s.place = static_cast<std::int32_t>(by_place_.size());
  by_place_.push_back(job);
  s.settled = now;
  const Instant from = planned_start(now, job);
  if (from <= now) return enqueue(job);
  s.phase = GangPhase::delayed;
  delayed_.insert({from, job});
}

void Scheduler::enqueue(JobIndex job) {
  const GangJob& j = jobs_[at(job)];
  GangState& s = states_[at(job)];
  s.phase = GangPhase::waiting;
  if (j.is_urgent) {
    urgent_.insert(s.place);
    return;
  }
  waiting_.insert(s.place, j.least_gpus(), request_on(job, j.least_gpus()));
  if (ordering_ == Ordering::fixed)
    by_score_.insert({score(config_.policy, j, Instant{}), s.place});
  else if (ordering_ == Ordering::tenant)
    by_tenant_[j.tenant].insert(s.place);
  else if (ordering_ == Ordering::reshuffled)
    shuffle_in(job);
}

void Scheduler::dequeue(JobIndex job) {
  const GangJob& j = jobs_[at(job)];
  const GangState& s = states_[at(job)];
  if (j.is_urgent) {
    urgent_.erase(s.place);
    return;
  }
  waiting_.erase(s.place);
  if (ordering_ == Ordering::fixed)
    by_score_.erase({score(config_.policy, j, Instant{}), s.place});
  else if (ordering_ == Ordering::tenant)
    by_tenant_[j.tenant].erase(s.place);
  else if (ordering_ == Ordering::reshuffled)
    shuffle_out(job);
  if (committed_ == job) committed_.reset();
}

std::int64_t Scheduler::rate_on(const GangJob& job, std::int32_t gpus) const {
  if (gpus == job.gpus) return full_rate;
  const double speed = std::pow(static_cast<double>(gpus) / job.gpus, job.scaling);
  return std::max<std::int64_t>(1, std::llround(speed * static_cast<double>(full_rate)));
}

Span Scheduler::request_on(JobIndex job, std::int32_t gpus) const {
  return time_for(std::max(states_[at(job)].request_left, Span{1}), rate_on(jobs_[at(job)], gpus),
                  full_rate);
}

Scheduler::Victim Scheduler::victim_of(JobIndex job) const {
  return {jobs_[at(job)].priority, -states_[at(job)].last_start.time_since_epoch().count(), -job};
}

Tenant Scheduler::tenant_of(JobIndex job) const {
  const auto t = static_cast<std::size_t>(jobs_[at(job)].tenant);
  return t < config_.tenants.size() ? config_.tenants[t] : Tenant{};
}

void Scheduler::note_held(JobIndex job, std::int32_t gpus) {
  if (config_.tenants.empty() && ordering_ != Ordering::tenant) return;
  held_[jobs_[at(job)].tenant][pool_.chip_of(states_[at(job)].gang)] += gpus;
}

void Scheduler::start(Instant now, JobIndex job, Gang gang) {
  const GangJob& j = jobs_[at(job)];
  GangState& s = states_[at(job)];
  dequeue(job);
  s.gang = std::move(gang);
  s.settled = s.last_start = now;
  s.size_rate = rate_on(j, s.gang.gpus);
  if (s.first_start == forever) {
    s.first_start = now;
  } else if (charge() == Charge::restart) {
    s.left += j.overhead;
    s.request_left += j.overhead;
  }
  startable_ -= s.gang.gpus;
  s.phase = GangPhase::running;
  s.expected_end = now + request_on(job, s.gang.gpus);
  slot_[at(job)] = static_cast<std::int32_t>(running_.size());
  running_.push_back(job);
  if (ordering_ != Ordering::reshuffled)
    releases_[static_cast<std::size_t>(s.gang.group)].insert({s.expected_end, job, s.gang.gpus});
  if (j.is_preemptible) victims_.insert(victim_of(job));
  note_held(job, s.gang.gpus);
  changes_.push_back({job, GangChange::Kind::started});
}

// Everything start() took, but the phase.
void Scheduler::give_back(Instant now, JobIndex job) {
  GangState& s = states_[at(job)];
  settle(now, job, true);
  if (ordering_ != Ordering::reshuffled)
    releases_[static_cast<std::size_t>(s.gang.group)].erase({s.expected_end, job, s.gang.gpus});
  if (jobs_[at(job)].is_preemptible) victims_.erase(victim_of(job));
  note_held(job, -s.gang.gpus);
  pool_.release(s.gang);
  const JobIndex last = running_.back();
  running_[static_cast<std::size_t>(slot_[at(job)])] = last;
  slot_[at(last)] = slot_[at(job)];
  running_.pop_back();
  slot_[at(job)] = -1;
  s.gang = {};
  const auto parked = parked_in_.find(jobs_[at(job)].tenant);
  if (parked == parked_in_.end()) return;
  for (const std::int32_t place : parked->second) {
    --parked_;
    enqueue(by_place_[static_cast<std::size_t>(place)]);
  }
  parked_in_.erase(parked);
}

void Scheduler::finish(Instant now, JobIndex job) {
  GangState& s = states_[at(job)];
  ensure(s.phase == GangPhase::running, "only a running job ends");
  give_back(now, job);
  ensure(s.left <= Span{1}, "a job ends when its work is done");
  shuffle_away(job);
  s.left = Span{};
  s.phase = GangPhase::done;
  s.end = now;
}

void Scheduler::cancel(Instant now, JobIndex job) {
  GangState& s = states_[at(job)];
  if (s.phase == GangPhase::running)
    give_back(now, job);
  else if (s.phase == GangPhase::delayed)
    std::erase_if(delayed_, [job](const auto& d) { return d.second == job; });
  else if (s.phase == GangPhase::waiting)
    dequeue(job);
  shuffle_away(job);
  s.phase = GangPhase::done;
  s.end = now;
}

void Scheduler::preempt(Instant now, JobIndex job) {
  GangState& s = states_[at(job)];
  give_back(now, job);
  s.left += s.unsaved;
  s.request_left += s.unsaved;
  s.unsaved = Span{};
  ++s.preemptions;
  enqueue(job);
  changes_.push_back({job, GangChange::Kind::preempted});
}

// The gang changes its GPUs and pays for it; `gang` is already taken, the old one already released.
void Scheduler::resize(Instant now, JobIndex job, Gang gang) {
  const GangJob& j = jobs_[at(job)];
  GangState& s = states_[at(job)];
  settle(now, job, true);
  releases_[static_cast<std::size_t>(s.gang.group)].erase({s.expected_end, job, s.gang.gpus});
  note_held(job, -s.gang.gpus);
  s.gang = std::move(gang);
  s.size_rate = rate_on(j, s.gang.gpus);
  s.left += j.overhead;
  s.request_left += j.overhead;
  s.expected_end = now + request_on(job, s.gang.gpus);
  releases_[static_cast<std::size_t>(s.gang.group)].insert({s.expected_end, job, s.gang.gpus});
  note_held(job, s.gang.gpus);
  changes_.push_back({job, GangChange::Kind::resized});
}

// Books the work since the last time. Where all running jobs pay at every event, a job does not pay
// at its own end.
void Scheduler::settle(Instant now, JobIndex job, bool is_end) {
  const GangJob& j = jobs_[at(job)];
  GangState& s = states_[at(job)];
  const Span elapsed = now - s.settled;
  s.settled = now;
  if (elapsed == Span{}) return;
  Span work = work_in(elapsed, s.size_rate, s.clock_rate);
  if (!is_end && charge() == Charge::every_event) work = std::max(work - j.overhead, Span{});
  s.left -= work;
  s.request_left -= work;
  if (j.checkpoint_every > Span{}) s.unsaved = (s.unsaved + work) % j.checkpoint_every;
  s.gpu_ns += Int128{s.gang.gpus} * elapsed.count();
  s.ran += elapsed;
}

void Scheduler::set_clock_rate(Instant now, JobIndex job, std::int64_t rate) {
  GangState& s = states_[at(job)];
  ensure(s.phase == GangPhase::running && rate > 0, "a running job has a speed");
  settle(now, job, true);
  s.clock_rate = rate;
}

void Scheduler::delay(Instant now, JobIndex job, Span by) {
  settle(now, job, true);
  states_[at(job)].left += by;
}

Instant Scheduler::end_of(JobIndex job) const {
  const GangState& s = states_[at(job)];
  return s.settled + time_for(std::max(s.left, Span{}), s.size_rate, s.clock_rate);
}

void Scheduler::decide(Instant now) {
  changes_.clear();
  keep_maintenance(now);
  wake_delayed(now);
  if (ordering_ == Ordering::reshuffled) return shuffle(now);
  start_urgent(now);
  queue_pass(now);
}

std::optional<Instant> Scheduler::next_wake() const {
  Instant next = shuffle_.next_demotion;
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  for (std::size_t i = 0; i < active_.size(); ++i) {
    if (active_[i] == 0) next = std::min(next, config_.maintenance[i].from);
    if (active_[i] == 1) next = std::min(next, config_.maintenance[i].to);
  }
  return next == forever ? std::nullopt : std::optional{next};
}

}  // namespace jevons
