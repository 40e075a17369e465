// Queue policies: the first of the queue, and who may pass it.
#include <algorithm>
#include <limits>

#include "models/scheduling/scheduler.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

// GPUs that are free from an instant on, as far as running and promised jobs tell.
class Outlook {
 public:
  explicit Outlook(Instant now, std::int32_t free) { steps_.push_back({now, free}); }

  void release(Instant when, std::int32_t gpus) {
    const std::size_t i = cut(std::max(when, steps_.front().from));
    for (std::size_t k = i; k < steps_.size(); ++k) steps_[k].free += gpus;
  }
  void take(Instant from, Span length, std::int32_t gpus) {
    const std::size_t begin = cut(from);
    const std::size_t end = cut(from + length);
    for (std::size_t k = begin; k < end; ++k) steps_[k].free -= gpus;
  }
  // The first start from which there are so many GPUs for so long.
  [[nodiscard]] Instant first_room(std::int32_t gpus, Span length) const {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].free < gpus) continue;
      const Instant end = steps_[i].from + length;
      std::size_t k = i + 1;
      while (k < steps_.size() && steps_[k].from < end && steps_[k].free >= gpus) ++k;
      if (k == steps_.size() || steps_[k].from >= end) return steps_[i].from;
      i = k;
    }
    return forever;
  }

 private:
  struct Step {
    Instant from;
    std::int32_t free;
  };
  // The step that begins at `when`, made if there is none.
  std::size_t cut(Instant when) {
    const auto next = std::upper_bound(steps_.begin(), steps_.end(), when,
                                       [](Instant t, const Step& s) { return t < s.from; });
    const auto i = static_cast<std::size_t>(next - steps_.begin());
    const Step before = steps_[i - 1];
    if (before.from == when) return i - 1;
    steps_.insert(next, {when, before.free});
    return i;
  }

  std::vector<Step> steps_;
};

}  // namespace

std::optional<JobIndex> Scheduler::best_by_score(Instant now) const {
  std::optional<JobIndex> best;
  double least = std::numeric_limits<double>::infinity();
  for (auto place = waiting_.next(0); place; place = waiting_.next(*place + 1)) {
    const JobIndex job = by_place_[static_cast<std::size_t>(*place)];
    const double s = score(config_.policy, jobs_[at(job)], now);
    if (s >= least) continue;
    least = s;
    best = job;
  }
  return best;
}

std::optional<JobIndex> Scheduler::best_by_share() const {
  std::optional<JobIndex> best;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [tenant, places] : by_tenant_) {
    if (places.empty()) continue;
    const JobIndex job = by_place_[static_cast<std::size_t>(*places.begin())];
    double share = 0;
    if (const auto held = held_.find(tenant); held != held_.end())
      for (const auto& [chip, gpus] : held->second)
        share = std::max(share, static_cast<double>(gpus) / pool_.total_gpus(chip));
    share /= tenant_of(job).weight;
    if (share >= least) continue;
    least = share;
    best = job;
  }
  return best;
}

std::optional<JobIndex> Scheduler::head(Instant now) {
  if (committed_) return committed_;
  if (waiting_.empty()) return std::nullopt;
  const auto job = [this](std::int32_t place) {
    return by_place_[static_cast<std::size_t>(place)];
  };
  switch (ordering_) {
    case Ordering::fixed:
      return job(by_score_.begin()->second);
    case Ordering::changing:
      return best_by_score(now);
    case Ordering::tenant:
      return best_by_share();
    default:
      return job(*waiting_.next(0));
  }
}

bool Scheduler::is_over_quota(JobIndex job) const {
  if (config_.tenants.empty()) return false;
  std::int64_t gpus = jobs_[at(job)].least_gpus();
  if (const auto held = held_.find(jobs_[at(job)].tenant); held != held_.end())
    for (const auto& [chip, count] : held->second) gpus += count;
  return gpus > tenant_of(job).quota;
}

// Out of the way until its tenant gives back GPUs.
void Scheduler::park_over_quota(JobIndex job) {
  dequeue(job);
  parked_in_[jobs_[at(job)].tenant].insert(states_[at(job)].place);
  ++parked_;
}

bool Scheduler::try_start(Instant now, JobIndex job) {
  std::optional<Gang> gang = place(now, job, nullptr);
  if (!gang) return false;
  start(now, job, std::move(*gang));
  return true;
}

Scheduler::Promise Scheduler::promise_for(Instant now, JobIndex job) const {
  const GangJob& j = jobs_[at(job)];
  Promise best;
  for (std::size_t g = 0; g < config_.nodes.size(); ++g) {
    const std::int32_t chip = config_.nodes[g].chip;
    if (j.chip != any_chip && j.chip != chip) continue;
    const std::int32_t free = pool_.free_in(static_cast<std::int32_t>(g));
    const auto room = releases_[g].room_for(j.least_gpus(), free, now);
    if (best.group >= 0 && room.when >= best.when) continue;
    // Enough GPUs that lie on the wrong nodes: nobody may take the rest of them for long.
    const bool is_scattered = free >= j.least_gpus();
    best = {room.when, static_cast<std::int32_t>(g), is_scattered ? 0 : room.free - j.least_gpus()};
  }
  return best;
}

void Scheduler::queue_pass(Instant now) {
  while (const std::optional<JobIndex> next = head(now)) {
    if (is_over_quota(*next)) {
      park_over_quota(*next);
      continue;
    }
    if (try_start(now, *next)) continue;
    if (shrink_for(now, *next) || preempt_for(now, *next)) continue;
    if (rules_.backfill == Backfill::conservative) return backfill_conservative(now);
    if (rules_.commits_head && !committed_) {
      committed_ = next;
      promised_ = promise_for(now, *next);
    }
    if (rules_.backfill == Backfill::easy)
      backfill_easy(now, *next, promise_for(now, *next), false);
    else if (rules_.backfill == Backfill::before_shadow)
      backfill_easy(now, *next, committed_ ? promised_ : promise_for(now, *next), true);
    return;
  }
  if (has_elastic_) grow(now);
}

// In order of arrival. With one group of nodes the index finds those that fit the promise; with
// several, whoever does not go to the group of the promise is free to start.
void Scheduler::backfill_easy(Instant now, JobIndex head, Promise promise, bool is_strict) {
  const bool is_one_group = config_.nodes.size() == 1;
  if (is_strict) promise.beside = 0;
  std::int32_t from = 0;
  while (pool_.free_gpus() > 0) {
    ArrivalIndex::Room room{pool_.free_gpus(), endless, 0};
    if (is_one_group) {
      room.window =
          promise.when == forever ? endless : promise.when - now - Span{is_strict ? 1 : 0};
      room.beside = promise.beside;
    }
    const auto place_found = waiting_.next(from, room);
    if (!place_found) return;
    from = *place_found + 1;
    const JobIndex job = by_place_[static_cast<std::size_t>(*place_found)];
    if (job == head || is_over_quota(job)) continue;
    std::optional<Gang> gang = place(now, job, &promise);
    if (!gang) continue;
    const bool is_beside = gang->group == promise.group && promise.when != forever &&
                           now + request_on(job, gang->gpus) > promise.when;
    if (is_beside) promise.beside -= gang->gpus;
    start(now, job, std::move(*gang));
  }
}

// Promises are made anew at every decision, in order of the queue's arrivals; since requests only
// shrink, nobody's promise moves back.
void Scheduler::backfill_conservative(Instant now) {
  std::vector<Outlook> outlooks;
  for (std::size_t g = 0; g < config_.nodes.size(); ++g) {
    outlooks.emplace_back(now, pool_.free_in(static_cast<std::int32_t>(g)));
    releases_[g].visit([&](const Releases::Release& r) { outlooks[g].release(r.when, r.gpus); });
  }
  int promised = 0;
  for (auto next = waiting_.next(0); next && promised < rules_.depth;
       next = waiting_.next(*next + 1)) {
    const JobIndex job = by_place_[static_cast<std::size_t>(*next)];
    if (is_over_quota(job)) continue;
    const GangJob& j = jobs_[at(job)];
    const Span request = request_on(job, j.least_gpus());
    Instant when = forever;
    std::size_t group = 0;
    for (std::size_t g = 0; g < outlooks.size(); ++g) {
      if (j.chip != any_chip && j.chip != config_.nodes[g].chip) continue;
      const Instant room = outlooks[g].first_room(j.least_gpus(), request);
      if (room >= when) continue;
      when = room;
      group = g;
    }
    ++promised;
    if (when == forever) continue;
    outlooks[group].take(when, request, j.least_gpus());
    if (when > now) continue;
    if (auto gang = pool_.place_in(static_cast<std::int32_t>(group), j.least_gpus()))
      start(now, job, std::move(*gang));
  }
}

}  // namespace jevons
