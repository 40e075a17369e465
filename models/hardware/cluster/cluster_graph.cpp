#include "models/hardware/cluster/cluster_graph.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/filtered_graph.hpp>

#include "models/hardware/cluster/fabric_builder.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

constexpr int assumed_ports_per_switch = 64;

struct LinkOfEdge {
  int link = 0;
};
using Adjacency = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS,
                                        boost::no_property, LinkOfEdge>;

// Paths lead over these: not through nodes, unless nodes pass on for others.
struct Passes {
  int first = 0;
  bool operator()(std::size_t vertex) const { return vertex >= static_cast<std::size_t>(first); }
};

}  // namespace

struct ClusterGraph::Graph {
  NetworkSpec network;
  int gpus_per_node;
  FabricPlan plan;
  Adjacency adjacency;
  std::map<int, std::vector<std::uint16_t>> distances;  // to a router, of all from first_router
  std::map<std::pair<int, int>, std::vector<LinkShare>> routes;

  Graph(const NetworkSpec& spec, int nodes, int gpus)
      : network{spec},
        gpus_per_node{gpus},
        plan{fabric_plan(spec, nodes, gpus)},
        adjacency(static_cast<std::size_t>(plan.vertices())) {
    for (std::size_t i = 0; i < plan.links.size(); ++i)
      boost::add_edge(static_cast<std::size_t>(plan.links[i].from),
                      static_cast<std::size_t>(plan.links[i].to), {static_cast<int>(i)}, adjacency);
  }

  int first_router() const { return plan.nodes_route ? 0 : plan.nodes; }
  const std::vector<std::uint16_t>& distances_to(int router);
  std::vector<LinkShare> split(int from, int to);
  int block(int vertex, int level) const;
  int largest_block(int level) const;  // in GPUs
  Bandwidth rate_out_of(int level) const;
};

// Links are symmetric, so distances from a router are distances to it.
const std::vector<std::uint16_t>& ClusterGraph::Graph::distances_to(int router) {
  const auto [entry, is_new] = distances.try_emplace(router);
  if (!is_new) return entry->second;
  const auto vertices = static_cast<std::size_t>(plan.vertices());
  std::vector<std::uint16_t> all(vertices, std::numeric_limits<std::uint16_t>::max());
  all[static_cast<std::size_t>(router)] = 0;
  const boost::filtered_graph graph{adjacency, boost::keep_all{}, Passes{first_router()}};
  std::vector<boost::default_color_type> colors(vertices);
  boost::breadth_first_search(graph, static_cast<std::size_t>(router),
                              boost::visitor(boost::make_bfs_visitor(boost::record_distances(
                                                 all.data(), boost::on_tree_edge{})))
                                  .color_map(boost::make_iterator_property_map(
                                      colors.begin(), boost::get(boost::vertex_index, graph))));
  entry->second.assign(all.begin() + first_router(), all.end());
  return entry->second;
}

// Layer by layer towards the target, each vertex passes on what it got over all links that lead
// one step nearer.
std::vector<LinkShare> ClusterGraph::Graph::split(int from, int to) {
  const std::vector<std::uint16_t>& distance = distances_to(to);
  const auto away = [&](std::size_t v) {
    return v < static_cast<std::size_t>(first_router())
               ? std::numeric_limits<std::uint16_t>::max()
               : distance[v - static_cast<std::size_t>(first_router())];
  };
  std::vector<LinkShare> shares;
  std::map<std::size_t, double> layer{{static_cast<std::size_t>(from), 1.0}};
  ensure(away(static_cast<std::size_t>(from)) != std::numeric_limits<std::uint16_t>::max(),
         "there is a path between all routers");
  while (away(layer.begin()->first) > 0) {
    std::map<std::size_t, double> next;
    for (const auto& [vertex, amount] : layer) {
      std::vector<std::pair<std::size_t, int>> nearer;  // vertex, link
      Bandwidth width;
      for (const auto& edge : boost::make_iterator_range(boost::out_edges(vertex, adjacency))) {
        const std::size_t target = boost::target(edge, adjacency);
        if (away(target) + 1 != away(vertex)) continue;
        nearer.emplace_back(target, adjacency[edge].link);
        width += plan.links[static_cast<std::size_t>(adjacency[edge].link)].capacity;
      }
      for (const auto& [target, link] : nearer) {
        const double part = amount * (plan.links[static_cast<std::size_t>(link)].capacity / width);
        shares.push_back({link, part});
        next[target] += part;
      }
    }
    layer = std::move(next);
  }
  return shares;
}

ClusterGraph::ClusterGraph(const NetworkSpec& network, int nodes, int gpus_per_node)
    : graph_{std::make_unique<Graph>(network, nodes, gpus_per_node)} {}
ClusterGraph::~ClusterGraph() = default;
ClusterGraph::ClusterGraph(ClusterGraph&&) noexcept = default;
ClusterGraph& ClusterGraph::operator=(ClusterGraph&&) noexcept = default;

int ClusterGraph::nodes() const {
  return graph_->plan.nodes;
}
int ClusterGraph::gpus_per_node() const {
  return graph_->gpus_per_node;
}
int ClusterGraph::switches() const {
  return graph_->plan.vertices() - graph_->plan.nodes;
}
int ClusterGraph::rails() const {
  return graph_->plan.rails;
}
int ClusterGraph::rack_of(int node) const {
  return graph_->plan.blocks[static_cast<std::size_t>(node)][0];
}
int ClusterGraph::domain_of(int node) const {
  return node / graph_->network.nodes_per_domain;
}
int ClusterGraph::links() const {
  return static_cast<int>(graph_->plan.links.size());
}
Bandwidth ClusterGraph::capacity(int link) const {
  return graph_->plan.links[static_cast<std::size_t>(link)].capacity;
}
std::size_t ClusterGraph::routes_kept() const {
  return graph_->routes.size();
}

Attachment ClusterGraph::attachment(int node, int rail) const {
  if (graph_->plan.nodes_route) return {.router = node};
  const int place = node * rails() + (rails() > 1 ? rail : 0);
  return graph_->plan.attachments[static_cast<std::size_t>(place)];
}

std::span<const LinkShare> ClusterGraph::between(int router, int other) {
  if (router == other) return {};
  const auto [entry, is_new] = graph_->routes.try_emplace({router, other});
  if (is_new) entry->second = graph_->split(router, other);
  return entry->second;
}

std::vector<LinkShare> ClusterGraph::route(int from, int to, int rail) {
  if (domain_of(from) == domain_of(to)) return {};
  const Attachment a = attachment(from, rail), b = attachment(to, rail);
  std::vector<LinkShare> links;
  if (a.up >= 0) links.push_back({a.up, 1});
  const auto middle = between(a.router, b.router);
  links.insert(links.end(), middle.begin(), middle.end());
  if (b.down >= 0) links.push_back({b.down, 1});
  return links;
}

int ClusterGraph::hops(int from, int to, int rail) {
  if (domain_of(from) == domain_of(to)) return 0;
  const Attachment a = attachment(from, rail), b = attachment(to, rail);
  const auto place = static_cast<std::size_t>(a.router - graph_->first_router());
  return (a.up >= 0 ? 1 : 0) + (b.down >= 0 ? 1 : 0) + graph_->distances_to(b.router)[place];
}

// Blocks from inside out, by their number: domains, then those of the plan, then everything. A
// switch that is in none of a level has -1.
int ClusterGraph::Graph::block(int vertex, int level) const {
  if (level == 0) return vertex < plan.nodes ? vertex / network.nodes_per_domain : -1;
  if (level > FabricPlan::levels) return 0;
  return plan.blocks[static_cast<std::size_t>(vertex)][static_cast<std::size_t>(level - 1)];
}

int ClusterGraph::Graph::largest_block(int level) const {
  std::map<int, int> members;
  for (int n = 0; n < plan.nodes; ++n) ++members[block(n, level)];
  int largest = 0;
  for (const auto& [id, count] : members) largest = std::max(largest, count);
  return largest * gpus_per_node;
}

// The least, over blocks, of what a GPU can send out of its block.
Bandwidth ClusterGraph::Graph::rate_out_of(int level) const {
  std::map<int, Bandwidth> leaving;
  std::map<int, int> gpus;
  for (int n = 0; n < plan.nodes; ++n) gpus[block(n, level)] += gpus_per_node;
  for (const FabricLink& link : plan.links)
    if (const int b = block(link.from, level); b >= 0 && b != block(link.to, level))
      leaving[b] += link.capacity;
  Bandwidth least = Bandwidth::from_base(std::numeric_limits<double>::infinity());
  for (const auto& [id, count] : gpus)
    least = std::min(least, leaving[id] / static_cast<double>(count));
  return least;
}

FabricTiers ClusterGraph::tiers() const {
  const NetworkSpec& network = graph_->network;
  const int domain = std::min(network.nodes_per_domain, graph_->plan.nodes);
  FabricTiers tiers;
  tiers.tiers.push_back({.gpus = domain * graph_->gpus_per_node,
                         .rate = network.scale_up,
                         .efficiency = network.efficiency,
                         .latency = assumed_domain_latency});
  int inner = 0;  // level of the tier before
  for (int level = 1; level <= FabricPlan::levels + 1; ++level) {
    const int gpus = graph_->largest_block(level);
    if (gpus <= tiers.tiers.back().gpus) continue;
    tiers.tiers.push_back({.gpus = gpus,
                           .rate = graph_->rate_out_of(inner),
                           .efficiency = network.efficiency,
                           .latency = assumed_hop_latency});
    inner = level;
  }
  return tiers;
}

Power ClusterGraph::switch_power() const {
  const FabricPlan& plan = graph_->plan;
  std::vector<Bandwidth> width(static_cast<std::size_t>(plan.vertices()));
  for (const FabricLink& link : plan.links)
    width[static_cast<std::size_t>(link.from)] += link.capacity;
  double count = 0;
  for (auto v = static_cast<std::size_t>(plan.nodes); v < width.size(); ++v)
    count += std::ceil(width[v] / graph_->network.nic / assumed_ports_per_switch - 1e-9);
  return count * graph_->network.switch_power;
}

}  // namespace jevons
