#include "models/hardware/cluster/fabric_sharing.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <doctest/doctest.h>

#include "sim/rng.h"

namespace jevons {

namespace {

std::vector<int> range(int first, int count) {
  std::vector<int> nodes(static_cast<std::size_t>(count));
  std::iota(nodes.begin(), nodes.end(), first);
  return nodes;
}

std::vector<int> every(int first, int step, int count) {
  std::vector<int> nodes;
  for (int i = 0; i < count; ++i) nodes.push_back(first + i * step);
  return nodes;
}

}  // namespace

TEST_CASE("a job that shares no overloaded link communicates exactly as fast as alone") {
  NetworkSpec network;
  network.topology = RailFatTree{.nodes_per_group = 8, .oversubscription = 2};
  ClusterGraph graph{network, 64, 8};
  FabricSharing sharing{graph.links()};
  std::vector<FlowId> jobs;
  for (int j = 0; j < 8; ++j)
    jobs.push_back(sharing.add(link_use(graph, range(8 * j, 8), FlowPattern::all_to_all,
                                        network.efficiency * network.nic)));
  const Time step = 3.7 * unit::s;
  for (const FlowId job : jobs) {
    CHECK(sharing.rate(job) == 1);
    CHECK(slowed_step(step, 1.1 * unit::s, 0.3 * unit::s, Time{}, sharing.rate(job)) == step);
  }
  CHECK(sharing.computations() == 0);
}

TEST_CASE("alone a job is never slowed even where its network is oversubscribed") {
  NetworkSpec network;
  network.topology = LeafSpine{.nodes_per_leaf = 2, .spines = 2, .oversubscription = 8};
  ClusterGraph graph{network, 32, 8};
  FabricSharing sharing{graph.links()};
  for (const FlowPattern pattern : {FlowPattern::ring, FlowPattern::all_to_all}) {
    const auto use = link_use(graph, range(0, 32), pattern, network.nic);
    for (const LinkUse& u : use) CHECK(u.use <= 1);
    const FlowId job = sharing.add(use);
    CHECK(sharing.rate(job) == 1);
    sharing.remove(job);
  }
}

TEST_CASE("two alike jobs across the same leaves get half each and all of it again afterwards") {
  NetworkSpec network;
  network.topology = LeafSpine{.nodes_per_leaf = 2, .spines = 4, .oversubscription = 2};
  ClusterGraph graph{network, 8, 8};
  FabricSharing sharing{graph.links()};
  // Each has one node on every leaf; up-links carry one node's worth.
  const FlowId a = sharing.add(link_use(graph, every(0, 2, 4), FlowPattern::ring, network.nic));
  const FlowId b = sharing.add(link_use(graph, every(1, 2, 4), FlowPattern::ring, network.nic));
  CHECK(sharing.rate(a) == doctest::Approx(0.5));
  CHECK(sharing.rate(b) == doctest::Approx(0.5));
  CHECK(sharing.changed().size() == 2);
  sharing.remove(a);
  CHECK(sharing.rate(b) == 1);
  CHECK(sharing.changed().size() == 1);
}

TEST_CASE("what a job cannot use because of another link goes to the others") {
  FabricSharing sharing{2};
  const std::vector<LinkUse> both{{0, 1}, {1, 1}}, first{{0, 1}}, second{{1, 0.5}};
  const FlowId wide = sharing.add(both);
  const FlowId a = sharing.add(first);
  const FlowId b = sharing.add(first);
  const FlowId c = sharing.add(second);
  CHECK(sharing.rate(wide) == doctest::Approx(1.0 / 3));
  CHECK(sharing.rate(a) == doctest::Approx(1.0 / 3));
  CHECK(sharing.rate(b) == doctest::Approx(1.0 / 3));
  CHECK(sharing.rate(c) == 1);
}

// No link carries too much, and whoever is held back has a full link on which none is better off.
TEST_CASE("random jobs are max-min fair after every change") {
  Rng rng{1, "max-min"};
  constexpr int links = 12;
  FabricSharing sharing{links};
  std::vector<std::pair<FlowId, std::vector<LinkUse>>> jobs;
  for (int change = 0; change < 2000; ++change) {
    if (jobs.size() > 15 || (rng.below(2) == 0 && !jobs.empty())) {
      const auto which = static_cast<std::ptrdiff_t>(rng.below(jobs.size()));
      sharing.remove((jobs.begin() + which)->first);
      jobs.erase(jobs.begin() + which);
    } else {
      std::vector<LinkUse> use;
      for (int l = 0; l < links; ++l)
        if (rng.below(4) == 0) use.push_back({l, 0.05 + 0.95 * rng.uniform()});
      jobs.emplace_back(sharing.add(use), use);
    }
    std::vector<double> carried(links), best(links);
    for (const auto& [id, use] : jobs)
      for (const LinkUse& u : use) {
        carried[static_cast<std::size_t>(u.link)] += u.use * sharing.rate(id);
        double& most = best[static_cast<std::size_t>(u.link)];
        most = std::max(most, sharing.rate(id));
      }
    for (const double c : carried) CHECK(c <= 1 + 1e-6);
    for (const auto& [id, use] : jobs) {
      const double rate = sharing.rate(id);
      if (rate == 1) continue;
      CHECK(std::any_of(use.begin(), use.end(), [&](const LinkUse& u) {
        const auto l = static_cast<std::size_t>(u.link);
        return carried[l] > 1 - 1e-6 && rate >= best[l] - 1e-6;
      }));
    }
  }
}

TEST_CASE("hidden communication slows a step only beyond its slack") {
  const auto s = unit::s;
  CHECK(slowed_step(10 * s, 1 * s, 4 * s, 5 * s, 0.5).in(s) == doctest::Approx(11));
  CHECK(slowed_step(10 * s, 1 * s, 4 * s, 1 * s, 0.5).in(s) == doctest::Approx(14));
}

}  // namespace jevons
