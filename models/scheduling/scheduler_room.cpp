// Room that is made: for urgent jobs, by elastic ones, around maintenance, and in time.
#include <algorithm>

#include "models/scheduling/scheduler.h"
#include "sim/ensure.h"

namespace jevons {

// A gang for a job that starts now, as large as an elastic job may have it. With a promise, only
// one that keeps it. Nodes whose maintenance begins before the job is expected to end are shut for
// it.
std::optional<Gang> Scheduler::place(Instant now, JobIndex job, const Promise* promise) {
  const GangJob& j = jobs_[at(job)];
  if (j.least_gpus() > startable_) return std::nullopt;
  const auto allowed = [&](std::int32_t group, std::int32_t gpus) {
    if (promise == nullptr || promise->when == forever || group != promise->group) return true;
    const bool is_strict = rules_.backfill == Backfill::before_shadow;
    const Instant end = now + request_on(job, gpus);
    return is_strict ? end < promise->when : end <= promise->when || gpus <= promise->beside;
  };
  const auto shut = [&](bool is_shut) {
    for (std::size_t m = 0; m < active_.size(); ++m) {
      const Maintenance& work = config_.maintenance[m];
      if (active_[m] != 0 || now + request_on(job, j.least_gpus()) <= work.from) continue;
      for (std::int32_t n = work.first_node; n <= work.last_node; ++n)
        is_shut ? pool_.close(n) : pool_.open(n);
    }
  };
  shut(true);
  std::optional<Gang> gang;
  for (std::size_t g = 0; g < config_.nodes.size() && !gang; ++g) {
    if (j.chip != any_chip && j.chip != config_.nodes[g].chip) continue;
    const auto group = static_cast<std::int32_t>(g);
    std::int32_t gpus = std::min(j.most_gpus(), std::max(pool_.free_in(group), j.least_gpus()));
    if (j.is_elastic() && !config_.tenants.empty()) gpus = j.least_gpus();
    for (; gpus >= j.least_gpus() && !gang; --gpus)
      if (allowed(group, gpus)) gang = pool_.place_in(group, gpus);
  }
  shut(false);
  return gang;
}

void Scheduler::start_urgent(Instant now) {
  while (!urgent_.empty()) {
    const JobIndex job = by_place_[static_cast<std::size_t>(*urgent_.begin())];
    if (!try_start(now, job) && !shrink_for(now, job) && !preempt_for(now, job)) return;
  }
}

// Victims in their order until there is room; then those that were not needed, the last taken
// first, keep running. False, and nothing has happened, where even all of them would not do.
bool Scheduler::preempt_for(Instant now, JobIndex job) {
  const GangJob& j = jobs_[at(job)];
  const auto* by_priority = std::get_if<PriorityFirst>(&config_.policy);
  if (!j.is_urgent && (by_priority == nullptr || !by_priority->preempts)) return false;
  std::vector<JobIndex> stopped;
  for (auto v = victims_.begin(); v != victims_.end() && !pool_.has_room(j.least_gpus(), j.chip);
       ++v) {
    if (!j.is_urgent && v->priority >= j.priority) break;
    pool_.release(states_[at(v->job())].gang);
    stopped.push_back(v->job());
  }
  const bool is_enough = pool_.has_room(j.least_gpus(), j.chip);
  std::vector<JobIndex> needed;
  for (auto v = stopped.rbegin(); v != stopped.rend(); ++v) {
    const Gang& gang = states_[at(*v)].gang;
    ensure(pool_.retake(gang), "what was released a moment ago is still free");
    if (!is_enough || pool_.has_room(j.least_gpus(), j.chip)) continue;
    pool_.release(gang);
    needed.push_back(*v);
  }
  if (needed.empty()) return false;
  for (const JobIndex v : needed) {
    ensure(pool_.retake(states_[at(v)].gang), "what was released a moment ago is still free");
    preempt(now, v);
  }
  return try_start(now, job);
}

// Elastic jobs that have more than they need give the rest back, in the order of victims.
bool Scheduler::shrink_for(Instant now, JobIndex job) {
  if (!has_elastic_) return false;
  const GangJob& j = jobs_[at(job)];
  std::vector<std::pair<JobIndex, Gang>> shrunk;
  for (auto v = victims_.begin(); v != victims_.end() && !pool_.has_room(j.least_gpus(), j.chip);
       ++v) {
    const GangJob& other = jobs_[at(v->job())];
    const Gang& gang = states_[at(v->job())].gang;
    if (!other.is_elastic() || gang.gpus <= other.min_gpus) continue;
    pool_.release(gang);
    auto less = pool_.place_in(gang.group, other.min_gpus);
    ensure(less.has_value(), "a gang fits where a larger one was");
    shrunk.emplace_back(v->job(), std::move(*less));
  }
  if (shrunk.empty() || !pool_.has_room(j.least_gpus(), j.chip)) {
    for (auto s = shrunk.rbegin(); s != shrunk.rend(); ++s) {
      pool_.release(s->second);
      ensure(pool_.retake(states_[at(s->first)].gang), "what was given back is still free");
    }
    return false;
  }
  for (auto& [other, gang] : shrunk) resize(now, other, std::move(gang));
  return try_start(now, job);
}

// With nobody waiting, elastic jobs take what is free, the earliest arrival first, if that ends
// them sooner in spite of what the change costs.
void Scheduler::grow(Instant now) {
  if (!waiting_.empty() || pool_.free_gpus() == 0) return;
  std::vector<std::pair<std::int32_t, JobIndex>> elastic;
  for (const JobIndex job : running_)
    if (jobs_[at(job)].is_elastic() && jobs_[at(job)].is_preemptible &&
        states_[at(job)].gang.gpus < jobs_[at(job)].max_gpus)
      elastic.emplace_back(states_[at(job)].place, job);
  std::sort(elastic.begin(), elastic.end());
  for (const auto& [arrival, job] : elastic) {
    const GangJob& j = jobs_[at(job)];
    GangState& s = states_[at(job)];
    const std::int32_t most = std::min(j.max_gpus, s.gang.gpus + pool_.free_in(s.gang.group));
    if (is_over_quota(job)) continue;
    settle(now, job, true);
    pool_.release(s.gang);
    std::optional<Gang> more;
    for (std::int32_t gpus = most; gpus > s.gang.gpus && !more; --gpus) {
      const double gain =
          1 - static_cast<double>(s.size_rate) / static_cast<double>(rate_on(j, gpus));
      if (gain * to_time(s.left).in(unit::s) > to_time(j.overhead).in(unit::s))
        more = pool_.place_in(s.gang.group, gpus);
    }
    if (more)
      resize(now, job, std::move(*more));
    else
      ensure(pool_.retake(s.gang), "what was given back is still free");
  }
}

Instant Scheduler::planned_start(Instant now, JobIndex job) const {
  const auto* shifted = std::get_if<Shifted>(&config_.policy);
  const GangJob& j = jobs_[at(job)];
  if (shifted == nullptr || !j.is_preemptible || j.is_urgent) return now;
  const Signal& signal = shifted->by == ShiftSignal::carbon ? config_.carbon : config_.price;
  if (signal.empty()) return now;
  const Instant latest = j.deadline == forever ? now + shifted->patience : j.deadline - j.requested;
  return latest <= now ? now : signal.best_start(now, latest, j.requested);
}

void Scheduler::wake_delayed(Instant now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const JobIndex job = delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    enqueue(job);
  }
}

void Scheduler::keep_maintenance(Instant now) {
  for (std::size_t m = 0; m < active_.size(); ++m) {
    const Maintenance& work = config_.maintenance[m];
    if (active_[m] == 0 && now >= work.from) {
      active_[m] = 1;
      const std::vector<JobIndex> running{running_.begin(), running_.end()};
      for (const JobIndex job : running)
        if (pool_.uses(states_[at(job)].gang, work.first_node, work.last_node)) preempt(now, job);
      for (std::int32_t n = work.first_node; n <= work.last_node; ++n) pool_.close(n);
    }
    if (active_[m] == 1 && now >= work.to) {
      active_[m] = 2;
      for (std::int32_t n = work.first_node; n <= work.last_node; ++n) pool_.open(n);
    }
  }
}

}  // namespace jevons
