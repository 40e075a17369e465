#include <algorithm>
#include <map>

#include "models/hardware/cluster/fabric_sharing.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

class Uses {
 public:
  explicit Uses(ClusterGraph& graph) : graph_{graph} {}

  void leave(const Attachment& a, Bandwidth rate) { put(a.up, rate); }
  void enter(const Attachment& a, Bandwidth rate) { put(a.down, rate); }
  void pass(int router, int other, Bandwidth rate) {
    if (router != other) flows_[{router, other}] += rate;
  }

  std::vector<LinkUse> list() && {
    for (const auto& [pair, rate] : flows_)
      for (const LinkShare& s : graph_.between(pair.first, pair.second))
        put(s.link, s.share * rate);
    std::vector<LinkUse> uses;
    double most = 1;
    for (const auto& [link, rate] : rates_) {
      uses.push_back({link, rate / graph_.capacity(link)});
      most = std::max(most, uses.back().use);
    }
    for (LinkUse& u : uses) u.use /= most;
    return uses;
  }

 private:
  void put(int link, Bandwidth rate) {
    if (link >= 0) rates_[link] += rate;
  }
  ClusterGraph& graph_;
  std::map<int, Bandwidth> rates_;
  std::map<std::pair<int, int>, Bandwidth> flows_;  // between routers
};

void ring(const ClusterGraph& graph, std::span<const int> nodes, int rail, Bandwidth rate,
          Uses& uses) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const int from = nodes[i], to = nodes[(i + 1) % nodes.size()];
    if (graph.domain_of(from) == graph.domain_of(to)) continue;
    const Attachment a = graph.attachment(from, rail), b = graph.attachment(to, rail);
    uses.leave(a, rate);
    uses.enter(b, rate);
    uses.pass(a.router, b.router, rate);
  }
}

// Counted by router and domain: what counts is how many nodes are on each side.
void all_to_all(const ClusterGraph& graph, std::span<const int> nodes, int rail, Bandwidth rate,
                Uses& uses) {
  std::map<int, int> on_router, in_domain;
  std::map<std::pair<int, int>, int> together;  // router, domain
  for (const int n : nodes) {
    const int router = graph.attachment(n, rail).router, domain = graph.domain_of(n);
    ++on_router[router];
    ++in_domain[domain];
    ++together[{router, domain}];
  }
  const auto others = static_cast<double>(nodes.size() - 1);
  for (const int n : nodes) {
    const double outside = static_cast<double>(nodes.size()) - in_domain[graph.domain_of(n)];
    uses.leave(graph.attachment(n, rail), outside / others * rate);
    uses.enter(graph.attachment(n, rail), outside / others * rate);
  }
  for (const auto& [place, senders] : together)
    for (const auto& [other, receivers] : together)
      if (place.second != other.second)
        uses.pass(place.first, other.first, senders / others * receivers * rate);
}

}  // namespace

std::vector<LinkUse> link_use(ClusterGraph& graph, std::span<const int> nodes, FlowPattern pattern,
                              Bandwidth rate_per_gpu) {
  Uses uses{graph};
  if (nodes.size() < 2) return {};
  const Bandwidth rate = graph.rails() > 1 ? rate_per_gpu : graph.gpus_per_node() * rate_per_gpu;
  for (int rail = 0; rail < graph.rails(); ++rail) {
    if (pattern == FlowPattern::ring)
      ring(graph, nodes, rail, rate, uses);
    else
      all_to_all(graph, nodes, rail, rate, uses);
  }
  return std::move(uses).list();
}

}  // namespace jevons
