// Reshuffling policies: at every event all jobs are looked at anew, and the first of them run.
#include <algorithm>
#include <cmath>

#include "models/scheduling/scheduler.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

double seconds(Span span) {
  return to_time(span).in(unit::s);
}

// What Srtf and Srsf order by, in nanoseconds of time or of GPU-time.
std::int64_t service_left(const Policy& policy, const GangJob& job, Span left) {
  return std::holds_alternative<Srsf>(policy) ? left.count() * job.gpus : left.count();
}

bool is_shortest_first(const Policy& policy) {
  return std::holds_alternative<Srtf>(policy) || std::holds_alternative<Srsf>(policy);
}

}  // namespace

Charge Scheduler::charge() const {
  return std::visit(
      []<class P>(const P& p) {
        if constexpr (requires { p.charge; })
          return p.charge;
        else
          return Charge::restart;
      },
      config_.policy);
}

void Scheduler::shuffle_in(JobIndex job) {
  const GangJob& j = jobs_[at(job)];
  const GangState& s = states_[at(job)];
  if (is_shortest_first(config_.policy))
    shuffle_.by_size[j.gpus].insert({service_left(config_.policy, j, s.left), s.place});
  else if (std::holds_alternative<LeastAttained>(config_.policy) &&
           shuffle_.queue_of.emplace(job, 0).second)
    shuffle_.queues.front().push_back(job);
  else if (std::holds_alternative<FinishTimeFair>(config_.policy) &&
           shuffle_.shares.emplace(job, Shuffle::Share{}).second)
    shuffle_.order.push_back(job);
}

void Scheduler::shuffle_out(JobIndex job) {
  const GangJob& j = jobs_[at(job)];
  const GangState& s = states_[at(job)];
  if (is_shortest_first(config_.policy))
    shuffle_.by_size[j.gpus].erase({service_left(config_.policy, j, s.left), s.place});
}

// A job that will not come back.
void Scheduler::shuffle_away(JobIndex job) {
  if (const auto q = shuffle_.queue_of.find(job); q != shuffle_.queue_of.end()) {
    auto& queue = shuffle_.queues[static_cast<std::size_t>(q->second)];
    queue.erase(std::find(queue.begin(), queue.end(), job));
    shuffle_.queue_of.erase(q);
  }
  if (shuffle_.shares.erase(job) > 0)
    shuffle_.order.erase(std::find(shuffle_.order.begin(), shuffle_.order.end(), job));
}

void Scheduler::shuffle(Instant now) {
  std::vector<JobIndex> running{running_.begin(), running_.end()};
  std::sort(running.begin(), running.end(),
            [this](JobIndex a, JobIndex b) { return state(a).place < state(b).place; });
  for (const JobIndex job : running) settle(now, job, false);
  Choice choice;
  for (const JobIndex job : running) pool_.release(states_[at(job)].gang);
  for (const JobIndex job : running)
    if (!jobs_[at(job)].is_preemptible) choose(job, choice);
  if (is_shortest_first(config_.policy))
    choose_shortest(running, choice);
  else if (const auto* las = std::get_if<LeastAttained>(&config_.policy))
    choose_least_attained(running, *las, choice);
  else
    choose_fairest(now, choice);
  for (const auto& [job, gang] : choice) pool_.release(gang);
  for (const JobIndex job : running)
    ensure(pool_.retake(states_[at(job)].gang), "gangs lie where they lay");
  run_chosen(now, running, choice);
  if (const auto* las = std::get_if<LeastAttained>(&config_.policy)) order_queues(now, *las);
}

bool Scheduler::choose(JobIndex job, Choice& choice) {
  const GangJob& j = jobs_[at(job)];
  std::optional<Gang> gang = pool_.place(j.gpus, j.chip);
  if (!gang) return false;
  choice.emplace_back(job, std::move(*gang));
  return true;
}

// A merge of the running jobs with the waiting ones of every size. A size that has once not fitted
// will not fit any more, as room only shrinks.
void Scheduler::choose_shortest(const std::vector<JobIndex>& running, Choice& choice) {
  struct Head {
    Shuffle::Key key;
    std::set<Shuffle::Key>::const_iterator next, end;
  };
  std::vector<std::pair<Shuffle::Key, JobIndex>> mine;
  for (const JobIndex job : running)
    if (jobs_[at(job)].is_preemptible)
      mine.push_back(
          {{service_left(config_.policy, jobs_[at(job)], state(job).left), state(job).place}, job});
  std::sort(mine.begin(), mine.end());
  std::vector<Head> heads;
  for (const auto& [gpus, keys] : shuffle_.by_size)
    if (!keys.empty()) heads.push_back({*keys.begin(), keys.begin(), keys.end()});
  auto first = mine.begin();
  while (pool_.free_gpus() > 0) {
    const auto head = std::min_element(heads.begin(), heads.end(),
                                       [](const Head& a, const Head& b) { return a.key < b.key; });
    if (first != mine.end() && (head == heads.end() || first->first < head->key)) {
      choose(first++->second, choice);
      continue;
    }
    if (head == heads.end()) return;
    const bool fits = choose(by_place_[static_cast<std::size_t>(head->key.second)], choice);
    if (fits && ++head->next != head->end)
      head->key = *head->next;
    else
      heads.erase(head);
  }
}

void Scheduler::choose_least_attained(const std::vector<JobIndex>& running,
                                      const LeastAttained& policy, Choice& choice) {
  for (const JobIndex job : running) {
    std::int32_t& queue = shuffle_.queue_of.at(job);
    const auto q = static_cast<std::size_t>(queue);
    if (q >= policy.limits.size()) continue;
    if (Int128{state(job).ran.count()} * jobs_[at(job)].gpus < policy.limits[q].count()) continue;
    auto& from = shuffle_.queues[q];
    from.erase(std::find(from.begin(), from.end(), job));
    shuffle_.queues[q + 1].push_back(job);
    ++queue;
  }
  for (const auto& queue : shuffle_.queues)
    for (const JobIndex job : queue) {
      if (pool_.free_gpus() == 0) return;
      const bool is_placed =
          state(job).phase == GangPhase::running && !jobs_[at(job)].is_preemptible;
      if (!is_placed) choose(job, choice);
    }
}

// Who runs comes first in its queue; and when the next one falls to another, in whole seconds of
// running.
void Scheduler::order_queues(Instant now, const LeastAttained& policy) {
  for (auto& queue : shuffle_.queues)
    std::stable_partition(queue.begin(), queue.end(),
                          [this](JobIndex j) { return state(j).phase == GangPhase::running; });
  shuffle_.next_demotion = forever;
  for (const JobIndex job : running_) {
    const auto q = static_cast<std::size_t>(shuffle_.queue_of.at(job));
    if (q >= policy.limits.size()) continue;
    const Span each = policy.limits[q] / jobs_[at(job)].gpus;
    const auto whole = std::chrono::ceil<std::chrono::seconds>(each);
    shuffle_.next_demotion = std::min(shuffle_.next_demotion, now + (whole - state(job).ran));
  }
}

void Scheduler::choose_fairest(Instant now, Choice& choice) {
  const auto& policy = std::get<FinishTimeFair>(config_.policy);
  const double total = pool_.total_gpus();
  const double equal = std::ceil(total / static_cast<double>(shuffle_.order.size()));
  std::vector<FairJob> asked;
  for (const JobIndex job : shuffle_.order) {
    const GangJob& j = jobs_[at(job)];
    const GangState& s = states_[at(job)];
    Shuffle::Share& share = shuffle_.shares.at(job);
    const double unit = policy.counts_iterations ? seconds(j.iteration) : 1;
    const double left = seconds(s.left) / unit;
    if (share.left >= 0) share.alone_before += (share.left - left) / share.part;
    share.part = std::min(equal / j.gpus, 1.0);
    share.left = left;
    asked.push_back({.elapsed = seconds(now - j.submit),
                     .work = std::max(seconds(s.left), 1e-9),
                     .alone = std::max(share.alone_before + left / share.part, 1e-9),
                     .gpus = static_cast<double>(j.gpus)});
  }
  const std::vector<double> x = fair_fractions(asked, total);
  struct Rank {
    double received, deficit, x;
    std::size_t i;
  };
  std::vector<Rank> ranks;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const JobIndex job = shuffle_.order[i];
    Shuffle::Share& share = shuffle_.shares.at(job);
    const double ran = seconds(state(job).ran);
    ranks.push_back({ran == 0 ? x[i] * 1e9 : x[i] / ran, share.owed_s - ran, x[i], i});
    share.owed_s += x[i] * seconds(now - shuffle_.decided);
  }
  shuffle_.decided = now;
  std::stable_sort(ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) {
    return std::tie(a.received, a.deficit, a.x) > std::tie(b.received, b.deficit, b.x);
  });
  std::vector<JobIndex> order;
  for (const Rank& r : ranks) order.push_back(shuffle_.order[r.i]);
  shuffle_.order = std::move(order);
  place_fairest(choice);
}

// Chosen by rank, then placed anew with the largest first.
void Scheduler::place_fairest(Choice& choice) {
  const std::size_t fixed = choice.size();
  for (const JobIndex job : shuffle_.order) {
    if (pool_.free_gpus() == 0) break;
    const bool is_placed = state(job).phase == GangPhase::running && !jobs_[at(job)].is_preemptible;
    if (!is_placed) choose(job, choice);
  }
  std::stable_sort(shuffle_.order.begin(), shuffle_.order.end(), [this](JobIndex a, JobIndex b) {
    return jobs_[at(a)].gpus > jobs_[at(b)].gpus;
  });
  std::set<JobIndex> chosen;
  for (std::size_t i = fixed; i < choice.size(); ++i) {
    chosen.insert(choice[i].first);
    pool_.release(choice[i].second);
  }
  choice.resize(fixed);
  for (const JobIndex job : shuffle_.order)
    if (chosen.count(job) > 0) choose(job, choice);
}

// Where every event is paid for, all lie where they were placed just now. Otherwise those that run
// on stay, and the others are placed around them; only if that fails does everybody move.
void Scheduler::run_chosen(Instant now, const std::vector<JobIndex>& running, Choice& choice) {
  std::set<JobIndex> chosen;
  for (const auto& [job, gang] : choice) chosen.insert(job);
  for (const JobIndex job : running)
    if (chosen.count(job) == 0) preempt(now, job);
  const auto is_running = [this](JobIndex job) { return state(job).phase == GangPhase::running; };
  if (charge() == Charge::restart) {
    Choice around;
    for (const auto& [job, gang] : choice)
      if (!is_running(job) && !choose(job, around)) break;
    for (const auto& [job, gang] : around) pool_.release(gang);
    const auto newcomers = std::count_if(choice.begin(), choice.end(),
                                         [&](const auto& c) { return !is_running(c.first); });
    if (static_cast<std::ptrdiff_t>(around.size()) == newcomers) {
      std::erase_if(choice, [&](const auto& c) { return !is_running(c.first); });
      for (auto& [job, gang] : choice) gang = state(job).gang;
      choice.insert(choice.end(), std::make_move_iterator(around.begin()),
                    std::make_move_iterator(around.end()));
    }
  }
  for (const auto& [job, gang] : choice)
    if (is_running(job)) pool_.release(state(job).gang);
  for (auto& [job, gang] : choice) {
    ensure(pool_.retake(gang), "a chosen gang finds its place");
    GangState& s = states_[at(job)];
    if (!is_running(job)) {
      start(now, job, std::move(gang));
      continue;
    }
    if (s.gang.slices != gang.slices && charge() == Charge::restart)
      s.left += jobs_[at(job)].overhead;
    s.gang = std::move(gang);
    // What is left may have changed, and with it the end.
    changes_.push_back({job, GangChange::Kind::resized});
  }
}

}  // namespace jevons
