// Configurations of a training plan that one core goes through in a second.
#include "models/jobs/training/plan.h"

#include <benchmark/benchmark.h>

#include "tests/models/training_setups.h"

namespace jevons {

namespace {

void plan(benchmark::State& state, const ModelCard& model, bool prunes = true) {
  PlanQuestion q;
  q.prunes = prunes;
  q.setup = small_setup(model);
  q.setup.global_batch = 2048;
  q.gpus = static_cast<int>(state.range(0));
  double configurations = 0;
  for (auto _ : state) {
    const PlanAnswer answer = plan_training(q);
    configurations += static_cast<double>(answer.configurations);
    benchmark::DoNotOptimize(answer.best.data());
  }
  state.counters["configurations/s"] =
      benchmark::Counter(configurations, benchmark::Counter::kIsRate);
}

void plan_dense(benchmark::State& state) {
  plan(state, small_model());
}
void plan_experts(benchmark::State& state) {
  plan(state, small_moe());
}

// Every configuration that fits is evaluated in full.
void plan_experts_unpruned(benchmark::State& state) {
  plan(state, small_moe(), false);
}

BENCHMARK(plan_dense)->Arg(64)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK(plan_experts)->Arg(64)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK(plan_experts_unpruned)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace jevons
