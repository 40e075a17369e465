// A simulated year of a 16,384-GPU training job with failures, stragglers and spares. Target: under
// 50 ms.
#include <benchmark/benchmark.h>

#include "models/jobs/training_job/job_run.h"

namespace jevons {
namespace {

void a_year_with_failures(benchmark::State& state) {
  TrainingJob job;
  job.gpus = 16'384;
  job.parameters = 405e9;
  job.step = 4 * unit::s;
  job.steps = 100'000'000;
  job.spares = SparePool{.nodes = 64};
  job.stragglers = Stragglers{};
  std::uint64_t index = 0;
  double events = 0, failures = 0;
  for (auto _ : state) {
    const JobResult r = run_job(job, {.index = ++index, .stop_after = to_span(1 * unit::year)});
    events += static_cast<double>(r.events);
    failures += static_cast<double>(r.failure_count());
    benchmark::DoNotOptimize(r.times);
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["events"] = events / runs;
  state.counters["failures"] = failures / runs;
}
BENCHMARK(a_year_with_failures)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace jevons
