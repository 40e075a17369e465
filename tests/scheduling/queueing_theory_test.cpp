// A GPU a job and Poisson arrivals: the scheduler against closed forms of queueing theory.
#include <array>
#include <cmath>
#include <functional>

#include <doctest/doctest.h>

#include "models/scheduling/batch_run.h"
#include "sim/distributions.h"

namespace jevons {
namespace {

// Mean wait in the time of a mean service, of one seed; the first tenth warms up.
double mean_wait(int servers, double load, int count, std::uint64_t seed,
                 const std::function<double(Rng&)>& service) {
  Rng gaps{seed, "gaps"}, lengths{seed, "lengths"};
  std::vector<GangJob> jobs;
  double t = 0;
  for (int i = 0; i < count; ++i) {
    t += Exponential{1 / (load * servers)}.sample(gaps);
    GangJob job;
    job.submit = Instant{to_span(t * unit::s)};
    job.run = job.requested = std::max(to_span(service(lengths) * unit::s), Span{1});
    jobs.push_back(job);
  }
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = servers, .gpus_per_node = 1}};
  config.placement = Placement::counted;
  Fcfs policy;
  policy.queue.backfill = Backfill::none;
  config.policy = policy;
  const BatchResult r = run_batch(config, jobs);
  double sum = 0;
  const auto from = static_cast<std::size_t>(count / 10);
  for (std::size_t i = from; i < jobs.size(); ++i) sum += to_time(r.jobs[i].wait()).in(unit::s);
  return sum / static_cast<double>(jobs.size() - from);
}

// Erlang C over the rate at which the queue empties.
double mmc_wait(int c, double load) {
  double inverse = 1;  // Erlang B by recursion
  for (int k = 1; k <= c; ++k) inverse = 1 + inverse * k / (load * c);
  const double b = 1 / inverse;
  const double waits = b / (1 - load * (1 - b));
  return waits / (c * (1 - load));
}

// 3.25 standard errors of ten runs: 99 % of Student's t with 9 degrees of freedom.
void check_within(double exact, const std::function<double(std::uint64_t)>& run) {
  constexpr int runs = 10;
  double mean = 0, square = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const double w = run(seed);
    mean += w / runs;
    square += w * w / runs;
  }
  const double error = std::sqrt((square - mean * mean) / (runs - 1));
  CHECK(std::abs(mean - exact) <= 3.25 * error);
  CHECK(error < 0.2 * exact);
}

TEST_CASE("waits of M/M/c are those of Erlang up to 1024 servers") {
  const auto service = [](Rng& rng) { return Exponential{1}.sample(rng); };
  CHECK(mmc_wait(8, 0.7) == doctest::Approx(0.112751).epsilon(1e-4));
  CHECK(mmc_wait(1024, 0.98) == doctest::Approx(0.019889).epsilon(1e-4));
  const std::array cases{std::tuple{1, 0.5, 20'000}, std::tuple{8, 0.7, 20'000},
                         std::tuple{64, 0.9, 40'000}, std::tuple{1024, 0.98, 300'000}};
  for (const auto& [c, load, count] : cases)
    check_within(mmc_wait(c, load), [&, c = c, load = load, n = count](std::uint64_t seed) {
      return mean_wait(c, load, n, seed, service);
    });
}

TEST_CASE("waits of M/D/1 and M/G/1 are those of Pollaczek and Khinchine") {
  check_within(0.9 / (2 * 0.1), [](std::uint64_t seed) {
    return mean_wait(1, 0.9, 100'000, seed, [](Rng&) { return 1.0; });
  });
  const Lognormal service = Lognormal::from_mean(1, 2);
  check_within(0.7 * 5 / (2 * 0.3), [&](std::uint64_t seed) {
    return mean_wait(1, 0.7, 200'000, seed, [&](Rng& rng) { return service.sample(rng); });
  });
}

TEST_CASE("two classes of priority wait as Cobham says when nobody is preempted") {
  // 0.3 and 0.5 arrivals per service: W1 = W0 / (1 - 0.3), W2 = W1 / (1 - 0.8), W0 = 0.8.
  const auto waits = [](std::uint64_t seed) {
    Rng gaps{seed, "gaps"}, lengths{seed, "lengths"}, classes{seed, "classes"};
    std::vector<GangJob> jobs;
    double t = 0;
    for (int i = 0; i < 100'000; ++i) {
      t += Exponential{1 / 0.8}.sample(gaps);
      GangJob job;
      job.submit = Instant{to_span(t * unit::s)};
      job.run = job.requested = to_span(Exponential{1}.sample(lengths) * unit::s);
      job.priority = classes.uniform() < 0.375 ? 1 : 0;
      jobs.push_back(job);
    }
    SchedulerConfig config;
    config.nodes = {NodeGroup{.nodes = 1, .gpus_per_node = 1}};
    config.policy = PriorityFirst{};
    const BatchResult r = run_batch(config, jobs);
    std::array<double, 2> sum{}, count{};
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const auto k = static_cast<std::size_t>(jobs[i].priority);
      sum[k] += to_time(r.jobs[i].wait()).in(unit::s);
      ++count[k];
    }
    return std::array{sum[0] / count[0], sum[1] / count[1]};
  };
  check_within(0.8 / 0.7, [&](std::uint64_t seed) { return waits(seed)[1]; });
  check_within(0.8 / 0.7 / 0.2, [&](std::uint64_t seed) { return waits(seed)[0]; });
}

}  // namespace
}  // namespace jevons
