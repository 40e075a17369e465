#include <cmath>

#include <doctest/doctest.h>

#include "models/scheduling/batch_run.h"
#include "models/scheduling/reshuffle.h"

namespace jevons {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

GangJob a_job(std::int64_t submit_s, std::int64_t run_s, std::int32_t gpus) {
  GangJob job;
  job.submit = Instant{seconds{submit_s}};
  job.run = job.requested = seconds{run_s};
  job.gpus = gpus;
  job.is_preemptible = true;
  return job;
}

SchedulerConfig on(std::int32_t gpus, Policy policy) {
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = gpus, .gpus_per_node = 1}};
  config.placement = Placement::counted;
  config.policy = std::move(policy);
  return config;
}

std::vector<std::int64_t> starts(const SchedulerConfig& config, const std::vector<GangJob>& jobs) {
  std::vector<std::int64_t> out;
  for (const GangRecord& r : run_batch(config, jobs).jobs)
    out.push_back(std::chrono::duration_cast<seconds>(r.start.time_since_epoch()).count());
  return out;
}
std::vector<std::int64_t> ends(const SchedulerConfig& config, const std::vector<GangJob>& jobs) {
  std::vector<std::int64_t> out;
  for (const GangRecord& r : run_batch(config, jobs).jobs)
    out.push_back(std::chrono::duration_cast<seconds>(r.end.time_since_epoch()).count());
  return out;
}

template <class P>
P with(Backfill backfill) {
  P policy;
  policy.queue.backfill = backfill;
  return policy;
}

using Times = std::vector<std::int64_t>;

TEST_CASE("backfill lets a short job pass a large one that fcfs makes it wait for") {
  const std::vector<GangJob> jobs{a_job(0, 100, 6), a_job(1, 100, 8), a_job(2, 50, 2),
                                  a_job(3, 200, 2)};
  CHECK(starts(on(8, with<Fcfs>(Backfill::none)), jobs) == Times{0, 100, 200, 200});
  CHECK(starts(on(8, with<Fcfs>(Backfill::easy)), jobs) == Times{0, 100, 2, 200});
}

TEST_CASE("easy backfill uses GPUs that the promised job leaves over") {
  const std::vector<GangJob> jobs{a_job(0, 100, 6), a_job(1, 100, 7), a_job(2, 500, 1)};
  CHECK(starts(on(8, with<Fcfs>(Backfill::easy)), jobs) == Times{0, 100, 2});
  CHECK(starts(on(8, with<Fcfs>(Backfill::before_shadow)), jobs) == Times{0, 100, 100});
}

TEST_CASE("conservative backfill delays nobody where easy delays the second in line") {
  // The fourth fits beside the promise of the second but would delay the third.
  const std::vector<GangJob> jobs{a_job(0, 100, 6), a_job(1, 100, 6), a_job(2, 100, 8),
                                  a_job(3, 250, 2)};
  CHECK(starts(on(8, with<Fcfs>(Backfill::easy)), jobs) == Times{0, 100, 253, 3});
  CHECK(starts(on(8, with<Fcfs>(Backfill::conservative)), jobs) == Times{0, 100, 200, 300});
}

TEST_CASE("queue policies order by what they are named for") {
  const std::vector<GangJob> jobs{a_job(0, 100, 8), a_job(1, 90, 8), a_job(2, 10, 8)};
  CHECK(starts(on(8, with<Fcfs>(Backfill::none)), jobs) == Times{0, 100, 190});
  CHECK(starts(on(8, with<Sjf>(Backfill::none)), jobs) == Times{0, 110, 100});
  std::vector<GangJob> urgent = jobs;
  urgent[2].deadline = Instant{seconds{200}};
  CHECK(starts(on(8, with<EarliestDeadline>(Backfill::none)), urgent) == Times{0, 110, 100});
}

TEST_CASE("scores follow their published definitions") {
  GangJob job = a_job(100, 50, 4);
  const Instant now{seconds{150}};
  CHECK(score(Wfp3{}, job, now) == doctest::Approx(-4.0));
  CHECK(score(Unicep{}, job, now) == doctest::Approx(-50.0 / (2 * 50)));
  CHECK(score(F1{}, job, now) == doctest::Approx(std::log10(50) * 4 + 870 * 2));
  Wfp3 tabled;
  tabled.wait = WaitCounted::to_unset_start;
  CHECK(score(tabled, job, now) == doctest::Approx(std::pow(101.0 / 50, 3) * 4));
}

TEST_CASE("priority preempts the newest of the lowest and only what it needs") {
  std::vector<GangJob> jobs{a_job(0, 100, 4), a_job(1, 100, 4), a_job(10, 20, 4)};
  jobs[2].priority = 1;
  jobs[1].overhead = seconds{5};
  CHECK(ends(on(8, PriorityFirst{}), jobs) == Times{100, 101 + 20 + 5, 30});
  jobs[1].is_preemptible = jobs[0].is_preemptible = false;
  CHECK(ends(on(8, PriorityFirst{}), jobs) == Times{100, 101, 120});
}

TEST_CASE("work since the last checkpoint is done again after a preemption") {
  std::vector<GangJob> jobs{a_job(0, 100, 8), a_job(25, 10, 8)};
  jobs[0].checkpoint_every = seconds{10};
  jobs[1].priority = 1;
  const BatchResult r = run_batch(on(8, PriorityFirst{}), jobs);
  CHECK(r.jobs[0].end == Instant{seconds{25 + 10 + (100 - 20)}});
  CHECK(r.jobs[0].preemptions == 1);
}

TEST_CASE("a serving replica takes the place of preemptible training under any queue policy") {
  std::vector<GangJob> jobs{a_job(0, 100, 4), a_job(0, 100, 4), a_job(10, 20, 4)};
  jobs[2].is_urgent = true;
  jobs[2].is_preemptible = false;
  CHECK(ends(on(8, Fcfs{}), jobs) == Times{100, 120, 30});
}

TEST_CASE("fair share alternates between tenants where fcfs serves the first in full") {
  std::vector<GangJob> jobs;
  for (int i = 0; i < 8; ++i) {
    jobs.push_back(a_job(0, 100, 1));
    jobs.back().tenant = i < 4 ? 0 : 1;
  }
  SchedulerConfig config = on(4, with<FairShare>(Backfill::none));
  config.tenants = {Tenant{}, Tenant{}};
  CHECK(starts(config, jobs) == Times{0, 0, 100, 100, 0, 0, 100, 100});
  config.tenants = {Tenant{.weight = 3}, Tenant{}};
  CHECK(starts(config, jobs) == Times{0, 0, 0, 100, 0, 100, 100, 100});
  config.policy = with<Fcfs>(Backfill::none);
  CHECK(starts(config, jobs) == Times{0, 0, 0, 0, 100, 100, 100, 100});
}

TEST_CASE("dominant shares count the chip of which a tenant holds most") {
  std::vector<GangJob> jobs;
  for (int i = 0; i < 6; ++i) {
    jobs.push_back(a_job(0, 100, 1));
    jobs.back().tenant = i < 3 ? 0 : 1;
    jobs.back().chip = i < 3 ? 0 : 1;
  }
  jobs.push_back(a_job(0, 10, 1));
  jobs.back().tenant = 1;
  jobs.back().chip = 0;
  SchedulerConfig config = on(4, with<FairShare>(Backfill::none));
  config.nodes = {NodeGroup{.nodes = 3, .gpus_per_node = 1, .chip = 0},
                  NodeGroup{.nodes = 12, .gpus_per_node = 1, .chip = 1}};
  config.tenants = {Tenant{}, Tenant{}};
  // Three of twelve are less than one of three: the second tenant's last job comes before the third
  // of the first tenant's.
  CHECK(starts(config, jobs) == Times{0, 0, 10, 0, 0, 0, 0});
}

TEST_CASE("a tenant over its quota waits and blocks nobody") {
  std::vector<GangJob> jobs{a_job(0, 100, 4), a_job(1, 100, 4), a_job(2, 10, 4)};
  jobs[2].tenant = 1;
  SchedulerConfig config = on(16, Fcfs{});
  config.tenants = {Tenant{.quota = 6}, Tenant{}};
  CHECK(starts(config, jobs) == Times{0, 100, 2});
}

TEST_CASE("an elastic job takes what is free and gives it back when others wait") {
  std::vector<GangJob> jobs{a_job(0, 160, 4), a_job(10, 100, 4)};
  jobs[0].min_gpus = 4;
  jobs[0].max_gpus = 8;
  // 20 s of its work are done when the other arrives; 140 s are left on 4 GPUs, 100 s beside it,
  // then 40 s on 8 GPUs take 20 s.
  CHECK(ends(on(8, Fcfs{}), jobs) == Times{10 + 100 + 20, 110});
}

TEST_CASE("nodes are empty when their maintenance begins") {
  SchedulerConfig config = on(2, Fcfs{});
  config.placement = Placement::packed;
  config.maintenance = {Maintenance{0, 0, Instant{seconds{50}}, Instant{seconds{80}}}};
  const std::vector<GangJob> jobs{a_job(0, 60, 1), a_job(0, 60, 1), a_job(0, 40, 1)};
  // Only the short one may use node 0 before.
  CHECK(starts(config, jobs) == Times{0, 60, 0});
}

TEST_CASE("a job that may wait starts in the cleanest hours that keep its deadline") {
  std::vector<double> carbon(24, 500);
  carbon[5] = carbon[6] = 100;
  carbon[20] = 50;
  SchedulerConfig config = on(8, Shifted{});
  config.carbon = Signal{hours{1}, carbon};
  std::vector<GangJob> jobs{a_job(0, 7200, 8), a_job(0, 3600, 8), a_job(0, 7200, 8)};
  jobs[0].deadline = Instant{hours{10}};
  jobs[2].is_preemptible = false;
  CHECK(starts(config, jobs) == Times{5 * 3600, 20 * 3600, 0});
}

TEST_CASE("shortest remaining time preempts and shortest service counts GPUs") {
  std::vector<GangJob> jobs{a_job(0, 100, 8), a_job(10, 40, 8), a_job(10, 60, 4)};
  CHECK(ends(on(8, Srtf{}), jobs) == Times{200, 50, 110});
  CHECK(ends(on(8, Srsf{}), jobs) == Times{200, 110, 70});
}

TEST_CASE("least attained service lets the new pass who has had its first share") {
  LeastAttained policy;
  policy.limits = {seconds{80}};
  std::vector<GangJob> jobs{a_job(0, 100, 8), a_job(5, 10, 8)};
  // The first falls to the second queue after 10 s of 8 GPUs.
  CHECK(ends(on(8, policy), jobs) == Times{110, 20});
}

TEST_CASE("a job moves only if it cannot stay") {
  std::vector<GangJob> jobs{a_job(0, 100, 1), a_job(0, 10, 1), a_job(5, 1, 1), a_job(20, 20, 2)};
  for (GangJob& j : jobs) j.overhead = seconds{3};
  SchedulerConfig config = on(2, Srtf{});
  config.placement = Placement::packed;
  // The third stops the first for a second, the fourth for twenty; each stop costs three.
  CHECK(ends(config, jobs) == Times{100 + 1 + 20 + 6, 10, 6, 40});
}

TEST_CASE("fair fractions equal the only optimum where the cluster is what binds") {
  // Equal jobs share alike; one that has waited long gets more.
  const std::vector<double> even = fair_fractions({{0, 100, 50, 1}, {0, 100, 50, 1}}, 1);
  CHECK(even[0] == doctest::Approx(0.5).epsilon(1e-6));
  CHECK(even[1] == doctest::Approx(0.5).epsilon(1e-6));
  const std::vector<double> late = fair_fractions({{100, 100, 50, 1}, {0, 100, 50, 1}}, 1);
  const double rho = (100 + 100 / late[0]) / 50;
  CHECK(late[0] + late[1] == doctest::Approx(1).epsilon(1e-6));
  CHECK((100 / late[1]) / 50 == doctest::Approx(rho).epsilon(1e-5));
}

TEST_CASE("fair fractions keep the least worst ratio where a job cannot do better") {
  const std::vector<FairJob> jobs{{1000, 10, 10, 1}, {0, 10, 10, 1}, {0, 20, 10, 2}};
  const std::vector<double> x = fair_fractions(jobs, 4);
  CHECK(x[0] == doctest::Approx(1).epsilon(1e-6));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    CHECK(x[i] > 0);
    CHECK(x[i] <= 1);
    CHECK((jobs[i].elapsed + jobs[i].work / x[i]) / jobs[i].alone <= 101 * (1 + 1e-6));
  }
}

TEST_CASE("all policies run all jobs and none before it arrives or on GPUs that are not there") {
  std::vector<GangJob> jobs;
  for (int i = 0; i < 200; ++i) jobs.push_back(a_job(i * 7, 20 + (i * 37) % 90, 1 + (i * 13) % 24));
  const auto check = [&]<class P>(P policy) {
    SchedulerConfig config = on(1, Policy{policy});
    config.nodes = {NodeGroup{.nodes = 4, .gpus_per_node = 8}};
    config.placement = Placement::packed;
    const BatchResult r = run_batch(config, jobs);
    CHECK(r.unfinished.empty());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      CHECK(r.jobs[i].start >= jobs[i].submit);
      CHECK(r.jobs[i].end - r.jobs[i].start >= jobs[i].run);
      CHECK(r.jobs[i].gpu_ns == Int128{jobs[i].gpus} * jobs[i].run.count());
    }
  };
  const auto each = [&]<class... P>(std::variant<P...>*) { (check(P{}), ...); };
  each(static_cast<Policy*>(nullptr));
}

}  // namespace
}  // namespace jevons
