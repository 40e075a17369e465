#include "models/site/site_run.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

constexpr std::int32_t none = -1;

std::size_t index(std::int32_t i) {
  return static_cast<std::size_t>(i);
}

void keep_earliest(std::optional<Instant>& next, std::optional<Instant> other) {
  if (other && *other != forever && (!next || *other < *next)) next = other;
}

}  // namespace

ClockedWork work_of_power(Power p) {
  const double joules = p.in(unit::W);  // of a second
  const double other = 1 - assumed_static_share - assumed_arithmetic;
  return {.seconds = 1,
          .clock_seconds = assumed_clock_bound,
          .static_watts = assumed_static_share * joules,
          .arithmetic_joules = assumed_arithmetic * joules,
          .other_joules = other * joules};
}

SiteRun::SiteRun(const SiteModel& model)
    : model_{&model}, services_(model.services.size()), outcome_jobs_(model.jobs.size()) {
  for (const ClusterModel& c : model.clusters) {
    clusters_.emplace_back().scheduler = Scheduler{c.scheduler};
    fabrics_.emplace_back();
    if (!c.shared_network) continue;
    ClusterGraph graph{*c.shared_network, c.nodes, c.gpus_per_node};
    const int links = graph.links();
    fabrics_.back() = std::make_unique<Fabric>(Fabric{std::move(graph), FabricSharing{links}, {}});
  }
  for (const auto& site : model.sites) {
    facilities_.emplace_back();
    if (site) facilities_.back().emplace(*site, Instant{});
    seen_clock_.push_back(0);
    sampled_.emplace_back();
  }
}

bool SiteRun::has_work_left() const {
  if (arrived_ < model_->jobs.size() || !ends_.empty()) return true;
  if (!services_.empty() && model_->stop_at) return true;
  // Whoever still waits may be waiting for an hour, or for power.
  return std::any_of(clusters_.begin(), clusters_.end(), [this](const Cluster& c) {
    return c.scheduler.is_anybody_left() && (c.wake || model_->stop_at);
  });
}

std::optional<Instant> SiteRun::next() {
  if (!has_work_left()) return std::nullopt;
  std::optional<Instant> next;
  keep_earliest(next, ends_.next_time());
  if (arrived_ < model_->jobs.size()) keep_earliest(next, model_->jobs[arrived_].gang.submit);
  for (const Cluster& c : clusters_) keep_earliest(next, c.wake);
  for (std::size_t s = 0; s < services_.size(); ++s)
    keep_earliest(next, Instant{services_[s].steps * model_->services[s].step});
  for (const auto& facility : facilities_)
    if (facility) keep_earliest(next, facility->next_change());
  if (next) keep_earliest(next, last_sample_ + model_->sample_every);
  if (model_->stop_at && next && *next >= *model_->stop_at)
    return now_ < *model_->stop_at ? model_->stop_at : std::nullopt;
  return next;
}

// Of one instant: the world outside, ends, arrivals, services, then decisions, then a look at it.
void SiteRun::step(Instant now) {
  now_ = now;
  ++events_;
  for (auto& facility : facilities_)
    if (facility && facility->next_change() <= now) facility->advance(now);
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    const auto& site = model_->sites[index(model_->clusters[i].site)];
    const bool waits_for_power = site && site->limit.mode == CapMode::queue;
    if (waits_for_power && clusters_[i].scheduler.waiting() > 0) clusters_[i].is_dirty = true;
  }
  take_ends(now);
  if (!model_->stop_at || now < *model_->stop_at) {
    take_arrivals(now);
    take_service_steps(now);
    decide(now);
    follow_clocks(now);
  }
  if (now - last_sample_ >= model_->sample_every) sample(now);
}

void SiteRun::take_ends(Instant now) {
  while (ends_.next_time() == now) {
    const auto [cluster, job] = ends_.pop().event;
    Cluster& c = at(cluster);
    const std::int32_t owner = c.held[index(job)].owner;
    cease(now, cluster, job);
    c.scheduler.finish(now, job);
    c.asked_gpus -= c.scheduler.job(job).gpus;
    c.is_dirty = true;
    outcome_jobs_[index(owner)].end = now;
  }
}

void SiteRun::take_arrivals(Instant now) {
  while (arrived_ < model_->jobs.size() && model_->jobs[arrived_].gang.submit <= now) {
    const SiteJob& job = model_->jobs[arrived_];
    const std::int32_t cluster = route(now, job);
    outcome_jobs_[arrived_].cluster = cluster;
    submit(now, cluster, job.gang, static_cast<std::int32_t>(arrived_));
    ++arrived_;
  }
}

JobIndex SiteRun::submit(Instant now, std::int32_t cluster, const GangJob& job,
                         std::int32_t owner) {
  Cluster& c = at(cluster);
  const JobIndex i = c.scheduler.add(job);
  c.held.push_back({.owner = owner});
  c.scheduler.arrive(now, i);
  c.asked_gpus += job.gpus;
  c.is_dirty = true;
  return i;
}

// Least is best; jobs that find room go before those that do not.
double SiteRun::rank(Instant now, const SiteJob& job, std::size_t cluster) const {
  const Cluster& c = clusters_[cluster];
  const NodePool& pool = c.scheduler.pool();
  constexpr double no_room = 1e12, impossible = 1e24;
  if (pool.largest_gang(job.gang.chip) < job.gang.least_gpus()) return impossible;
  const double load = static_cast<double>(c.asked_gpus) / pool.total_gpus();
  if (model_->routing == Routing::least_loaded) return load;
  const bool has_room =
      c.scheduler.waiting() == 0 && pool.has_room(job.gang.least_gpus(), job.gang.chip);
  const auto& site = model_->sites[index(model_->clusters[cluster].site)];
  if (!has_room || !site) return no_room * (1 + load);
  const Hourly& signal = model_->routing == Routing::cheapest ? site->grid.price_usd_per_kwh
                                                              : site->grid.carbon_g_per_kwh;
  const std::int64_t hours =
      std::clamp<std::int64_t>(job.gang.requested / std::chrono::hours{1} + 1, 1, hours_per_year);
  double sum = 0;
  for (std::int64_t h = 0; h < hours; ++h) sum += signal.ahead(now, h);
  return sum / static_cast<double>(hours);
}

std::int32_t SiteRun::route(Instant now, const SiteJob& job) const {
  if (job.cluster) return *job.cluster;
  if (model_->routing == Routing::first) return 0;
  std::size_t best = 0;
  double least = rank(now, job, 0);
  for (std::size_t c = 1; c < clusters_.size(); ++c) {
    const double r = rank(now, job, c);
    if (r >= least) continue;
    least = r;
    best = c;
  }
  return static_cast<std::int32_t>(best);
}

void SiteRun::decide(Instant now) {
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    Cluster& c = clusters_[i];
    const auto cluster = static_cast<std::int32_t>(i);
    const bool is_awake = c.wake && *c.wake <= now;
    if (!c.is_dirty && !is_awake) continue;
    limit_starts(now, cluster);
    c.scheduler.decide(now);
    c.is_dirty = false;
    follow_changes(now, cluster);
    c.wake = c.scheduler.next_wake();
    for (std::size_t s = 0; s < services_.size(); ++s)
      if (model_->services[s].cluster == cluster) share_load(now, s);
  }
}

// All that changed stops before anything starts, so that no GPU is counted twice, and sleeping
// nodes are woken before they are used. What was started and stopped in one decision never ran.
void SiteRun::follow_changes(Instant now, std::int32_t cluster) {
  Cluster& c = at(cluster);
  const auto has_begun = [&](JobIndex job) { return ends_.is_pending(c.held[index(job)].end); };
  for (const GangChange& change : c.scheduler.changes())
    if (has_begun(change.job)) cease(now, cluster, change.job);
  const Span wake = wake_nodes(now, cluster);
  for (const GangChange& change : c.scheduler.changes()) {
    const bool runs = c.scheduler.state(change.job).phase == GangPhase::running;
    if (!runs || has_begun(change.job)) continue;
    if (wake > Span{}) c.scheduler.delay(now, change.job, wake);
    begin(now, cluster, change.job);
  }
}

const ClockedWork& SiteRun::work_of(std::int32_t owner) const {
  return owner >= 0 ? model_->jobs[index(owner)].work : model_->services[index(none - owner)].full;
}

void SiteRun::begin(Instant now, std::int32_t cluster, JobIndex job) {
  Cluster& c = at(cluster);
  Held& held = c.held[index(job)];
  const Gang& gang = c.scheduler.state(job).gang;
  const std::int32_t gpus = gang.gpus;
  held.since = now;
  held.first_node = gang.slices.empty() ? 0 : gang.slices.front().node;
  held.gpus = gpus;
  if (Facility* facility = facility_of(cluster))
    held.draw = static_cast<std::int32_t>(
        facility->start(now, {model(cluster).pool, gpus, work_of(held.owner)}));
  if (held.owner >= 0)
    outcome_jobs_[index(held.owner)].start = std::min(outcome_jobs_[index(held.owner)].start, now);
  join_fabric(now, cluster, job);
  set_pace(now, cluster, job);
}

void SiteRun::cease(Instant now, std::int32_t cluster, JobIndex job) {
  Held& held = at(cluster).held[index(job)];
  ends_.cancel(held.end);
  held.end = {};
  Bill bill;
  if (Facility* facility = facility_of(cluster); facility != nullptr && held.draw != none)
    bill = facility->stop(now, DrawId{held.draw});
  held.draw = none;
  leave_fabric(now, cluster, job);
  if (held.owner >= 0)
    outcome_jobs_[index(held.owner)].bill += bill;
  else
    services_[index(none - held.owner)].outcome.bill += bill;
  if (!model_->records_runs || held.owner < 0) return;
  runs_.push_back({held.owner, cluster, held.first_node, held.gpus, held.since, now});
}

void SiteRun::reschedule(std::int32_t cluster, JobIndex job) {
  Held& held = at(cluster).held[index(job)];
  ends_.cancel(held.end);
  held.end = ends_.at(at(cluster).scheduler.end_of(job), 0, {cluster, job});
}

// The clock that a power limit leaves, and what a shared network leaves of communication.
void SiteRun::set_pace(Instant now, std::int32_t cluster, JobIndex job) {
  Cluster& c = at(cluster);
  const Held& held = c.held[index(job)];
  double pace = 1;
  if (const Facility* facility = facility_of(cluster); facility != nullptr && held.draw != none)
    pace = facility->speed(DrawId{held.draw});
  if (held.flow != none && held.owner >= 0) {
    const double rate = fabrics_[index(cluster)]->sharing.rate(FlowId{held.flow});
    const double sends = model_->jobs[index(held.owner)].communication;
    pace /= 1 + sends * (1 / rate - 1);
  }
  const auto rate = std::max<std::int64_t>(1, std::llround(pace * full_rate));
  if (rate != c.scheduler.state(job).clock_rate) c.scheduler.set_clock_rate(now, job, rate);
  reschedule(cluster, job);
}

void SiteRun::follow_clocks(Instant now) {
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    const auto cluster = static_cast<std::int32_t>(i);
    const Facility* facility = facility_of(cluster);
    if (facility == nullptr) continue;
    const auto site = index(model(cluster).site);
    if (facility->clock_version() == seen_clock_[site]) continue;
    for (const JobIndex job : clusters_[i].scheduler.running()) set_pace(now, cluster, job);
  }
  for (std::size_t s = 0; s < facilities_.size(); ++s)
    if (facilities_[s]) seen_clock_[s] = facilities_[s]->clock_version();
}

void SiteRun::join_fabric(Instant now, std::int32_t cluster, JobIndex job) {
  Fabric* fabric = fabrics_[index(cluster)].get();
  Held& held = at(cluster).held[index(job)];
  const Gang& gang = at(cluster).scheduler.state(job).gang;
  if (fabric == nullptr || held.owner < 0 || gang.slices.size() < 2) return;
  if (model_->jobs[index(held.owner)].communication <= 0) return;
  std::vector<int> nodes;
  for (const Slice& s : gang.slices) nodes.push_back(s.node);
  const NetworkSpec& network = *model(cluster).shared_network;
  const auto use =
      link_use(fabric->graph, nodes, FlowPattern::ring, network.nic * network.efficiency);
  held.flow = static_cast<std::int32_t>(fabric->sharing.add(use));
  if (index(held.flow) >= fabric->job_of_flow.size())
    fabric->job_of_flow.resize(index(held.flow) + 1, none);
  fabric->job_of_flow[index(held.flow)] = job;
  follow_fabric(now, cluster);
}

void SiteRun::leave_fabric(Instant now, std::int32_t cluster, JobIndex job) {
  Held& held = at(cluster).held[index(job)];
  if (held.flow == none) return;
  fabrics_[index(cluster)]->sharing.remove(FlowId{held.flow});
  held.flow = none;
  follow_fabric(now, cluster);
}

void SiteRun::follow_fabric(Instant now, std::int32_t cluster) {
  const Fabric& fabric = *fabrics_[index(cluster)];
  std::vector<JobIndex> changed;
  for (const FlowId flow : fabric.sharing.changed())
    changed.push_back(fabric.job_of_flow[static_cast<std::size_t>(flow)]);
  for (const JobIndex job : changed)
    if (ends_.is_pending(at(cluster).held[index(job)].end) &&
        at(cluster).scheduler.state(job).phase == GangPhase::running)
      set_pace(now, cluster, job);
}

// Under a limit that makes jobs wait, as many GPUs may start as there is power for at a job's mean.
void SiteRun::limit_starts(Instant now, std::int32_t cluster) {
  const Facility* facility = facility_of(cluster);
  if (facility == nullptr || facility->model().limit.mode != CapMode::queue) return;
  Scheduler& scheduler = at(cluster).scheduler;
  double hottest = 0;
  const ClockedWork* work = nullptr;
  for (std::size_t i = 0; i < scheduler.size(); ++i) {
    const auto job = static_cast<JobIndex>(i);
    if (scheduler.state(job).phase != GangPhase::waiting) continue;
    const ClockedWork& w = work_of(at(cluster).held[i].owner);
    const double watts = w.static_watts + (w.arithmetic_joules + w.other_joules) / w.seconds;
    if (watts <= hottest) continue;
    hottest = watts;
    work = &w;
  }
  if (work == nullptr) return;
  std::int64_t low = 0, high = scheduler.pool().free_gpus();
  while (low < high) {
    const std::int64_t gpus = (low + high + 1) / 2;
    facility->has_power_for(now, {model(cluster).pool, gpus, *work}) ? low = gpus : high = gpus - 1;
  }
  scheduler.limit_starts(low);
}

// Says how many nodes nobody uses; how long those that have to wake keep their jobs waiting.
Span SiteRun::wake_nodes(Instant now, std::int32_t cluster) {
  Facility* facility = facility_of(cluster);
  if (facility == nullptr || !facility->model().sleep_after) return {};
  return facility->set_free_nodes(now, model(cluster).pool,
                                  at(cluster).scheduler.pool().whole_free_nodes());
}

}  // namespace jevons
