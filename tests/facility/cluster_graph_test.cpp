#include "models/hardware/cluster/cluster_graph.h"

#include <numeric>
#include <set>

#include <doctest/doctest.h>

#include "models/jobs/training/collectives.h"

namespace jevons {

namespace {

constexpr auto GBps = unit::GB / unit::s;

NetworkSpec with(Topology topology) {
  NetworkSpec network;
  network.topology = std::move(topology);
  return network;
}

// What leaves the sender arrives at the receiver, and no vertex keeps any.
void check_conserved(ClusterGraph& graph, int from, int to, int rail) {
  double out = 0, in = 0;
  for (const LinkShare& s : graph.route(from, to, rail)) {
    CHECK(s.share > 0);
    CHECK(s.share <= 1 + 1e-12);
    const Attachment a = graph.attachment(from, rail), b = graph.attachment(to, rail);
    if (s.link == a.up) out += s.share;
    if (s.link == b.down) in += s.share;
  }
  if (from != to && graph.attachment(from, rail).up >= 0) {
    CHECK(out == doctest::Approx(1));
    CHECK(in == doctest::Approx(1));
  }
}

double length(ClusterGraph& graph, int from, int to, int rail) {
  double sum = 0;
  for (const LinkShare& s : graph.route(from, to, rail)) sum += s.share;
  return sum;
}

}  // namespace

TEST_CASE("a rail-optimised tree keeps a rail of a group on one leaf") {
  ClusterGraph graph{with(RailFatTree{.nodes_per_group = 4}), 16, 8};
  CHECK(graph.rails() == 8);
  CHECK(graph.switches() == 4 * 8 + 4);
  CHECK(graph.hops(0, 3, 5) == 2);
  CHECK(graph.hops(0, 4, 5) == 4);
  CHECK(graph.attachment(0, 2).router == graph.attachment(3, 2).router);
  CHECK(graph.attachment(0, 2).router != graph.attachment(0, 3).router);
  CHECK(graph.rack_of(3) == 0);
  CHECK(graph.rack_of(4) == 1);
  check_conserved(graph, 0, 13, 7);
}

TEST_CASE("every route is a shortest path whatever the topology") {
  const std::vector<Topology> all{
      RailFatTree{.nodes_per_group = 4, .groups_per_pod = 2},
      LeafSpine{.nodes_per_leaf = 4, .spines = 3},
      Torus{.sizes = {4, 3, 2}},
      Dragonfly{.nodes_per_router = 2, .routers_per_group = 2, .global_links_per_router = 3},
  };
  for (const Topology& topology : all) {
    ClusterGraph graph{with(topology), 24, 4};
    for (int a = 0; a < 24; ++a)
      for (int b = 0; b < 24; ++b) {
        CHECK(length(graph, a, b, 1) == doctest::Approx(graph.hops(a, b, 1)));
        CHECK(graph.hops(a, b, 1) == graph.hops(b, a, 1));
        check_conserved(graph, a, b, 1);
      }
  }
}

TEST_CASE("a torus has the distances of a torus") {
  ClusterGraph graph{with(Torus{.sizes = {8, 4}}), 32, 1};
  CHECK(graph.hops(0, 7, 0) == 1);
  CHECK(graph.hops(0, 4, 0) == 4);
  CHECK(graph.hops(0, 4 + 2 * 8, 0) == 6);
  CHECK(graph.links() == 2 * 2 * 32);
}

TEST_CASE("groups of a dragonfly reach one another over one global link") {
  const Dragonfly topology{
      .nodes_per_router = 2, .routers_per_group = 4, .global_links_per_router = 2};
  ClusterGraph graph{with(topology), 2 * 4 * 9, 4};  // balanced: 9 groups
  for (int node = 0; node < graph.nodes(); ++node) CHECK(graph.hops(0, node, 0) <= 5);
  const int global = 9 * 8, local = 9 * 6 * 2, cards = 2 * 72;
  CHECK(graph.links() == global + local + cards);
}

TEST_CASE("routes between two routers are computed once") {
  ClusterGraph graph{with(LeafSpine{.nodes_per_leaf = 4}), 64, 8};
  for (int i = 0; i < 3; ++i)
    for (int a = 0; a < 4; ++a)
      for (int b = 4; b < 8; ++b) graph.route(a, b, 0);
  CHECK(graph.routes_kept() == 1);
}

TEST_CASE("tiers say what a GPU can send out of each block when all send") {
  const FabricTiers rail = ClusterGraph{with(RailFatTree{.nodes_per_group = 32,
                                                         .groups_per_pod = 4,
                                                         .oversubscription = 2,
                                                         .core_oversubscription = 4}),
                                        256, 8}
                               .tiers();
  REQUIRE(rail.tiers.size() == 4);
  CHECK(rail.tiers[0].gpus == 8);
  CHECK(rail.tiers[0].rate == 450 * GBps);
  CHECK(rail.tiers[1].gpus == 256);
  CHECK(rail.tiers[1].rate.in(GBps) == doctest::Approx(50));
  CHECK(rail.tiers[2].gpus == 1024);
  CHECK(rail.tiers[2].rate.in(GBps) == doctest::Approx(25));
  CHECK(rail.tiers[3].gpus == 2048);
  CHECK(rail.tiers[3].rate.in(GBps) == doctest::Approx(25.0 / 4));

  const FabricTiers racks =
      ClusterGraph{with(LeafSpine{.nodes_per_leaf = 4, .spines = 8, .oversubscription = 3}), 32, 8}
          .tiers();
  REQUIRE(racks.tiers.size() == 3);
  CHECK(racks.tiers[2].rate.in(GBps) == doctest::Approx(50.0 / 3));

  const FabricTiers torus =
      ClusterGraph{with(Torus{.sizes = {4, 4, 4}, .link = 100 * GBps}), 64, 1}.tiers();
  REQUIRE(torus.tiers.size() == 4);
  CHECK(torus.tiers[1].rate.in(GBps) == doctest::Approx(600));
  CHECK(torus.tiers[2].rate.in(GBps) == doctest::Approx(400));
  CHECK(torus.tiers[3].rate.in(GBps) == doctest::Approx(200));
}

TEST_CASE("nodes of one scale-up domain need no network between them") {
  NetworkSpec network = with(LeafSpine{.nodes_per_leaf = 18});
  network.nodes_per_domain = 18;
  ClusterGraph graph{network, 36, 4};
  CHECK(graph.hops(0, 17, 0) == 0);
  CHECK(graph.route(0, 17, 0).empty());
  CHECK(graph.hops(0, 18, 0) == 4);
  CHECK(graph.tiers().tiers[0].gpus == 72);
}

TEST_CASE("a custom list of edges is taken as it is and broken ones are named") {
  CustomFabric ring;
  for (int n = 0; n < 4; ++n)
    ring.edges.push_back(
        {"node " + std::to_string(n), "node " + std::to_string((n + 1) % 4), 100 * GBps});
  ring.nodes_per_rack = 2;
  ClusterGraph graph{with(ring), 4, 1};
  CHECK(graph.hops(0, 2, 0) == 2);
  CHECK(graph.route(0, 2, 0).size() == 4);  // both ways round
  CHECK(graph.tiers().tiers[2].rate.in(GBps) == doctest::Approx(100));

  ring.edges.pop_back();
  ring.edges.pop_back();
  const auto apart = cluster_mistakes(with(ring), 4);
  REQUIRE(apart.size() == 1);
  CHECK(apart[0].key == "/topology/edges");
  CHECK(apart[0].got == "none between node 0 and node 3");
  ring.edges.push_back({"node 9", "tor", 100 * GBps});
  CHECK(cluster_mistakes(with(ring), 4).front().expected == "a node from 0 to 3");
}

TEST_CASE("a torus that does not have the nodes it says is refused") {
  const auto broken = cluster_mistakes(with(Torus{.sizes = {4, 4}}), 17);
  REQUIRE(broken.size() == 1);
  CHECK(broken[0].key == "/topology/sizes");
  CHECK(broken[0].expected == "sizes whose product is the number of nodes (17)");
  CHECK(broken[0].got == "16");
}

TEST_CASE("switches are counted by their ports") {
  ClusterGraph graph{with(RailFatTree{.nodes_per_group = 32}), 128, 8};
  // 32 leaves of 64 ports, 32 spines of 32 ports
  CHECK(graph.switch_power().in(unit::kW) == doctest::Approx(64));
}

}  // namespace jevons
