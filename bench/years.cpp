// The years: the shipped ten-year scenario of six labs, four regions and four segments. One run,
// its rebound with all coalitions of responses, drawn worlds in their arms, and the rates of its
// chips from nothing. CPU time of all threads.
#include <benchmark/benchmark.h>

#include "scenarios/extends.h"
#include "scenarios/years_scenario.h"
#include "studies/years_rates.h"
#include "studies/years_samples.h"

namespace jevons {
namespace {

const YearsScenario& shipped() {
  static const YearsScenario scenario = [] {
    const std::string root = JEVONS_SOURCE_DIR;
    return filled<YearsScenario>(
        load_scenario(root + "/scenarios/efficiency_paradox.json", {},
                      {disk(), catalogues_in({root + "/scenarios/parts"}), kinds()})
            .document);
  }();
  return scenario;
}

const YearsBench& bench() {
  static const YearsBench with_rates{&shipped(), years_rates(shipped().world)};
  return with_rates;
}

// Rates are kept for the life of the program: this can be measured once.
void cold_rates(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(years_rates(shipped().world));
}

void one_run(benchmark::State& state) {
  const YearsSetup setup = bench().medians();
  for (auto _ : state) benchmark::DoNotOptimize(simulate_years(setup, {.keep_ticks = false}).total);
}

void rebound_of_64_coalitions(benchmark::State& state) {
  const YearsSetup setup = bench().medians();
  for (auto _ : state) benchmark::DoNotOptimize(rebound(setup, true).contributions);
}

// Arms A, B, the one between and C of each.
void drawn_worlds(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(sampled_worlds(bench(), count, [](double) {}).data());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(cold_rates)->Iterations(1)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(one_run)->Unit(benchmark::kMillisecond);
BENCHMARK(rebound_of_64_coalitions)->Unit(benchmark::kMillisecond);
BENCHMARK(drawn_worlds)->Arg(200)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace jevons
