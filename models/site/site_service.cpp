// Services, samples and the outcome of a run of sites.
#include <algorithm>
#include <cmath>

#include "models/site/site_run.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

// Work of a GPU at a share of a replica's capacity: powers lie between idle and full.
ClockedWork between(const ClockedWork& idle, const ClockedWork& full, double share) {
  const auto mix = [share](double a, double b) { return a + share * (b - a); };
  ClockedWork w = full;
  w.static_watts = mix(idle.static_watts, full.static_watts);
  w.arithmetic_joules =
      mix(idle.arithmetic_joules / idle.seconds * full.seconds, full.arithmetic_joules);
  w.other_joules = mix(idle.other_joules / idle.seconds * full.seconds, full.other_joules);
  return w;
}

// So that equal loads are equal work: 1/64 of capacity.
double rounded(double share) {
  return std::ceil(std::clamp(share, 0.0, 1.0) * 64) / 64;
}

}  // namespace

void SiteRun::take_service_steps(Instant now) {
  for (std::size_t s = 0; s < services_.size(); ++s) {
    const ServiceModel& m = model_->services[s];
    Service& service = services_[s];
    if (Instant{service.steps * m.step} > now) continue;
    settle_service(now, s);
    service.is_new_load = true;
    service.rate = m.load[static_cast<std::size_t>(service.steps) % m.load.size()];
    ++service.steps;
    set_replicas(now, s);
  }
}

void SiteRun::set_replicas(Instant now, std::size_t s) {
  const ServiceModel& m = model_->services[s];
  Service& service = services_[s];
  Cluster& c = at(m.cluster);
  const double asked = std::ceil(service.rate / (m.capacity * m.target));
  const auto wanted = static_cast<std::size_t>(
      std::clamp(asked, static_cast<double>(m.least), static_cast<double>(m.most)));
  while (service.replicas.size() > wanted) {
    const JobIndex last = service.replicas.back();
    service.replicas.pop_back();
    if (c.scheduler.state(last).phase == GangPhase::running) cease(now, m.cluster, last);
    c.scheduler.cancel(now, last);
    c.asked_gpus -= m.gpus_per_replica;
    c.is_dirty = true;
  }
  while (service.replicas.size() < wanted) {
    GangJob replica;
    replica.id = static_cast<std::int64_t>(s);
    replica.submit = now;
    replica.run = replica.requested = endless;
    replica.gpus = m.gpus_per_replica;
    replica.chip = m.chip;
    replica.is_urgent = true;
    const auto owner = -1 - static_cast<std::int32_t>(s);
    service.replicas.push_back(submit(now, m.cluster, replica, owner));
    ++service.outcome.starts;
  }
}

// Replicas that run share the load evenly, and draw power accordingly.
void SiteRun::share_load(Instant now, std::size_t s) {
  const ServiceModel& m = model_->services[s];
  Service& service = services_[s];
  Cluster& c = at(m.cluster);
  std::int32_t running = 0;
  for (const JobIndex r : service.replicas)
    running += c.scheduler.state(r).phase == GangPhase::running ? 1 : 0;
  if (running == service.running && !service.is_new_load) return;
  settle_service(now, s);
  service.running = running;
  service.is_new_load = false;
  Facility* facility = facility_of(m.cluster);
  if (facility == nullptr || service.running == 0) return;
  const ClockedWork work =
      between(m.idle, m.full, rounded(service.rate / (service.running * m.capacity)));
  for (const JobIndex r : service.replicas) {
    const std::int32_t draw = c.held[static_cast<std::size_t>(r)].draw;
    if (c.scheduler.state(r).phase == GangPhase::running && draw >= 0)
      facility->change(now, DrawId{draw}, work);
  }
}

// Books what was asked for since the last step, and what the replicas could not take.
void SiteRun::settle_service(Instant now, std::size_t s) {
  const ServiceModel& m = model_->services[s];
  Service& service = services_[s];
  const Span lasted = now - service.settled;
  const double seconds = to_time(lasted).in(unit::s);
  service.settled = now;
  if (seconds == 0) return;
  service.outcome.requests += service.rate * seconds;
  service.outcome.unserved += std::max(service.rate - service.running * m.capacity, 0.0) * seconds;
  service.outcome.gpu_ns += Int128{service.running} * m.gpus_per_replica * lasted.count();
  if (static_cast<std::size_t>(service.running) < service.replicas.size()) ++service.outcome.late;
}

void SiteRun::sample(Instant now) {
  const Span lasted = now - last_sample_;
  for (std::size_t s = 0; s < facilities_.size(); ++s) {
    SiteSample row;
    row.at = now;
    row.site = static_cast<std::int32_t>(s);
    for (std::size_t c = 0; c < clusters_.size(); ++c) {
      if (static_cast<std::size_t>(model_->clusters[c].site) != s) continue;
      const NodePool& pool = clusters_[c].scheduler.pool();
      row.busy_gpus += pool.total_gpus() - pool.free_gpus();
      row.waiting_jobs += clusters_[c].scheduler.waiting();
    }
    if (const auto& facility = facilities_[s]) {
      const std::array powers{&row.job,     &row.idle,    &row.host,
                              &row.network, &row.cooling, &row.loss};
      for (std::size_t a = 0; a < powers.size(); ++a) {
        const Int128 total = facility->books().exact(static_cast<SiteAccount>(a), now);
        *powers[a] = from_site_attojoules(total - sampled_[s][a]) / to_time(lasted);
        sampled_[s][a] = total;
        row.grid += *powers[a];
      }
      const SitePower p = facility->power();
      row.carbon_g_per_kwh = p.carbon_g_per_kwh;
      row.price_usd_per_kwh = p.price_usd_per_kwh;
      row.gpu_limit = p.gpu_limit;
    }
    samples_.push_back(row);
  }
  last_sample_ = now;
}

SiteOutcome SiteRun::outcome() {
  if (now_ > last_sample_) sample(now_);
  SiteOutcome out;
  out.end = now_;
  out.jobs = outcome_jobs_;
  out.samples = samples_;
  out.runs = runs_;
  out.events = events_;
  for (std::size_t s = 0; s < services_.size(); ++s) {
    settle_service(now_, s);
    out.services.push_back(services_[s].outcome);
  }
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    const auto cluster = static_cast<std::int32_t>(i);
    const Cluster& c = clusters_[i];
    for (std::size_t j = 0; j < c.held.size(); ++j) {
      const GangState& state = c.scheduler.state(static_cast<JobIndex>(j));
      const Held& held = c.held[j];
      Bill bill;
      if (held.draw >= 0) bill = facility_of(cluster)->bill(now_, DrawId{held.draw});
      if (held.owner < 0) {
        out.services[static_cast<std::size_t>(-1 - held.owner)].bill += bill;
        continue;
      }
      JobOutcome& job = out.jobs[static_cast<std::size_t>(held.owner)];
      job.bill += bill;
      job.preemptions = state.preemptions;
      job.gpu_ns = state.gpu_ns;
      if (state.phase == GangPhase::running)
        job.gpu_ns += Int128{state.gang.gpus} * (now_ - state.settled).count();
    }
  }
  for (auto& facility : facilities_) {
    SiteBooks& books = out.books.emplace_back();
    if (!facility) continue;
    facility->check_draws(now_);
    for (std::size_t a = 0; a < site_account_count; ++a)
      books.by[a] = facility->books().of(static_cast<SiteAccount>(a), now_);
    books.grid = facility->books().from_grid(now_);
    books.total = facility->total(now_);
    books.idle = facility->idle_bill(now_);
  }
  return out;
}

}  // namespace jevons
