#pragma once
// A cluster as a graph of nodes, routers and directed links. Routes are all shortest paths, a flow
// split over them in proportion to capacity (adaptive routing, packet spraying); each is computed
// once and kept.
#include <memory>
#include <span>
#include <vector>

#include "models/hardware/cluster/cluster_spec.h"
#include "models/hardware/fabric_tiers.h"

namespace jevons {

// A link and the share of a flow that takes it.
struct LinkShare {
  int link = 0;
  double share = 1;
};

class ClusterGraph {
 public:
  // The spec keeps its laws (cluster_laws.h).
  ClusterGraph(const NetworkSpec& network, int nodes, int gpus_per_node);
  ~ClusterGraph();
  ClusterGraph(ClusterGraph&&) noexcept;
  ClusterGraph& operator=(ClusterGraph&&) noexcept;
  ClusterGraph(const ClusterGraph&) = delete;
  ClusterGraph& operator=(const ClusterGraph&) = delete;

  int nodes() const;
  int gpus_per_node() const;
  int switches() const;  // routers that are no nodes
  int rails() const;     // links of a node into the network that go to different leaves
  // Nodes that share leaves: a group of rails, a rack, a router, a torus line.
  int rack_of(int node) const;
  int domain_of(int node) const;  // of the scale-up link

  int links() const;  // directed
  Bandwidth capacity(int link) const;
  // Directed links from one node to another over a rail, and their shares; empty inside a domain.
  std::span<const LinkShare> route(int from, int to, int rail);
  // Hops of the shortest path, 0 inside a domain.
  int hops(int from, int to, int rail);

  // The nested tiers that training and serving see. The rate out of a block is what its links to
  // the outside carry when all its GPUs send at once.
  FabricTiers tiers() const;
  Power switch_power() const;  // all switches

 private:
  struct Graph;  // keeps Boost.Graph out of this header
  std::unique_ptr<Graph> graph_;
};

}  // namespace jevons
