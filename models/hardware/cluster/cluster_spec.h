#pragma once
// Machines of one kind and the network between them, as a scenario says them.
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/hardware/chip.h"
#include "models/hardware/node_power.h"
#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

// GPU r of each node of a group meets on leaf r of the group ("rail-optimised"); leaves meet on
// spines, pods of groups on cores. Source: NVIDIA DGX SuperPOD reference architecture (2023).
struct RailFatTree {
  static constexpr std::string_view name = "rail_fat_tree";
  int nodes_per_group = 32;
  int groups_per_pod = 32;
  double oversubscription = 1;       // of leaves: down / up
  double core_oversubscription = 1;  // of pods

  template <class Visitor>
  void fields(Visitor&& field) {
    field("nodes_per_group", nodes_per_group, Range{1, 4096}, "nodes on the same leaves");
    field("groups_per_pod", groups_per_pod, Range{1, 4096}, "groups on the same spines");
    field("oversubscription", oversubscription, Range{1.0, 100.0}, "of leaves, down over up");
    field("core_oversubscription", core_oversubscription, Range{1.0, 100.0}, "of pods");
  }
};

// All cards of a node on the leaf of its rack; leaves on spines.
struct LeafSpine {
  static constexpr std::string_view name = "leaf_spine";
  int nodes_per_leaf = 4;
  int spines = 16;
  double oversubscription = 1;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("nodes_per_leaf", nodes_per_leaf, Range{1, 4096}, "nodes of a rack, on one leaf");
    field("spines", spines, Range{1, 4096}, "spine switches, each on every leaf");
    field("oversubscription", oversubscription, Range{1.0, 100.0}, "of leaves, down over up");
  }
};

// Nodes side by side, a link to each neighbour, ends joined.
struct Torus {
  static constexpr std::string_view name = "torus";
  std::vector<int> sizes{8, 8, 8};  // product: the nodes
  Bandwidth link = 100 * unit::GB / unit::s;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("sizes"), sizes, Range{1, 100'000}, "nodes along each dimension");
    field("link", link, Range{0.01 * unit::GB / unit::s, 1e5 * unit::GB / unit::s},
          "to one neighbour, one direction");
  }
};

// Groups of routers that are all joined inside; each router also has links to other groups.
// Source: Kim, Dally, Scott, Abts 2008, doi:10.1109/ISCA.2008.19.
struct Dragonfly {
  static constexpr std::string_view name = "dragonfly";
  int nodes_per_router = 4, routers_per_group = 8, global_links_per_router = 4;
  Bandwidth local = 100 * unit::GB / unit::s;
  Bandwidth global = 100 * unit::GB / unit::s;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range rate{0.01 * unit::GB / unit::s, 1e5 * unit::GB / unit::s};
    field("nodes_per_router", nodes_per_router, Range{1, 4096}, "nodes on one router");
    field("routers_per_group", routers_per_group, Range{1, 4096}, "routers joined with each other");
    field("global_links_per_router", global_links_per_router, Range{1, 4096},
          "links of a router to other groups");
    field("local", local, rate, "a link inside a group, one direction");
    field("global", global, rate, "a link between groups, one direction");
  }
};

// Any graph. Ends are "node 0", "node 1", ... or the name of a switch.
struct FabricEdge {
  std::string a, b;
  Bandwidth rate;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("a"), a, R"("node 7", or the name of a switch)");
    field(required("b"), b, R"("node 7", or the name of a switch)");
    field(required("rate"), rate, Range{0.01 * unit::GB / unit::s, 1e6 * unit::GB / unit::s},
          "each direction");
  }
};
struct CustomFabric {
  static constexpr std::string_view name = "custom";
  std::vector<FabricEdge> edges;
  int nodes_per_rack = 4;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("edges"), edges, "links between nodes and switches");
    field("nodes_per_rack", nodes_per_rack, Range{1, 100'000}, "neighbouring nodes of one rack");
  }
};

using Topology = std::variant<RailFatTree, LeafSpine, Torus, Dragonfly, CustomFabric>;

inline constexpr Power assumed_switch_power = 1 * unit::kW;   // 64 ports of 400 Gbit/s, optics
inline constexpr Time assumed_hop_latency = 5 * unit::us;     // of a collective between nodes
inline constexpr Time assumed_domain_latency = 2 * unit::us;  // inside a scale-up domain
struct NetworkSpec {
  Bandwidth scale_up = 450 * unit::GB / unit::s;  // NVLink of one GPU, one direction (H100)
  int nodes_per_domain = 1;                       // that NVLink joins: 1; NVL72 of 4-GPU trays: 18
  Bandwidth nic = 50 * unit::GB / unit::s;        // of one GPU, one direction: 400 Gbit/s
  double efficiency = 0.8;                        // share that large messages reach
  Topology topology;
  Power switch_power = assumed_switch_power;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range rate{0.01 * unit::GB / unit::s, 1e5 * unit::GB / unit::s};
    field("scale_up", scale_up, rate, "link of one GPU inside its domain, one direction");
    field("nodes_per_domain", nodes_per_domain, Range{1, 4096},
          "nodes that the scale-up link joins");
    field("nic", nic, rate, "network card of one GPU, one direction");
    field("efficiency", efficiency, Range{0.01, 1.0}, "share of rates that large messages reach");
    field("topology", topology, "how nodes are joined");
    field("switch_power", switch_power, Range{0 * unit::W, 100 * unit::kW}, "of one switch");
  }
};

struct ClusterSpec {
  std::string name = "cluster";
  ChipSpec chip;
  int nodes = 32, gpus_per_node = 8;
  NetworkSpec network;
  HostPower host;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", name, "as printed");
    field(required("chip"), chip, "accelerator of every node");
    field(required("nodes"), nodes, Range{1, 10'000'000}, "nodes");
    field("gpus_per_node", gpus_per_node, Range{1, 1024}, "accelerators of a node");
    field("network", network, "what joins the nodes");
    field("host", host, "what a node draws beside its accelerators");
  }
};

}  // namespace jevons
