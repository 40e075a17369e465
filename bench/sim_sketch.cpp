// Cost of a value in the quantile sketch, of a progression of values, and of a quantile.
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "sim/distributions.h"
#include "sim/sketch.h"

namespace {

using jevons::QuantileSketch;

constexpr std::size_t value_count = 1 << 16;

// Latencies around 1e6 with a spread of ten octaves, drawn beforehand.
template <class Value>
std::vector<Value> latencies() {
  jevons::Rng rng{1, "latencies"};
  const jevons::Lognormal latency{.median = 1e6, .sigma = 1.5};
  std::vector<Value> values(value_count);
  for (Value& v : values) v = static_cast<Value>(latency.sample(rng));
  return values;
}

template <class Value>
void insert(benchmark::State& state) {
  const std::vector<Value> values = latencies<Value>();
  QuantileSketch<Value> sketch;
  std::size_t at = 0;
  for (auto _ : state) sketch.insert(values[at++ % value_count]);
  benchmark::DoNotOptimize(sketch);
  state.SetItemsProcessed(state.iterations());
}

// Inter-token latencies of one span: 10 ms rising by 50 ns a token.
void insert_progression(benchmark::State& state) {
  const auto tokens = static_cast<std::uint64_t>(state.range(0));
  QuantileSketch<std::int64_t> sketch;
  for (auto _ : state) sketch.insert_progression(10'000'000, 50, tokens, 64);
  benchmark::DoNotOptimize(sketch);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void quantile(benchmark::State& state) {
  QuantileSketch<std::int64_t> sketch;
  for (const std::int64_t v : latencies<std::int64_t>()) sketch.insert(v);
  for (auto _ : state) benchmark::DoNotOptimize(sketch.quantile(0.99));
}

BENCHMARK(insert<std::int64_t>);
BENCHMARK(insert<double>);
BENCHMARK(insert_progression)->Arg(1)->Arg(30)->Arg(3000);
BENCHMARK(quantile);

}  // namespace
