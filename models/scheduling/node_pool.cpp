#include "models/scheduling/node_pool.h"

#include <algorithm>
#include <limits>

#include "sim/ensure.h"

namespace jevons {

namespace {

std::uint64_t all_of(std::int32_t gpus) {
  return gpus >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << gpus) - 1;
}

std::uint64_t lowest(std::uint64_t free, std::int32_t count) {
  std::uint64_t taken = 0;
  for (; count > 0; --count) {
    const std::uint64_t bit = free & (~free + 1);
    taken |= bit;
    free &= ~bit;
  }
  return taken;
}

std::size_t at(std::int32_t i) {
  return static_cast<std::size_t>(i);
}

}  // namespace

NodePool::NodePool(std::span<const NodeGroup> groups, Placement placement) : placement_{placement} {
  for (const NodeGroup& shape : groups) {
    ensure(shape.nodes > 0 && shape.gpus_per_node > 0 && shape.gpus_per_node <= 64,
           "a group has nodes of 1 to 64 GPUs");
    Group g;
    g.shape = shape;
    g.first = static_cast<std::int32_t>(nodes_.size());
    g.total = g.free = shape.nodes * shape.gpus_per_node;
    for (std::int32_t f = 0; f <= shape.gpus_per_node; ++f) g.by_free.emplace_back(shape.nodes);
    for (std::int32_t n = 0; n < shape.nodes; ++n) {
      g.by_free.back().insert(n);
      nodes_.push_back({all_of(shape.gpus_per_node), static_cast<std::int32_t>(groups_.size()), 0});
    }
    const std::int32_t domains =
        (shape.nodes + shape.nodes_per_domain - 1) / shape.nodes_per_domain;
    g.domain_free.assign(at(domains), 0);
    for (std::int32_t n = 0; n < shape.nodes; ++n)
      g.domain_free[at(n / shape.nodes_per_domain)] += shape.gpus_per_node;
    total_ += g.total;
    groups_.push_back(std::move(g));
  }
  free_ = total_;
  asked_.assign(65, 0);
}

std::int32_t NodePool::total_gpus(std::int32_t chip) const {
  std::int32_t sum = 0;
  for (const Group& g : groups_)
    if (chip == any_chip || g.shape.chip == chip) sum += g.total;
  return sum;
}

std::int32_t NodePool::free_gpus(std::int32_t chip) const {
  if (chip == any_chip) return free_;
  std::int32_t sum = 0;
  for (const Group& g : groups_)
    if (g.shape.chip == chip) sum += g.free;
  return sum;
}

std::int32_t NodePool::largest_gang(std::int32_t chip) const {
  std::int32_t most = 0;
  for (const Group& g : groups_)
    if (chip == any_chip || g.shape.chip == chip) most = std::max(most, g.total);
  return most;
}

double NodePool::whole_node_share() const {
  std::int64_t whole = 0;
  for (const Group& g : groups_)
    whole += std::int64_t{g.by_free.back().size()} * g.shape.gpus_per_node;
  return free_ == 0 ? 1 : static_cast<double>(whole) / free_;
}

std::int32_t NodePool::whole_free_nodes() const {
  std::int32_t nodes = 0;
  for (const Group& g : groups_)
    nodes +=
        placement_ == Placement::counted ? g.free / g.shape.gpus_per_node : g.by_free.back().size();
  return nodes;
}

std::int32_t NodePool::racks_of(const Gang& gang) const {
  std::int32_t racks = 0, last = -1;
  const Group& g = groups_[at(gang.group)];
  std::vector<std::int32_t> seen;
  for (const Slice& s : gang.slices) seen.push_back((s.node - g.first) / g.shape.nodes_per_rack);
  std::sort(seen.begin(), seen.end());
  for (const std::int32_t rack : seen) {
    if (rack != last) ++racks;
    last = rack;
  }
  return racks;
}

bool NodePool::has_room(const Group& group, std::int32_t gpus) const {
  if (gpus > group.free) return false;
  if (placement_ == Placement::counted || placement_ == Placement::spread) return true;
  const std::int32_t per_node = group.shape.gpus_per_node;
  const std::int32_t whole = gpus / per_node, rest = gpus % per_node;
  const std::int32_t spare = group.by_free.back().size() - whole;
  if (spare < 0) return false;
  if (rest == 0 || spare > 0) return true;
  for (std::int32_t f = rest; f < per_node; ++f)
    if (!group.by_free[at(f)].empty()) return true;
  return false;
}

bool NodePool::has_room(std::int32_t gpus, std::int32_t chip) const {
  return std::any_of(groups_.begin(), groups_.end(), [&](const Group& g) {
    return (chip == any_chip || g.shape.chip == chip) && has_room(g, gpus);
  });
}

std::optional<Gang> NodePool::place(std::int32_t gpus, std::int32_t chip) {
  for (std::size_t which = 0; which < groups_.size(); ++which) {
    const Group& g = groups_[which];
    if ((chip == any_chip || g.shape.chip == chip) && has_room(g, gpus))
      return place_in(static_cast<std::int32_t>(which), gpus);
  }
  return std::nullopt;
}

std::optional<Gang> NodePool::place_in(std::int32_t which, std::int32_t gpus) {
  Group& group = groups_[at(which)];
  if (!has_room(group, gpus)) return std::nullopt;
  Gang gang{which, gpus, {}};
  if (placement_ == Placement::counted) {
    group.free -= gpus;
    free_ -= gpus;
    return gang;
  }
  const std::int32_t per_node = group.shape.gpus_per_node;
  const std::int32_t whole = gpus / per_node, rest = gpus % per_node;
  ++asked_[at(rest == 0 ? per_node : rest)];
  if (placement_ == Placement::spread) {
    take_spread(group, gang);
  } else if (placement_ != Placement::aligned || !take_aligned(group, gang)) {
    take_whole_nodes(group, gang, whole);
    if (rest > 0) take(group, gang, node_for(group, rest), rest);
  }
  return gang;
}

void NodePool::take_whole_nodes(Group& group, Gang& gang, std::int32_t count) {
  gang.slices.reserve(at(count) + 1);
  for (; count > 0; --count)
    take(group, gang, group.by_free.back().first(), group.shape.gpus_per_node);
}

// A GPU of each of the emptiest nodes, again and again.
void NodePool::take_spread(Group& group, Gang& gang) {
  std::int32_t left = gang.gpus;
  std::vector<Slice> slices;
  for (std::int32_t f = group.shape.gpus_per_node; left > 0; --f) {
    // Nodes that have just come down from f + 1 are among those of f, lowest first.
    std::vector<std::int32_t> nodes;
    for (auto n = group.by_free[at(f)].next(0); n && static_cast<std::int32_t>(nodes.size()) < left;
         n = group.by_free[at(f)].next(*n + 1))
      nodes.push_back(*n);
    for (const std::int32_t n : nodes) take(group, gang, n, 1);
    left -= static_cast<std::int32_t>(nodes.size());
  }
  std::sort(gang.slices.begin(), gang.slices.end(),
            [](const Slice& a, const Slice& b) { return a.node < b.node; });
  for (const Slice& s : gang.slices) {
    if (slices.empty() || slices.back().node != s.node)
      slices.push_back(s);
    else
      slices.back().gpus |= s.gpus;
  }
  gang.slices = std::move(slices);
}

std::int32_t NodePool::free_gpus(const Group& group, std::int32_t node) const {
  const Node& n = nodes_[at(group.first + node)];
  return n.closed > 0 ? 0 : std::popcount(n.free);
}

// Nodes of [first, last) that hold a gang: the first whole ones, then the first with room for what
// is left. Empty if they do not.
std::vector<std::int32_t> NodePool::holders(const Group& group, std::int32_t first,
                                            std::int32_t last, std::int32_t gpus) const {
  const std::int32_t per_node = group.shape.gpus_per_node;
  const std::int32_t whole = gpus / per_node;
  const std::int32_t rest = gpus % per_node;
  std::vector<std::int32_t> nodes;
  std::optional<std::int32_t> partial;
  for (std::int32_t n = first; n < last; ++n) {
    const std::int32_t free = free_gpus(group, n);
    if (free == per_node && static_cast<std::int32_t>(nodes.size()) < whole)
      nodes.push_back(n);
    else if (rest > 0 && free >= rest && !partial)
      partial = n;
  }
  if (static_cast<std::int32_t>(nodes.size()) < whole || (rest > 0 && !partial)) return {};
  if (partial) nodes.push_back(*partial);
  return nodes;
}

// Of the stretches of `width` nodes, the one with least room that holds the gang.
std::vector<std::int32_t> NodePool::tightest(const Group& group, std::int32_t width,
                                             std::int32_t gpus) const {
  std::vector<std::int32_t> best;
  std::int32_t least = std::numeric_limits<std::int32_t>::max();
  for (std::int32_t first = 0; first < group.shape.nodes; first += width) {
    const std::int32_t last = std::min(first + width, group.shape.nodes);
    std::int32_t room = 0;
    for (std::int32_t n = first; n < last; ++n) room += free_gpus(group, n);
    if (room < gpus || room >= least) continue;
    std::vector<std::int32_t> nodes = holders(group, first, last, gpus);
    if (nodes.empty()) continue;
    least = room;
    best = std::move(nodes);
  }
  return best;
}

// The NVLink domain, then the rack, with least room to spare in which the gang finds its nodes.
bool NodePool::take_aligned(Group& group, Gang& gang) {
  const std::int32_t per_node = group.shape.gpus_per_node;
  const std::size_t whole = at(gang.gpus / per_node);
  for (const std::int32_t width : {group.shape.nodes_per_domain, group.shape.nodes_per_rack}) {
    const std::vector<std::int32_t> nodes = tightest(group, width, gang.gpus);
    for (std::size_t i = 0; i < nodes.size(); ++i)
      take(group, gang, nodes[i], i < whole ? per_node : gang.gpus % per_node);
    if (!nodes.empty()) return true;
  }
  return false;
}

std::int32_t NodePool::node_for(const Group& group, std::int32_t gpus) const {
  const std::int32_t per_node = group.shape.gpus_per_node;
  if (placement_ == Placement::least_fragmenting) return least_fragmenting(group, gpus);
  std::int32_t node = std::numeric_limits<std::int32_t>::max();
  for (std::int32_t f = gpus; f <= per_node; ++f) {
    const NodeSet& nodes = group.by_free[at(f)];
    if (nodes.empty()) continue;
    if (placement_ != Placement::packed) return nodes.first();
    node = std::min(node, nodes.first());
  }
  return node;
}

// Free GPUs of a node that the sizes asked for so far cannot use, in expectation: the fragmentation
// measure of Weng et al. 2023 (USENIX ATC, FGD) for nodes that differ in free GPUs only.
double NodePool::lost(std::int32_t free) const {
  std::int64_t all = 0, unusable = 0;
  for (std::int32_t size = 1; size <= 64; ++size) {
    all += asked_[at(size)];
    if (size > free) unusable += asked_[at(size)];
  }
  return all == 0
             ? 0
             : static_cast<double>(free) * static_cast<double>(unusable) / static_cast<double>(all);
}

std::int32_t NodePool::least_fragmenting(const Group& group, std::int32_t gpus) const {
  double least = std::numeric_limits<double>::infinity();
  std::int32_t node = -1;
  for (std::int32_t f = gpus; f <= group.shape.gpus_per_node; ++f) {
    if (group.by_free[at(f)].empty()) continue;
    const double more = lost(f - gpus) - lost(f);
    if (more >= least) continue;
    least = more;
    node = group.by_free[at(f)].first();
  }
  return node;
}

void NodePool::take(Group& group, Gang& gang, std::int32_t node, std::int32_t gpus) {
  const std::int32_t global = group.first + node;
  const std::uint64_t free = nodes_[at(global)].free;
  const std::uint64_t taken = lowest(free, gpus);
  change(global, free & ~taken);
  gang.slices.push_back({global, taken});
}

// The one place where a node's free GPUs change, and with them all that is counted from them.
void NodePool::change(std::int32_t node, std::uint64_t free) {
  Node& n = nodes_[at(node)];
  Group& g = group_of(node);
  const std::int32_t before = std::popcount(n.free), after = std::popcount(free);
  n.free = free;
  if (n.closed > 0) return;
  const std::int32_t local = node - g.first;
  g.by_free[at(before)].erase(local);
  g.by_free[at(after)].insert(local);
  g.domain_free[at(local / g.shape.nodes_per_domain)] += after - before;
  g.free += after - before;
  free_ += after - before;
}

bool NodePool::retake(const Gang& gang) {
  Group& group = groups_[at(gang.group)];
  if (placement_ == Placement::counted) {
    if (group.free < gang.gpus) return false;
    group.free -= gang.gpus;
    free_ -= gang.gpus;
    return true;
  }
  for (const Slice& s : gang.slices)
    if ((nodes_[at(s.node)].free & s.gpus) != s.gpus) return false;
  for (const Slice& s : gang.slices) change(s.node, nodes_[at(s.node)].free & ~s.gpus);
  return true;
}

void NodePool::release(const Gang& gang) {
  if (placement_ == Placement::counted) {
    groups_[at(gang.group)].free += gang.gpus;
    free_ += gang.gpus;
    return;
  }
  for (const Slice& s : gang.slices) {
    ensure((nodes_[at(s.node)].free & s.gpus) == 0, "a GPU is held by one gang at most");
    change(s.node, nodes_[at(s.node)].free | s.gpus);
  }
}

void NodePool::close(std::int32_t node) {
  Node& n = nodes_[at(node)];
  Group& g = group_of(node);
  if (n.closed++ > 0) return;
  const std::int32_t free = std::popcount(n.free), local = node - g.first;
  g.by_free[at(free)].erase(local);
  g.domain_free[at(local / g.shape.nodes_per_domain)] -= free;
  g.free -= free;
  free_ -= free;
}

void NodePool::open(std::int32_t node) {
  Node& n = nodes_[at(node)];
  Group& g = group_of(node);
  ensure(n.closed > 0, "only a closed node is opened");
  if (--n.closed > 0) return;
  const std::int32_t free = std::popcount(n.free), local = node - g.first;
  g.by_free[at(free)].insert(local);
  g.domain_free[at(local / g.shape.nodes_per_domain)] += free;
  g.free += free;
  free_ += free;
}

bool NodePool::uses(const Gang& gang, std::int32_t first_node, std::int32_t last_node) const {
  return std::any_of(gang.slices.begin(), gang.slices.end(),
                     [&](const Slice& s) { return s.node >= first_node && s.node <= last_node; });
}

}  // namespace jevons
