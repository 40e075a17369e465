#include <functional>
#include <map>
#include <numeric>

#include "models/hardware/cluster/fabric_builder.h"

namespace jevons {

namespace {

struct Laws {
  int nodes;
  std::vector<ClusterMistake> broken{};

  void hold(bool law, const std::string& key, std::string expected, std::string got) {
    if (!law) broken.push_back({"/topology" + key, std::move(expected), std::move(got)});
  }

  void operator()(const RailFatTree&) {}
  void operator()(const LeafSpine&) {}
  void operator()(const Torus& t) {
    std::int64_t product = 1;
    for (const int size : t.sizes) product *= size;
    hold(!t.sizes.empty() && product == nodes, "/sizes",
         "sizes whose product is the number of nodes (" + std::to_string(nodes) + ")",
         std::to_string(t.sizes.empty() ? 0 : product));
  }
  void operator()(const Dragonfly& t) {
    const int group = t.nodes_per_router * t.routers_per_group;
    const int groups = (nodes + group - 1) / group;
    const int ports = t.routers_per_group * t.global_links_per_router;
    hold(ports >= groups - 1, "/global_links_per_router",
         "links from each group to each of the " + std::to_string(groups - 1) + " others",
         std::to_string(ports) + " a group");
  }
  void operator()(const CustomFabric& t);
};

// Joined vertices share a root.
class Joined {
 public:
  int id(const std::string& name) {
    const auto [entry, is_new] = ids_.try_emplace(name, static_cast<int>(parent_.size()));
    if (is_new) parent_.push_back(entry->second);
    return entry->second;
  }
  int root(int v) {
    while (parent_[static_cast<std::size_t>(v)] != v) v = parent_[static_cast<std::size_t>(v)];
    return v;
  }
  void join(int a, int b) { parent_[static_cast<std::size_t>(root(a))] = root(b); }

 private:
  std::map<std::string, int> ids_;
  std::vector<int> parent_;
};

void Laws::operator()(const CustomFabric& t) {
  Joined joined;
  for (std::size_t i = 0; i < t.edges.size(); ++i) {
    const FabricEdge& edge = t.edges[i];
    const std::string at = "/edges/" + std::to_string(i);
    for (const auto& [key, name] : {std::pair{"/a", edge.a}, std::pair{"/b", edge.b}})
      if (const auto node = node_named(name))
        hold(*node < nodes, at + key, "a node from 0 to " + std::to_string(nodes - 1), name);
    hold(edge.a != edge.b, at + "/b", "another end than " + edge.a, edge.b);
    joined.join(joined.id(edge.a), joined.id(edge.b));
  }
  int apart = -1;
  for (int n = 1; n < nodes && apart < 0; ++n)
    if (joined.root(joined.id("node " + std::to_string(n))) != joined.root(joined.id("node 0")))
      apart = n;
  hold(apart < 0, "/edges", "a path between all nodes",
       "none between node 0 and node " + std::to_string(apart));
}

}  // namespace

std::vector<ClusterMistake> cluster_mistakes(const NetworkSpec& network, int nodes) {
  Laws laws{nodes};
  std::visit(std::ref(laws), network.topology);
  return std::move(laws.broken);
}

}  // namespace jevons
