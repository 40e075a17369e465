#include "models/hardware/cluster/fabric_builder.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "sim/ensure.h"

namespace jevons {

namespace {

constexpr int most_spines = 32;  // of one pod: more would be the same paths again

class Builder {
 public:
  Builder(const NetworkSpec& network, int nodes, int gpus_per_node)
      : network_{network}, gpus_{gpus_per_node} {
    plan_.nodes = nodes;
    plan_.blocks.assign(static_cast<std::size_t>(nodes), {-1, -1});
  }

  FabricPlan build() && {
    std::visit([this](const auto& topology) { lay(topology); }, network_.topology);
    return std::move(plan_);
  }

 private:
  int add_switch(int inner, int outer) {
    plan_.blocks.push_back({inner, outer});
    return plan_.vertices() - 1;
  }
  int join(int a, int b, Bandwidth capacity) {
    plan_.links.push_back({a, b, capacity});
    plan_.links.push_back({b, a, capacity});
    return static_cast<int>(plan_.links.size()) - 2;
  }
  void attach(int node, int router, Bandwidth capacity) {
    const int link = join(node, router, capacity);
    plan_.attachments.push_back({router, link, link + 1});
  }
  void put_in_blocks(int inner_size, int outer_size) {
    for (int n = 0; n < plan_.nodes; ++n)
      plan_.blocks[static_cast<std::size_t>(n)] = {n / inner_size, n / outer_size};
  }

  void lay(const RailFatTree& t);
  void lay(const LeafSpine& t);
  void lay(const Torus& t);
  void lay(const Dragonfly& t);
  void lay(const CustomFabric& t);
  void join_pods(const RailFatTree& t, const std::vector<std::vector<int>>& spines,
                 const std::vector<Bandwidth>& below);

  const NetworkSpec& network_;
  int gpus_;
  FabricPlan plan_;
};

int parts(int whole, int size) {
  return (whole + size - 1) / size;
}

void Builder::lay(const RailFatTree& t) {
  plan_.rails = gpus_;
  const int groups = parts(plan_.nodes, t.nodes_per_group);
  const int pods = parts(groups, t.groups_per_pod);
  const int spine_count = std::min(most_spines, t.nodes_per_group);
  put_in_blocks(t.nodes_per_group, t.nodes_per_group * t.groups_per_pod);
  std::vector<std::vector<int>> spines(static_cast<std::size_t>(pods));
  std::vector<Bandwidth> below(spines.size());  // of one spine
  plan_.attachments.resize(static_cast<std::size_t>(plan_.nodes) * static_cast<std::size_t>(gpus_));
  for (int group = 0; group < groups; ++group) {
    const int first = group * t.nodes_per_group;
    const int count = std::min(t.nodes_per_group, plan_.nodes - first);
    const int pod = group / t.groups_per_pod;
    auto& tops = spines[static_cast<std::size_t>(pod)];
    if (groups > 1 && tops.empty())
      for (int s = 0; s < spine_count; ++s) tops.push_back(add_switch(-1, pod));
    for (int rail = 0; rail < gpus_; ++rail) {
      const int leaf = add_switch(group, pod);
      for (int n = first; n < first + count; ++n) {
        const int link = join(n, leaf, network_.nic);
        const int place = n * gpus_ + rail;
        plan_.attachments[static_cast<std::size_t>(place)] = {leaf, link, link + 1};
      }
      const Bandwidth up = count / (t.oversubscription * spine_count) * network_.nic;
      for (const int spine : tops) join(leaf, spine, up);
      below[static_cast<std::size_t>(pod)] += up;
    }
  }
  if (pods > 1) join_pods(t, spines, below);
}

// A core for each plane of spines.
void Builder::join_pods(const RailFatTree& t, const std::vector<std::vector<int>>& spines,
                        const std::vector<Bandwidth>& below) {
  for (std::size_t plane = 0; plane < spines.front().size(); ++plane) {
    const int core = add_switch(-1, -1);
    for (std::size_t pod = 0; pod < spines.size(); ++pod)
      join(spines[pod][plane], core, below[pod] / t.core_oversubscription);
  }
}

void Builder::lay(const LeafSpine& t) {
  const int racks = parts(plan_.nodes, t.nodes_per_leaf);
  put_in_blocks(t.nodes_per_leaf, plan_.nodes);
  const Bandwidth card = static_cast<double>(gpus_) * network_.nic;
  std::vector<int> spines;
  for (int s = 0; racks > 1 && s < t.spines; ++s) spines.push_back(add_switch(-1, 0));
  for (int rack = 0; rack < racks; ++rack) {
    const int leaf = add_switch(rack, 0);
    const int first = rack * t.nodes_per_leaf;
    const int count = std::min(t.nodes_per_leaf, plan_.nodes - first);
    for (int n = first; n < first + count; ++n) attach(n, leaf, card);
    for (const int spine : spines)
      join(leaf, spine, count / (t.oversubscription * t.spines) * card);
  }
}

void Builder::lay(const Torus& t) {
  plan_.nodes_route = true;
  const int plane = t.sizes.size() > 1 ? t.sizes[0] * t.sizes[1] : t.sizes[0];
  put_in_blocks(t.sizes[0], t.sizes.size() > 2 ? plane : plan_.nodes);
  int stride = 1;
  for (const int size : t.sizes) {
    for (int n = 0; n < plan_.nodes; ++n) {
      const int at = n / stride % size;
      const bool is_wrap = at == size - 1;
      if (size == 1 || (is_wrap && size == 2)) continue;
      join(n, is_wrap ? n - at * stride : n + stride, t.link);
    }
    stride *= size;
  }
}

void Builder::lay(const Dragonfly& t) {
  const int group_nodes = t.nodes_per_router * t.routers_per_group;
  const int groups = parts(plan_.nodes, group_nodes);
  put_in_blocks(t.nodes_per_router, group_nodes);
  const auto router = [&](int group, int r) {
    return plan_.nodes + group * t.routers_per_group + r;
  };
  for (int g = 0; g < groups; ++g)
    for (int r = 0; r < t.routers_per_group; ++r) add_switch(g * t.routers_per_group + r, g);
  for (int n = 0; n < plan_.nodes; ++n)
    attach(n, router(n / group_nodes, n % group_nodes / t.nodes_per_router),
           static_cast<double>(gpus_) * network_.nic);
  for (int g = 0; g < groups; ++g)
    for (int r = 0; r < t.routers_per_group; ++r)
      for (int other = r + 1; other < t.routers_per_group; ++other)
        join(router(g, r), router(g, other), t.local);
  // Port k of a group leads k mod (groups - 1) + 1 groups further, port k' of that group back.
  const int ports = t.routers_per_group * t.global_links_per_router;
  for (int g = 0; g < groups; ++g)
    for (int k = 0; groups > 1 && k < ports; ++k) {
      const int turn = k / (groups - 1), distance = k % (groups - 1) + 1;
      const int other = (g + distance) % groups;
      const int back = turn * (groups - 1) + groups - distance - 1;
      if (g < other && back < ports)
        join(router(g, k / t.global_links_per_router),
             router(other, back / t.global_links_per_router), t.global);
    }
}

void Builder::lay(const CustomFabric& t) {
  plan_.nodes_route = true;
  put_in_blocks(t.nodes_per_rack, plan_.nodes);
  std::map<std::string, int> switches;
  const auto vertex = [&](const std::string& name) {
    if (const auto node = node_named(name)) return *node;
    const auto [entry, is_new] = switches.try_emplace(name, 0);
    if (is_new) entry->second = add_switch(-1, 0);
    return entry->second;
  };
  for (const FabricEdge& edge : t.edges) {
    const int a = vertex(edge.a), b = vertex(edge.b);
    join(a, b, edge.rate);
  }
  // A switch keeps a rack's traffic inside when all nodes on it are of that rack.
  std::vector<int> rack_of_switch(plan_.blocks.size(), -2);
  for (const FabricLink& link : plan_.links) {
    if (link.from >= plan_.nodes || link.to < plan_.nodes) continue;
    const int rack = link.from / t.nodes_per_rack;
    int& known = rack_of_switch[static_cast<std::size_t>(link.to)];
    known = known == -2 || known == rack ? rack : -1;
  }
  for (auto v = static_cast<std::size_t>(plan_.nodes); v < plan_.blocks.size(); ++v)
    plan_.blocks[v][0] = std::max(-1, rack_of_switch[v]);
}

}  // namespace

std::optional<int> node_named(const std::string& name) {
  constexpr std::string_view prefix = "node ";
  if (!name.starts_with(prefix)) return std::nullopt;
  int node = 0;
  const char* begin = name.data() + prefix.size();
  const auto [end, error] = std::from_chars(begin, name.data() + name.size(), node);
  if (error != std::errc{} || end != name.data() + name.size() || node < 0) return std::nullopt;
  return node;
}

FabricPlan fabric_plan(const NetworkSpec& network, int nodes, int gpus_per_node) {
  ensure(cluster_mistakes(network, nodes).empty(), "a network that is built has no mistakes");
  return Builder{network, nodes, gpus_per_node}.build();
}

}  // namespace jevons
