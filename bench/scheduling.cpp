// Whole schedules. Targets: EASY on KTH-SP2 under 50 ms; a million jobs on 100,000 GPUs with EASY
// under 20 s and 2 GiB; a year of a 100,000-GPU site with hourly grid data and 500 jobs a day under
// 2 s. The traces of KTH-SP2, Philly and Muri are those of a directory `JEVONS_JOBS`.
#include <cstdlib>
#include <fstream>
#include <string>

#include <benchmark/benchmark.h>

#include "models/scheduling/batch_run.h"
#include "models/site/site_run.h"
#include "scenarios/job_list.h"
#include "sim/distributions.h"

namespace jevons {
namespace {

// Peak memory of this process, MiB.
double peak_mib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      double kib = 0;
      status >> kib;
      return kib / 1024;
    }
  return 0;
}

// Gangs of 1 to 4,096 GPUs at a load of 0.9 of the pool, requests up to four times the run time.
std::vector<GangJob> random_jobs(int count, std::int32_t gpus) {
  Rng rng{1, "bench/jobs"};
  const Empirical size{std::vector<double>{1, 2, 4, 8, 32, 128, 512, 4096},
                       std::vector<double>{30, 10, 10, 30, 12, 5, 2.5, 0.5}};
  const Lognormal run{3600, 1.5};
  const double gap = size.mean() * run.mean() / (0.9 * gpus);
  std::vector<GangJob> jobs;
  double t = 0;
  for (int i = 0; i < count; ++i) {
    t += Exponential{gap}.sample(rng);
    GangJob job;
    job.submit = Instant{to_span(t * unit::s)};
    job.gpus = static_cast<std::int32_t>(size.sample(rng));
    job.run = to_span(std::max(1.0, run.sample(rng)) * unit::s);
    job.requested = to_span((1 + 3 * rng.uniform()) * to_time(job.run));
    jobs.push_back(job);
  }
  return jobs;
}

void easy_on_100k_gpus(benchmark::State& state) {
  const std::vector<GangJob> jobs = random_jobs(static_cast<int>(state.range(0)), 100'000);
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = 12'500, .gpus_per_node = 8}};
  for (auto _ : state) {
    const BatchResult r = run_batch(config, jobs);
    double wait = 0;
    for (const GangRecord& job : r.jobs) wait += to_time(job.wait()).in(unit::s);
    state.counters["mean_wait_s"] = wait / static_cast<double>(jobs.size());
    state.counters["unfinished"] = static_cast<double>(r.unfinished.size());
  }
  state.counters["jobs/s"] = benchmark::Counter(static_cast<double>(jobs.size()),
                                                benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak_MiB"] = peak_mib();
}
BENCHMARK(easy_on_100k_gpus)
    ->RangeMultiplier(10)
    ->Range(10'000, 1'000'000)
    ->Unit(benchmark::kMillisecond);

std::string trace(const char* name) {
  const char* folder = std::getenv("JEVONS_JOBS");
  return folder == nullptr ? "" : std::string{folder} + "/" + name;
}

void easy_on_kth(benchmark::State& state) {
  const std::string file = trace("KTH-SP2-1996-2.1-cln.swf.gz");
  if (file.empty()) return state.SkipWithError("set JEVONS_JOBS");
  const JobList list = read_jobs(file, JobFormat::swf);
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = 100, .gpus_per_node = 1}};
  config.placement = Placement::counted;
  for (auto _ : state) benchmark::DoNotOptimize(run_batch(config, list.jobs).end);
}
BENCHMARK(easy_on_kth)->Unit(benchmark::kMillisecond);

// All jobs of the trace on as many nodes as all virtual clusters have.
void fifo_on_philly(benchmark::State& state) {
  const std::string file = trace("philly_sia.csv.gz");
  if (file.empty()) return state.SkipWithError("set JEVONS_JOBS");
  const JobList list = read_jobs(file, JobFormat::philly);
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = 352, .gpus_per_node = 8}};
  config.policy = Fcfs{QueueRules{.backfill = Backfill::none}};
  for (auto _ : state) benchmark::DoNotOptimize(run_batch(config, list.jobs).end);
}
BENCHMARK(fifo_on_philly)->Unit(benchmark::kMillisecond);

// SRTF and SRSF on both traces.
void four_runs_of_muri(benchmark::State& state) {
  if (trace("").empty()) return state.SkipWithError("set JEVONS_JOBS");
  const JobList first = read_jobs(trace("muri_trace1.csv.gz"), JobFormat::muri);
  const JobList second = read_jobs(trace("muri_trace2.csv.gz"), JobFormat::muri);
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = 8, .gpus_per_node = 8}};
  for (auto _ : state)
    for (const Policy& policy :
         {Policy{Srtf{Charge::every_event}}, Policy{Srsf{Charge::every_event}}})
      for (const JobList* list : {&first, &second}) {
        config.policy = policy;
        benchmark::DoNotOptimize(run_batch(config, list->jobs).end);
      }
}
BENCHMARK(four_runs_of_muri)->Unit(benchmark::kMillisecond);

void a_year_of_a_site(benchmark::State& state) {
  SiteModel model;
  model.site_names = {"site"};
  FacilityModel facility;
  facility.pools = {{.nodes = 12'500, .gpu_idle = 77 * unit::W, .gpu_limit = 700 * unit::W}};
  facility.network = 5 * unit::MW;
  Rng rng{1, "bench/grid"};
  const auto hours = [&rng](double least, double most) {
    std::vector<double> values;
    for (std::int64_t h = 0; h < hours_per_year; ++h)
      values.push_back(least + (most - least) * rng.uniform());
    return Hourly{std::move(values)};
  };
  facility.grid.carbon_g_per_kwh = hours(200, 600);
  facility.grid.marginal_g_per_kwh = hours(300, 700);
  facility.grid.price_usd_per_kwh = hours(0.02, 0.2);
  facility.weather.dry_bulb_c = hours(0, 35);
  facility.weather.wet_bulb_c = hours(0, 25);
  model.sites = {facility};
  ClusterModel cluster;
  cluster.nodes = 12'500;
  cluster.scheduler.nodes = {NodeGroup{.nodes = 12'500, .gpus_per_node = 8}};
  model.clusters = {cluster};
  for (const GangJob& gang : random_jobs(500 * 365, 100'000)) {
    SiteJob job;
    job.gang = gang;
    job.gang.submit = Instant{to_span(static_cast<double>(model.jobs.size()) / 500 * unit::day)};
    job.work = work_of_power(500 * unit::W);
    model.jobs.push_back(job);
  }
  for (auto _ : state) {
    SiteRun run{model};
    while (const auto next = run.next()) run.step(*next);
    state.counters["events"] = static_cast<double>(run.events());
  }
}
BENCHMARK(a_year_of_a_site)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace jevons
