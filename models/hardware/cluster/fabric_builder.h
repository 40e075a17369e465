#pragma once
// The vertices and links of each topology, before they become a graph.
#include <array>
#include <vector>

#include "models/hardware/cluster/cluster_graph.h"

namespace jevons {

struct FabricLink {
  int from = 0, to = 0;
  Bandwidth capacity;
};

// Vertices are nodes, then switches. Blocks nest: a block of level 1 are nodes on the same leaves,
// level 2 a pod or group of those. A switch belongs to the blocks whose traffic it keeps inside.
struct FabricPlan {
  static constexpr int levels = 2;
  int nodes = 0, rails = 1;
  bool nodes_route = false;                     // nodes pass on for others
  std::vector<FabricLink> links;                // directed; each is followed by its reverse
  std::vector<Attachment> attachments;          // node x rail; empty where nodes route
  std::vector<std::array<int, levels>> blocks;  // of each vertex; -1: of none

  int vertices() const { return static_cast<int>(blocks.size()); }
};

FabricPlan fabric_plan(const NetworkSpec& network, int nodes, int gpus_per_node);

// "node 7" -> 7; anything else is the name of a switch.
std::optional<int> node_named(const std::string& name);

}  // namespace jevons
