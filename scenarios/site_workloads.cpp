#include "scenarios/site_workloads.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "scenarios/profiles.h"
#include "scenarios/rl_answer.h"
#include "scenarios/serve_answer.h"
#include "scenarios/trace_row.h"
#include "scenarios/train_answer.h"
#include "sim/distributions.h"

namespace jevons {

namespace {

// The power of a job that does not say: of the cluster it names, else of the first.
ClockedWork default_work(const SiteScenario& scenario, std::optional<std::int32_t> cluster,
                         const std::optional<Power>& stated) {
  const ClusterEntry& entry = cluster_entry(scenario, cluster.value_or(0));
  return work_of_power(
      stated.value_or(entry.job_power_share * entry.machines.chip.tdp.value_or(Power{})));
}

double communication_on(const SiteScenario& scenario, std::optional<std::int32_t> cluster) {
  return cluster_entry(scenario, cluster.value_or(0)).shares_network ? assumed_communication : 0;
}

Instant day_of(const std::string& text) {
  return Instant{day_and_time(text).value_or(Span{})};
}

void add_trace(const SiteScenario& scenario, const JobTraceEntry& trace, SiteNames& names,
               SiteJobs& out) {
  JobListOptions options;
  options.ends_at_request = trace.ends_at_request;
  options.is_clairvoyant = trace.is_clairvoyant;
  const JobList list =
      read_jobs(trace.file.path.string(), trace.format, options, trace.file.path.string());
  out.left_out += list.left_out;
  const Instant from = trace.from ? day_of(*trace.from) : list.jobs.front().submit;
  const bool has_days = trace.format == JobFormat::philly;
  for (const GangJob& j : list.jobs) {
    if (has_days && (j.submit < from || (trace.to && j.submit >= day_of(*trace.to)))) continue;
    SiteJob job;
    job.gang = j;
    if (has_days) job.gang.submit = Instant{j.submit - from};
    job.name = list.tenants.empty() ? "default" : list.tenants[static_cast<std::size_t>(j.tenant)];
    job.cluster = cluster_of(scenario, trace.has_virtual_clusters ? job.name : trace.cluster);
    if (trace.has_virtual_clusters && !job.cluster) {
      ++out.left_out;
      continue;
    }
    job.gang.tenant = names.tenant(job.name);
    job.gang.is_preemptible = j.is_preemptible || trace.is_preemptible;
    job.work = default_work(scenario, job.cluster, std::nullopt);
    job.communication = communication_on(scenario, job.cluster);
    out.jobs.push_back(std::move(job));
  }
}

void add_entry(const SiteScenario& scenario, const JobEntry& entry, SiteNames& names,
               SiteJobs& out) {
  SiteJob job;
  job.gang = gang_job(entry);
  job.gang.tenant = names.tenant(entry.tenant);
  job.name = entry.tenant;
  job.cluster = cluster_of(scenario, entry.cluster);
  job.work = default_work(scenario, job.cluster, entry.power_per_gpu);
  job.communication = communication_on(scenario, job.cluster);
  for (int i = 0; i < entry.count; ++i) {
    if (entry.id < 0) job.gang.id = static_cast<std::int64_t>(out.jobs.size());
    out.jobs.push_back(job);
    job.gang.submit += entry.every;
  }
}

// A Poisson stream by thinning: candidates at the highest rate, kept as the hour has it.
class StreamArrivals {
 public:
  StreamArrivals(const JobStream& stream, std::uint64_t seed)
      : stream_{&stream},
        gaps_{seed, "stream/" + stream.name + "/gaps"},
        kept_{seed, "stream/" + stream.name + "/kept"} {}

  Time next() {
    const double most = stream_->jobs_per_day * (1 + stream_->day_night) / 86'400;
    while (true) {
      t_ += Exponential{1 / most}.sample(gaps_);
      const double angle = 2 * std::numbers::pi * (t_ / 86'400 - 0.25);
      const double share = (1 + stream_->day_night * std::sin(angle)) / (1 + stream_->day_night);
      if (kept_.uniform() < share) return t_ * unit::s;
    }
  }

 private:
  const JobStream* stream_;
  Rng gaps_, kept_;
  double t_ = 0;
};

void add_stream(const SiteScenario& scenario, const JobStream& stream, SiteNames& names,
                SiteJobs& out) {
  StreamArrivals arrivals{stream, scenario.seed};
  Rng runs{scenario.seed, "stream/" + stream.name + "/runs"};
  Rng sizes{scenario.seed, "stream/" + stream.name + "/sizes"};
  Rng kinds{scenario.seed, "stream/" + stream.name + "/kinds"};
  std::vector<double> gpus, shares;
  for (const SizeShare& s : stream.sizes) {
    gpus.push_back(s.gpus);
    shares.push_back(s.share);
  }
  const Empirical size{gpus, shares};
  const Lognormal run{to_time(stream.run_median).in(unit::s), stream.run_sigma};
  SiteJob job;
  job.name = stream.name;
  job.cluster = cluster_of(scenario, stream.cluster);
  job.work = default_work(scenario, job.cluster, stream.power_per_gpu);
  job.communication = communication_on(scenario, job.cluster);
  GangJob& g = job.gang;
  g.tenant = names.tenant(stream.tenant);
  g.priority = stream.priority;
  g.checkpoint_every = stream.checkpoint_every;
  g.overhead = stream.overhead;
  for (Time t = arrivals.next(); t < to_time(*scenario.stop_at); t = arrivals.next()) {
    g.id = static_cast<std::int64_t>(out.jobs.size());
    g.submit = Instant{to_span(t)};
    g.gpus = static_cast<std::int32_t>(size.sample(sizes));
    const double seconds = std::max(run.sample(runs), 1.0);
    g.run = std::min(to_span(seconds * unit::s), stream.run_most);
    g.requested = to_span(stream.request_factor * to_time(g.run));
    g.is_preemptible = kinds.uniform() < stream.preemptible_share;
    g.deadline = stream.deadline_factor
                     ? g.submit + to_span(*stream.deadline_factor * to_time(g.run))
                     : forever;
    out.jobs.push_back(job);
  }
}

void add_training(const SiteScenario& scenario, const TrainingEntry& entry, SiteNames& names,
                  SiteJobs& out, RunContext& context) {
  RunContext quiet{nullptr, context.progress};
  for (int i = 0; i < entry.count; ++i) {
    TrainScenario training = entry.training;
    training.seed = mix(scenario.seed + static_cast<std::uint64_t>(i));
    const TrainOutcome outcome = train(training, quiet);
    const TrainFigures figures = figures_of(training, outcome);
    SiteJob job;
    job.name = training.title.empty() ? entry.tenant : training.title;
    job.cluster = cluster_of(scenario, entry.cluster);
    job.work = work_of_power(figures.gpu_w * unit::W);
    job.communication = std::min(outcome.step.exposed_comm_s / outcome.step.seconds, 1.0);
    GangJob& g = job.gang;
    g.id = static_cast<std::int64_t>(out.jobs.size());
    g.submit = Instant{entry.submit};
    g.run = g.requested = std::max(outcome.result.wall, Span{1});
    g.gpus = training.cluster.gpus;
    g.tenant = names.tenant(entry.tenant);
    g.priority = entry.priority;
    g.is_preemptible = entry.is_preemptible;
    g.overhead = entry.overhead;
    g.checkpoint_every = entry.checkpoint_every;
    out.jobs.push_back(std::move(job));
  }
}

void add_post_training(const SiteScenario& scenario, const PostTrainingEntry& entry,
                       SiteNames& names, SiteJobs& out, RunContext& context) {
  RlOutcome outcome{build(entry.rl), {}, {}};
  outcome.result =
      rl_run(outcome.built.setup, entry.rl.steps, entry.rl.stages, entry.rl.seed, context.progress);
  const RlFigures figures = figures_of(entry.rl, outcome);
  SiteJob job;
  job.name = entry.rl.title.empty() ? entry.tenant : entry.rl.title;
  job.cluster = cluster_of(scenario, entry.cluster);
  job.work = work_of_power(figures.gpu_j / (outcome.result.seconds * figures.gpus) * unit::W);
  GangJob& g = job.gang;
  g.submit = Instant{entry.submit};
  g.run = g.requested = std::max(to_span(outcome.result.seconds * unit::s), Span{1});
  g.gpus = figures.gpus;
  g.tenant = names.tenant(entry.tenant);
  g.priority = entry.priority;
  g.is_preemptible = entry.is_preemptible;
  g.overhead = entry.overhead;
  g.checkpoint_every = entry.checkpoint_every;
  for (int i = 0; i < entry.count; ++i) {
    g.id = static_cast<std::int64_t>(out.jobs.size());
    out.jobs.push_back(job);
  }
}

// A day in steps: a raised cosine between night and peak.
std::vector<double> daily_load(const ServiceEntry& entry) {
  std::vector<double> load;
  const auto steps = std::max<std::int64_t>(1, std::chrono::hours{24} / entry.step);
  for (std::int64_t i = 0; i < steps; ++i) {
    const double middle = to_time(entry.step * i + entry.step / 2 - entry.peak_at).in(unit::day);
    const double day = 0.5 + 0.5 * std::cos(2 * std::numbers::pi * middle);
    load.push_back(entry.peak_requests_per_s * (entry.night_share + (1 - entry.night_share) * day));
  }
  return load;
}

}  // namespace

std::int32_t SiteNames::tenant(const std::string& name) {
  const auto known = std::find(tenants.begin(), tenants.end(), name);
  if (known != tenants.end()) return static_cast<std::int32_t>(known - tenants.begin());
  tenants.push_back(name);
  return static_cast<std::int32_t>(tenants.size()) - 1;
}

std::optional<std::int32_t> cluster_of(const SiteScenario& scenario, const std::string& name) {
  std::int32_t i = 0;
  for (const SiteEntry& site : scenario.sites)
    for (const ClusterEntry& cluster : site.clusters) {
      if (!name.empty() && cluster.machines.name == name) return i;
      ++i;
    }
  return std::nullopt;
}

const ClusterEntry& cluster_entry(const SiteScenario& scenario, std::int32_t cluster) {
  for (const SiteEntry& site : scenario.sites)
    for (const ClusterEntry& entry : site.clusters)
      if (cluster-- == 0) return entry;
  broken("a cluster is one of the scenario", __FILE__, __LINE__);
}

SiteJobs collect_jobs(const SiteScenario& scenario, SiteNames& names, RunContext& context) {
  SiteJobs out;
  for (const JobTraceEntry& trace : scenario.traces) add_trace(scenario, trace, names, out);
  for (const JobEntry& entry : scenario.jobs) add_entry(scenario, entry, names, out);
  for (const TrainingEntry& entry : scenario.training)
    add_training(scenario, entry, names, out, context);
  for (const PostTrainingEntry& entry : scenario.post_training)
    add_post_training(scenario, entry, names, out, context);
  for (const JobStream& stream : scenario.streams) add_stream(scenario, stream, names, out);
  std::stable_sort(out.jobs.begin(), out.jobs.end(), [](const SiteJob& a, const SiteJob& b) {
    return a.gang.submit < b.gang.submit;
  });
  return out;
}

std::vector<ServiceModel> service_models(const SiteScenario& scenario, const SiteNames& /*names*/,
                                         RunContext& context) {
  std::vector<ServiceModel> services;
  for (const ServiceEntry& entry : scenario.services) {
    ServiceModel m;
    m.name = entry.name;
    m.cluster = cluster_of(scenario, entry.cluster).value_or(0);
    m.least = entry.least_replicas;
    m.most = entry.most_replicas;
    m.step = entry.step;
    m.target = entry.target;
    m.load = daily_load(entry);
    Power full = entry.power_per_gpu.value_or(Power{});
    if (entry.replica) {
      RunContext quiet{nullptr, context.progress};
      const ServeFigures f = figures_of(serve(*entry.replica, quiet));
      m.gpus_per_replica = f.gpus;
      m.capacity = f.requests_per_s;
      if (f.requests_per_s > 0) m.tokens_per_request = f.output_tokens_per_s / f.requests_per_s;
      if (!entry.power_per_gpu) full = f.mean_gpu_w * unit::W;
    }
    if (entry.gpus_per_replica) m.gpus_per_replica = *entry.gpus_per_replica;
    if (entry.requests_per_s_per_replica) m.capacity = *entry.requests_per_s_per_replica;
    const ClusterEntry& cluster = cluster_entry(scenario, m.cluster);
    m.full = work_of_power(full);
    // An engine without requests keeps its context and draws what an idle GPU draws.
    m.idle = work_of_power(std::min(full, profile_for(cluster.machines.chip).energy.idle));
    services.push_back(std::move(m));
  }
  return services;
}

}  // namespace jevons
