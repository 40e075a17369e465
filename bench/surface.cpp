// Load surfaces: building one, and asking it, with the profile as it stands and with every
// coefficient off by a little. One core; a small dense model on one GPU of an invented chip.
#include "studies/surface.h"

#include <benchmark/benchmark.h>

#include "tests/support/fleets.h"

namespace jevons {
namespace {

SurfaceInputs inputs(int replicas) {
  SurfaceInputs in;
  in.fleet = test::a_config(test::a_pool(test::a_dense_model(), replicas));
  in.fleet.slo = {.ttft = 500 * unit::ms, .tpot = 20 * unit::ms};
  return in;
}

void build(benchmark::State& state) {
  const SurfaceInputs in = inputs(static_cast<int>(state.range(0)));
  double windows = 0;
  for (auto _ : state) windows = build_surface(in).windows;
  state.counters["windows"] = windows;
}

void ask(benchmark::State& state, const ProfileFactors& factors) {
  const LoadSurface s = build_surface(inputs(1));
  double share = 0;
  for (auto _ : state) {
    share = share > 0.98 ? 0.01 : share + 0.01;
    benchmark::DoNotOptimize(s.at(share * s.capacity_per_s, factors));
  }
}

void as_it_stands(benchmark::State& state) {
  ask(state, {});
}
void all_factors(benchmark::State& state) {
  ProfileFactors f;
  for (std::size_t i = 0; i < factor_count; ++i)
    f[static_cast<Factor>(i)] = 1.02 + 0.01 * static_cast<double>(i);
  ask(state, f);
}
void highest_load(benchmark::State& state) {
  const LoadSurface s = build_surface(inputs(1));
  for (auto _ : state) benchmark::DoNotOptimize(s.max_load(0.99));
}
void key(benchmark::State& state) {
  const SurfaceInputs in = inputs(1);
  for (auto _ : state) benchmark::DoNotOptimize(surface_key(in));
}

BENCHMARK(build)->Arg(1)->Arg(4)->Unit(benchmark::kMillisecond);
BENCHMARK(as_it_stands);
BENCHMARK(all_factors);
BENCHMARK(highest_load);
BENCHMARK(key)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace jevons
