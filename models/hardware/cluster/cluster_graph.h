#pragma once
// A cluster as a graph of nodes, routers and directed links. Routes are all shortest paths, a flow
// split over them in proportion to capacity (adaptive routing, packet spraying); between each two
// routers they are computed once and kept.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/hardware/cluster/cluster_spec.h"
#include "models/hardware/fabric_tiers.h"

namespace jevons {

// A link and the share of a flow that takes it.
struct LinkShare {
  int link = 0;
  double share = 1;
};

// Where a node meets the network: itself, where nodes pass on for others (torus, custom).
struct Attachment {
  int router = 0;
  int up = -1, down = -1;  // links to the router and back; -1: the node is the router
};

// A law between numbers of a spec that is broken; `key` is a JSON pointer within the spec.
struct ClusterMistake {
  std::string key, expected, got;
};
std::vector<ClusterMistake> cluster_mistakes(const NetworkSpec& network, int nodes);

class ClusterGraph {
 public:
  // `network` has no mistakes.
  ClusterGraph(const NetworkSpec& network, int nodes, int gpus_per_node);
  ~ClusterGraph();
  ClusterGraph(ClusterGraph&&) noexcept;
  ClusterGraph& operator=(ClusterGraph&&) noexcept;
  ClusterGraph(const ClusterGraph&) = delete;
  ClusterGraph& operator=(const ClusterGraph&) = delete;

  int nodes() const;
  int gpus_per_node() const;
  int switches() const;
  int rails() const;  // leaves that a node is joined to, one by each of its GPUs; 1: all by one
  int rack_of(int node) const;    // nodes on the same leaves, leaf or router; neighbours otherwise
  int domain_of(int node) const;  // of the scale-up link

  int links() const;  // directed
  Bandwidth capacity(int link) const;
  Attachment attachment(int node, int rail) const;
  // Links between two routers.
  std::span<const LinkShare> between(int router, int other);
  // From one node to another over a rail; empty inside a domain.
  std::vector<LinkShare> route(int from, int to, int rail);
  // Length of the shortest path in links.
  int hops(int from, int to, int rail);
  std::size_t routes_kept() const;

  // The nested tiers that training and serving see. The rate out of a block is what its links to
  // the outside carry when all its GPUs send at once.
  FabricTiers tiers() const;
  Power switch_power() const;  // of all switches, counted by ports

 private:
  struct Graph;  // keeps Boost.Graph out of this header
  std::unique_ptr<Graph> graph_;
};

}  // namespace jevons
