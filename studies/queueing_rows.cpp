#include "studies/queueing_rows.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>

#include "models/jobs/training_job/job_run.h"
#include "models/scheduling/batch_run.h"
#include "sim/distributions.h"
#include "studies/csv_rows.h"

namespace jevons {

namespace {

constexpr int runs = 10;

// What a row asks to be simulated: one mean per seed.
using Simulated = std::function<double(std::uint64_t seed)>;

struct Queue {
  std::string name;  // of its random streams
  int servers = 1;
  double load = 0.5;       // arrivals per service and server
  double first_class = 0;  // share of arrivals with priority
  int counted_class = 0;   // whose waits are asked for; 0: all alike
  int jobs = 200'000;
  std::function<double(Rng&)> service = [](Rng& rng) { return Exponential{1}.sample(rng); };
};

std::vector<GangJob> arrivals(const Queue& queue, std::uint64_t seed) {
  Rng gaps{seed, queue.name + "/gaps"}, lengths{seed, queue.name + "/lengths"};
  Rng classes{seed, queue.name + "/classes"};
  std::vector<GangJob> jobs;
  double t = 0;
  for (int i = 0; i < queue.jobs; ++i) {
    t += Exponential{1 / (queue.load * queue.servers)}.sample(gaps);
    GangJob job;
    job.submit = Instant{to_span(t * unit::s)};
    job.run = job.requested = std::max(to_span(queue.service(lengths) * unit::s), Span{1});
    job.priority = queue.first_class > 0 && classes.uniform() < queue.first_class ? 2 : 1;
    jobs.push_back(job);
  }
  return jobs;
}

// The first tenth warms up.
double mean_wait(const Queue& queue, std::uint64_t seed) {
  const std::vector<GangJob> jobs = arrivals(queue, seed);
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = queue.servers, .gpus_per_node = 1}};
  config.placement = Placement::counted;
  PriorityFirst policy;
  policy.queue.backfill = Backfill::none;
  policy.preempts = false;
  config.policy = policy;
  const BatchResult result = run_batch(config, jobs);
  double sum = 0, count = 0;
  for (std::size_t i = jobs.size() / 10; i < jobs.size(); ++i) {
    const int job_class = 3 - jobs[i].priority;
    if (queue.counted_class != 0 && job_class != queue.counted_class) continue;
    sum += to_time(result.jobs[i].wait()).in(unit::s);
    ++count;
  }
  return sum / count;
}

// The number behind "key=" in text such as "c=8 rho=0.70 mu=1".
std::optional<double> parameter(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key + "=");
  if (at == std::string::npos) return std::nullopt;
  return std::stod(text.substr(at + key.size() + 1));
}

// 30 days in intervals of 1,078 s, a failure every 3 h: whole steps of 1 s.
double wall_with_failures(std::uint64_t seed) {
  TrainingJob job;
  job.gpus = 1024;
  job.parameters = 70e9;
  job.step = 1 * unit::s;
  job.failures =
      FailureModel{.gpu_hours_per_failure = 1e12, .gpu_hours_per_software_failure = 3.0 * 1024};
  job.recovery = {.detection = 0 * unit::s, .diagnosis = 0 * unit::s, .restart = 240 * unit::s};
  job.checkpoint.bytes_per_parameter = 60 * 2e12 / 70e9;
  job.checkpoint.interval = 1078 * unit::s;
  job.steps = std::int64_t{30} * 86'400;
  double sum = 0;
  constexpr int each = 20;
  for (std::uint64_t i = 0; i < each; ++i)
    sum += to_time(run_job(job, {.seed = seed, .index = i}).wall).in(unit::s);
  return sum / each;
}

std::optional<Simulated> simulation(const std::string& model, const std::string& params,
                                    const std::string& metric) {
  if (model.starts_with("Daly checkpoint")) return Simulated{wall_with_failures};
  Queue queue;
  queue.name = model + params;
  queue.load = parameter(params, "rho").value_or(0.5);
  if (model == "M/M/c") {
    queue.servers = static_cast<int>(parameter(params, "c").value_or(1));
    queue.jobs = queue.servers >= 64 ? 500'000 : 200'000;
  } else if (model == "M/D/1") {
    queue.service = [](Rng& /*rng*/) { return 1.0; };
  } else if (model == "M/G/1") {
    const double variation = std::sqrt(parameter(params, "cv2").value_or(1));
    queue.service = [law = Lognormal::from_mean(1, variation)](Rng& rng) {
      return law.sample(rng);
    };
  } else if (model.find("non-preemptive priority") != std::string::npos) {
    const double l1 = parameter(params, "l1").value_or(0), l2 = parameter(params, "l2").value_or(0);
    queue.load = l1 + l2;
    queue.first_class = l1 / (l1 + l2);
    queue.counted_class = metric.find("class1") != std::string::npos ? 1 : 2;
  } else {
    return std::nullopt;
  }
  return Simulated{[queue](std::uint64_t seed) { return mean_wait(queue, seed); }};
}

Comparison compare(const Simulated& simulate, const std::string& name, double exact) {
  double mean = 0, squares = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const double value = simulate(seed);
    mean += value / runs;
    squares += value * value / runs;
  }
  const double error = std::sqrt(std::max(squares - mean * mean, 0.0) / (runs - 1));
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), ", %+.1f standard errors", (mean - exact) / error);
  return {"queueing theory", "", "mean", name + text.data(), mean, exact};
}

}  // namespace

std::vector<Comparison> queueing_rows(const std::string& path) {
  CsvRows rows{path};
  const int model = rows.column("model"), params = rows.column("params");
  const int metric = rows.column("metric"), exact = rows.column("closed_form");
  std::vector<Comparison> out;
  while (rows.next()) {
    const std::string name{rows.text(model)}, p{rows.text(params)}, m{rows.text(metric)};
    if (name == "Daly optimum") continue;
    if (const auto simulate = simulation(name, p, m))
      out.push_back(compare(*simulate, name + " " + p + " " + m, rows.number(exact)));
  }
  return out;
}

}  // namespace jevons
