#include "studies/years_samples.h"

#include <mutex>

#include "sim/ensure.h"
#include "studies/parallel.h"
#include "studies/sampling.h"

namespace jevons {
namespace {

void take(SampledWorld& into, YearsArm arm, const YearsResult& result) {
  const auto at = static_cast<std::size_t>(arm);
  for (std::size_t b = 0; b < burden_count; ++b)
    into.total[at][b] = amount(result.total, static_cast<Burden>(b));
  for (const EnergyTotals& year : result.years) into.twh[at].push_back(year.total_twh());
}

SampledWorld sampled_world(const YearsBench& bench, std::span<const double> u) {
  const YearsSetup setup = bench.drawn_at(u);
  SampledWorld world;
  if (!bench.has_arms()) {
    take(world, YearsArm::c, simulate_years(setup, {.keep_ticks = false}));
    return world;
  }
  const Rebound r = rebound(setup, false, false);
  take(world, YearsArm::a, r.a);
  take(world, YearsArm::b, r.b);
  take(world, YearsArm::spread, r.spread);
  take(world, YearsArm::c, r.c);
  return world;
}

}  // namespace

std::vector<std::vector<double>> draws(const YearsScenario& scenario, std::size_t count) {
  std::vector<std::vector<double>> columns;
  for (const auto& [name, input] : scenario.uncertain)
    columns.push_back(latin_column(name, count, scenario.seed));
  return columns;
}

void for_each_draw(const std::vector<std::vector<double>>& columns, std::size_t count,
                   const std::function<void(std::size_t, std::span<const double>)>& job) {
  in_parallel(count, [&](std::size_t i) {
    std::vector<double> u(columns.size());
    for (std::size_t k = 0; k < u.size(); ++k) u[k] = columns[k][i];
    job(i, u);
  });
}

std::vector<SampledWorld> sampled_worlds(const YearsBench& bench, std::size_t count,
                                         const std::function<void(double)>& progress) {
  std::vector<SampledWorld> worlds(count);
  std::mutex told;
  std::size_t done = 0;
  for_each_draw(draws(*bench.scenario, count), count,
                [&](std::size_t i, std::span<const double> u) {
                  worlds[i] = sampled_world(bench, u);
                  const std::scoped_lock lock{told};
                  if (++done % 64 == 0)
                    progress(static_cast<double>(done) / static_cast<double>(count));
                });
  return worlds;
}

std::vector<std::vector<SobolIndex>> sobol_indices(
    const std::vector<std::string>& inputs, std::size_t base, std::uint64_t seed,
    const std::function<std::vector<double>(std::span<const double>)>& f) {
  ensure(base > 1 && !inputs.empty(), "a variance needs two draws of something");
  std::vector<std::vector<double>> a, b;
  for (const std::string& name : inputs) {
    a.push_back(latin_column(name, base, seed));
    b.push_back(latin_column(name + "/other", base, seed));
  }
  const std::size_t k = inputs.size();
  // Blocks: A, B, and A with the column of each input from B.
  std::vector<std::vector<double>> results((k + 2) * base);
  in_parallel(results.size(), [&](std::size_t i) {
    const std::size_t block = i / base;
    const std::size_t row = i % base;
    std::vector<double> u(k);
    for (std::size_t j = 0; j < k; ++j) u[j] = block == 1 || block == j + 2 ? b[j][row] : a[j][row];
    results[i] = f(u);
  });
  const std::size_t figures = results.front().size();
  std::vector<std::vector<SobolIndex>> indices(figures, std::vector<SobolIndex>(k));
  const auto n = static_cast<double>(base);
  for (std::size_t r = 0; r < figures; ++r) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < 2 * base; ++i) sum += results[i][r];
    const double mean = sum / (2 * n);
    for (std::size_t i = 0; i < 2 * base; ++i)
      squares += (results[i][r] - mean) * (results[i][r] - mean);
    const double variance = squares / (2 * n);
    for (std::size_t j = 0; j < k && variance > 0; ++j) {
      double first = 0;
      double total = 0;
      for (std::size_t i = 0; i < base; ++i) {
        const double ya = results[i][r];
        const double yb = results[base + i][r];
        const double mixed = results[(j + 2) * base + i][r];
        first += (yb - mean) * (mixed - ya);
        total += (ya - mixed) * (ya - mixed);
      }
      indices[r][j] = {first / n / variance, total / (2 * n) / variance};
    }
  }
  return indices;
}

}  // namespace jevons
