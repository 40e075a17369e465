// A year of a site of 100,000 GPUs with hourly grid and weather, and the sharing of its network.
#include "models/facility/facility.h"

#include <algorithm>
#include <deque>
#include <numeric>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/hardware/cluster/fabric_sharing.h"
#include "sim/event_queue.h"
#include "sim/rng.h"

namespace jevons {
namespace {

constexpr int nodes = 12'500;
constexpr int jobs_per_day = 500;

Hourly a_year(Rng& rng, double least, double most) {
  std::vector<double> values;
  for (int h = 0; h < hours_per_year; ++h) values.push_back(least + (most - least) * rng.uniform());
  return Hourly{std::move(values)};
}

FacilityModel big_site(Rng& rng, bool is_capped) {
  FacilityModel m;
  m.pools = {{.nodes = nodes, .gpu_idle = 77 * unit::W, .gpu_limit = 700 * unit::W}};
  m.network = 2 * unit::MW;
  m.grid.carbon_g_per_kwh = a_year(rng, 100, 600);
  m.grid.marginal_g_per_kwh = a_year(rng, 400, 600);
  m.grid.price_usd_per_kwh = a_year(rng, 0.02, 0.2);
  m.weather.dry_bulb_c = a_year(rng, -5, 35);
  m.weather.wet_bulb_c = a_year(rng, -5, 25);
  if (is_capped) m.limit.cap = 60 * unit::MW;
  return m;
}

ClockedWork some_work(Rng& rng) {
  return {.seconds = 1,
          .clock_seconds = 0.3 + 0.3 * rng.uniform(),
          .static_watts = 150,
          .arithmetic_joules = 150 + 250 * rng.uniform(),
          .other_joules = 100};
}

// 500 jobs a day, each of its own kind of work, on about nine tenths of the GPUs.
void site_year(benchmark::State& state) {
  const bool is_capped = state.range(0) != 0;
  std::int64_t changes = 0;
  for (auto _ : state) {
    Rng rng{1, "bench"};
    Facility site{big_site(rng, is_capped), Instant{}};
    struct Running {
      DrawId id;
      std::int64_t gpus;
    };
    EventQueue<int> queue;  // -1: a job arrives; -2: an hour; else: a job ends
    std::vector<Running> running;
    std::int64_t busy = 0;
    const Span between = Span{std::chrono::hours{24}} / jobs_per_day;
    queue.at(Instant{}, 0, -1);
    queue.at(site.next_change(), 0, -2);
    const Instant end{std::chrono::hours{hours_per_year}};
    while (queue.next_time() && *queue.next_time() < end) {
      const auto [now, event] = [&] {
        auto s = queue.pop();
        return std::pair{s.when, s.event};
      }();
      ++changes;
      if (event == -2) {
        site.advance(now);
        queue.at(site.next_change(), 0, -2);
      } else if (event == -1) {
        queue.at(now + between, 0, -1);
        const auto gpus = std::int64_t{8} << rng.below(8);
        if (busy + gpus > 8 * nodes) continue;
        busy += gpus;
        running.push_back({site.start(now, {0, gpus, some_work(rng)}), gpus});
        queue.at(now + std::chrono::hours{1 + rng.below(40)}, 0,
                 static_cast<int>(running.size()) - 1);
      } else {
        const Running& r = running[static_cast<std::size_t>(event)];
        benchmark::DoNotOptimize(site.stop(now, r.id));
        busy -= r.gpus;
      }
    }
    benchmark::DoNotOptimize(site.total(end));
  }
  state.counters["changes"] =
      benchmark::Counter(static_cast<double>(changes), benchmark::Counter::kAvgIterations);
}
BENCHMARK(site_year)->Arg(0)->Arg(1)->ArgName("capped")->Unit(benchmark::kMillisecond);

// Jobs of 32 nodes scattered over racks that are four times oversubscribed: one comes, one goes.
void max_min(benchmark::State& state) {
  NetworkSpec network;
  network.topology = LeafSpine{.nodes_per_leaf = 4, .spines = 8, .oversubscription = 4};
  const int jobs = static_cast<int>(state.range(0));
  constexpr int size = 32;
  ClusterGraph graph{network, jobs * size, 8};
  Rng rng{1, "bench"};
  std::vector<std::vector<LinkUse>> uses;
  for (int j = 0; j < jobs; ++j) {  // within a stretch that four jobs share
    std::vector<int> held;
    for (int i = 0; i < size; ++i) held.push_back(j / 4 * 4 * size + 4 * i + j % 4);
    uses.push_back(link_use(graph, held, FlowPattern::ring, network.nic));
  }
  FabricSharing sharing{graph.links()};
  std::vector<FlowId> ids;
  for (const auto& use : uses) ids.push_back(sharing.add(use));
  for (auto _ : state) {
    const auto j = static_cast<std::size_t>(rng.below(static_cast<std::uint64_t>(jobs)));
    sharing.remove(ids[j]);
    ids[j] = sharing.add(uses[j]);
  }
  state.counters["rate"] = sharing.rate(ids[0]);
}
BENCHMARK(max_min)->Arg(8)->Arg(64)->Arg(512)->Unit(benchmark::kMicrosecond);

void routes(benchmark::State& state) {
  NetworkSpec network;
  network.topology = RailFatTree{};
  for (auto _ : state) {
    ClusterGraph graph{network, nodes, 8};
    std::vector<int> held(static_cast<std::size_t>(state.range(0)));
    std::iota(held.begin(), held.end(), 0);
    benchmark::DoNotOptimize(link_use(graph, held, FlowPattern::ring, network.nic));
  }
}
BENCHMARK(routes)->Arg(64)->Arg(12'500)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace jevons
