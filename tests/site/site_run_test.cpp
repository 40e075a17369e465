#include "models/site/site_run.h"

#include <doctest/doctest.h>

#include "sim/archive.h"
#include "sim/rng.h"

namespace jevons {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

FacilityModel a_facility(int nodes, double carbon = 400) {
  FacilityModel model;
  model.pools = {{.nodes = nodes,
                  .gpu_idle = 77 * unit::W,
                  .gpu_limit = 700 * unit::W,
                  .asleep = 150 * unit::W}};
  model.network = 5 * unit::kW;
  model.grid.carbon_g_per_kwh = Hourly{std::vector<double>{carbon, carbon / 2, carbon}};
  model.grid.marginal_g_per_kwh = Hourly{carbon};
  model.grid.price_usd_per_kwh = Hourly{0.07};
  model.weather.dry_bulb_c = Hourly{20.0};
  model.weather.wet_bulb_c = Hourly{14.0};
  return model;
}

SiteModel a_site(int nodes) {
  SiteModel model;
  model.site_names = {"here"};
  model.sites = {a_facility(nodes)};
  ClusterModel cluster;
  cluster.name = "c";
  cluster.nodes = nodes;
  cluster.scheduler.nodes = {NodeGroup{.nodes = nodes}};
  model.clusters = {cluster};
  return model;
}

SiteJob a_job(Span submit, Span run, std::int32_t gpus) {
  SiteJob job;
  job.gang.submit = Instant{submit};
  job.gang.run = job.gang.requested = run;
  job.gang.gpus = gpus;
  job.gang.is_preemptible = true;
  job.work = work_of_power(500 * unit::W);
  return job;
}

SiteOutcome play(const SiteModel& model) {
  SiteRun run{model};
  while (const auto next = run.next()) run.step(*next);
  return run.outcome();
}

void add_random_jobs(SiteModel& model, int count, std::uint64_t seed) {
  Rng rng{seed, "site test"};
  Span at{};
  for (int i = 0; i < count; ++i) {
    at += minutes{static_cast<std::int64_t>(rng.below(20))};
    SiteJob job = a_job(at, minutes{static_cast<std::int64_t>(5 + rng.below(300))},
                        static_cast<std::int32_t>(1 + rng.below(40)));
    job.gang.overhead = minutes{3};
    job.gang.checkpoint_every = minutes{30};
    job.gang.priority = static_cast<std::int32_t>(rng.below(3));
    job.work = work_of_power(static_cast<double>(300 + 100 * rng.below(4)) * unit::W);
    job.communication = 0.3;
    model.jobs.push_back(job);
  }
}

ServiceModel a_service() {
  ServiceModel service;
  service.name = "chat";
  service.most = 6;
  service.load = {1, 5, 12, 30, 8};
  service.step = minutes{30};
  service.capacity = 5;
  service.full = work_of_power(600 * unit::W);
  service.idle = work_of_power(100 * unit::W);
  return service;
}

TEST_CASE("a job alone takes its time and pays for its power") {
  SiteModel model = a_site(2);
  model.jobs = {a_job({}, hours{1}, 8)};
  const SiteOutcome r = play(model);
  CHECK(r.jobs[0].end == Instant{hours{1}});
  CHECK(r.jobs[0].bill.gpu.in(unit::kWh) == doctest::Approx(8 * 0.5));
  CHECK(r.jobs[0].bill.energy() > r.jobs[0].bill.gpu);
}

TEST_CASE("bills of jobs and services and idle machines sum to what the site took") {
  SiteModel model = a_site(8);
  add_random_jobs(model, 120, 1);
  model.services = {a_service()};
  model.clusters[0].scheduler.policy = PriorityFirst{};
  model.sites[0]->sleep_after = minutes{10};
  model.stop_at = Instant{hours{40}};
  const SiteOutcome r = play(model);
  Bill sum = r.books[0].idle;
  for (const JobOutcome& job : r.jobs) sum += job.bill;
  for (const ServiceOutcome& service : r.services) sum += service.bill;
  const Bill& total = r.books[0].total;
  CHECK(sum.energy().in(unit::kWh) == doctest::Approx(total.energy().in(unit::kWh)).epsilon(1e-9));
  CHECK(sum.carbon.base() == doctest::Approx(total.carbon.base()).epsilon(1e-9));
  CHECK(sum.cost.base() == doctest::Approx(total.cost.base()).epsilon(1e-9));
  Energy parts;
  for (const Energy e : r.books[0].by) parts += e;
  CHECK(parts.in(unit::kWh) == doctest::Approx(r.books[0].grid.in(unit::kWh)).epsilon(1e-12));
  Energy sampled;
  Instant before{};
  for (const SiteSample& s : r.samples) {
    sampled += s.grid * to_time(s.at - before);
    before = s.at;
  }
  CHECK(sampled.in(unit::kWh) == doctest::Approx(r.books[0].grid.in(unit::kWh)).epsilon(1e-9));
}

TEST_CASE("replicas follow their load and take GPUs from preemptible training") {
  SiteModel model = a_site(4);
  model.jobs = {a_job({}, hours{10}, 32)};
  model.services = {a_service()};
  model.services[0].least = 0;
  model.services[0].load = {0, 0, 9, 0};
  model.services[0].step = hours{1};
  model.stop_at = Instant{hours{24}};
  const SiteOutcome r = play(model);
  // Three replicas of 8 GPUs at 3 of 5 requests per second each, for an hour in four.
  CHECK(r.services[0].requests == doctest::Approx(6 * 9 * 3600));
  CHECK(r.services[0].unserved == 0);
  CHECK(r.services[0].gpu_ns == Int128{24} * std::chrono::nanoseconds{hours{6}}.count());
  CHECK(r.jobs[0].preemptions == 3);
  CHECK(r.jobs[0].end == Instant{hours{13}});
}

TEST_CASE("a cap on power slows jobs and saves energy where jobs are made to wait it only delays") {
  SiteModel model = a_site(4);
  model.jobs = {a_job({}, hours{2}, 16), a_job({}, hours{2}, 16)};
  const SiteOutcome free = play(model);
  const Power full = free.samples[0].grid;
  model.sites[0]->limit.cap = 0.85 * full;
  const SiteOutcome slow = play(model);
  CHECK(slow.jobs[0].end > free.jobs[0].end);
  CHECK(slow.jobs[0].bill.gpu < free.jobs[0].bill.gpu);
  CHECK(slow.samples[0].grid <= 0.85 * full);
  model.sites[0]->limit.mode = CapMode::queue;
  model.stop_at = Instant{hours{10}};
  const SiteOutcome queued = play(model);
  CHECK(queued.jobs[0].end == Instant{hours{2}});
  CHECK(queued.jobs[1].end == Instant{hours{4}});
}

TEST_CASE("jobs go to the cleaner site while it has room") {
  SiteModel model = a_site(2);
  model.site_names.push_back("there");
  model.sites.push_back(a_facility(2, 50));
  model.clusters.push_back(model.clusters[0]);
  model.clusters[1].site = 1;
  model.jobs = {a_job({}, hours{1}, 16), a_job({}, hours{1}, 16), a_job({}, hours{1}, 8)};
  model.routing = Routing::cleanest;
  const SiteOutcome r = play(model);
  CHECK(r.jobs[0].cluster == 1);
  CHECK(r.jobs[1].cluster == 0);
  CHECK(r.jobs[0].bill.carbon < r.jobs[1].bill.carbon);
}

TEST_CASE("jobs that share links wait for each other and one alone does not") {
  SiteModel model = a_site(8);
  NetworkSpec network;
  network.topology = LeafSpine{.nodes_per_leaf = 2, .spines = 1, .oversubscription = 16};
  model.clusters[0].shared_network = network;
  model.clusters[0].scheduler.placement = Placement::spread;
  SiteJob job = a_job({}, hours{1}, 32);
  job.communication = 0.5;
  model.jobs = {job};
  CHECK(play(model).jobs[0].end == Instant{hours{1}});
  model.jobs = {job, job};
  const SiteOutcome r = play(model);
  CHECK(r.jobs[0].end > Instant{hours{1}});
  CHECK(r.jobs[0].end <= Instant{hours{2}});
}

// What a run is, and what comes of it, as bytes that hold no padding.
std::string told(SiteOutcome r) {
  ByteWriter out;
  for (JobOutcome& j : r.jobs) {
    double kwh = j.bill.energy().base(), grams = j.bill.carbon.base();
    out(j.cluster, j.start, j.end, j.gpu_ns, j.preemptions, kwh, grams);
  }
  for (SiteSample& s : r.samples) out(s.at, s.grid, s.busy_gpus, s.waiting_jobs, s.gpu_limit);
  for (ServiceOutcome& s : r.services) out(s.requests, s.unserved, s.gpu_ns, s.starts, s.late);
  for (RunStretch& s : r.runs) out(s.job, s.first_node, s.from, s.to);
  for (SiteBooks& b : r.books) out(b.grid, b.by, b.total.carbon, b.idle.cost);
  out(r.end, r.events);
  return out.bytes();
}

TEST_CASE("a run that is written down anywhere and read again goes on to the same bytes") {
  const auto check = [](const Policy& policy, Placement placement, std::uint64_t seed) {
    SiteModel model = a_site(8);
    add_random_jobs(model, 150, seed);
    model.services = {a_service()};
    model.clusters[0].scheduler.policy = policy;
    model.clusters[0].scheduler.placement = placement;
    model.clusters[0].scheduler.carbon = Signal{hours{1}, std::vector<double>{3, 1, 2}};
    if (placement != Placement::counted) {
      NetworkSpec network;
      network.topology = LeafSpine{.nodes_per_leaf = 2, .spines = 1, .oversubscription = 16};
      model.clusters[0].shared_network = network;
    }
    model.sites[0]->sleep_after = minutes{10};
    model.sites[0]->limit.cap = 45 * unit::kW;
    model.stop_at = Instant{hours{60}};
    model.records_runs = true;
    const std::string whole = told(play(model));
    Rng rng{seed, "interruptions"};
    auto run = std::make_unique<SiteRun>(model);
    while (const auto next = run->next()) {
      if (rng.below(40) == 0) {
        ByteWriter out;
        out(*run);
        run = std::make_unique<SiteRun>(model);
        ByteReader in{out.bytes()};
        in(*run);
        CHECK(in.is_at_end());
      }
      run->step(*next);
    }
    CHECK(told(run->outcome()) == whole);
  };
  std::uint64_t seed = 0;
  const auto each = [&]<class... P>(std::variant<P...>*) {
    (check(Policy{P{}}, Placement::packed, ++seed), ...);
  };
  each(static_cast<Policy*>(nullptr));
  check(Fcfs{}, Placement::counted, 50);
  check(PriorityFirst{}, Placement::spread, 51);
}

TEST_CASE("a checkpoint that is cut off is refused") {
  SiteModel model = a_site(2);
  add_random_jobs(model, 10, 1);
  SiteRun run{model};
  for (int i = 0; i < 5; ++i) run.step(*run.next());
  ByteWriter out;
  out(run);
  SiteRun other{model};
  ByteReader in{std::string_view{out.bytes()}.substr(0, out.bytes().size() / 2)};
  CHECK_THROWS_AS(in(other), BadArchive);
}

}  // namespace
}  // namespace jevons
