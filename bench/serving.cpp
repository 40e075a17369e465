// Requests per second of the serving model: a million requests with Azure-like lengths on fleets of
// 1, 8 and 64 replicas, prefill and decode together and apart. Whole runs, one core, summary only.
#include "models/jobs/inference/serving.h"

#include <benchmark/benchmark.h>

#include "models/jobs/request_sources.h"
#include "tests/support/fleets.h"

namespace jevons {
namespace {

// Medians and spreads of the Azure 2023 conversation hour (19,366 requests: mean prompt 1,155 and
// output 211 tokens).
Generator azure_like(std::int64_t requests, int replicas) {
  Generator g;
  g.lengths = LognormalLengths{.prompt_median = 800,
                               .prompt_sigma = 0.85,
                               .output_median = 150,
                               .output_sigma = 0.8,
                               .longest = 14'000};
  g.arrivals = PoissonArrivals{8.0 * replicas};
  g.requests = requests;
  return g;
}

void serve(benchmark::State& state, bool is_split, Stepping stepping, std::int64_t requests) {
  const auto replicas = static_cast<int>(state.range(0));
  double events = 0;
  for (auto _ : state) {
    PoolConfig pool = test::a_pool(test::a_dense_model(), replicas);
    ServingConfig config = test::a_config(pool);
    config.stepping = stepping;
    if (is_split) {
      config.pools.front().role = Role::prefill;
      config.pools.front().replicas = (replicas + 1) / 2;
      pool.role = Role::decode;
      pool.replicas = std::max(1, replicas / 2);
      config.pools.push_back(pool);
    }
    GeneratedRequests source{azure_like(requests, replicas), 1};
    const ServingResult result = simulate(config, source);
    events += static_cast<double>(result.events);
    benchmark::DoNotOptimize(result.whole.completed);
  }
  const auto total = static_cast<double>(state.iterations() * requests);
  state.counters["requests/s"] = benchmark::Counter(total, benchmark::Counter::kIsRate);
  state.counters["events/request"] = events / total;
}

void together(benchmark::State& s) {
  serve(s, false, Stepping::macro, 1'000'000);
}
void apart(benchmark::State& s) {
  serve(s, true, Stepping::macro, 1'000'000);
}
void reference(benchmark::State& s) {
  serve(s, false, Stepping::iteration, 20'000);
}

// One decode iteration of a batch seen before: all its parts looked up and summed.
void iteration(benchmark::State& state) {
  const PoolConfig pool = test::a_pool(test::an_mla_moe_model());
  IterationCosts costs{pool.model, pool.hardware, pool.engine};
  std::int64_t grains = 0;
  for (auto _ : state) {
    grains = (grains + 7919) % 1'000'000;
    Cost sum = costs.host(64);
    sum += costs.dense(64);
    sum += costs.expert(64);
    sum += costs.head(64);
    sum += costs.decode_attention(64, 1'000'000 + grains).at(1'000'000 + grains);
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(iteration);

BENCHMARK(together)->Arg(1)->Arg(8)->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK(apart)->Arg(2)->Arg(8)->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK(reference)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace jevons
