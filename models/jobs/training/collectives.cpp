#include "models/jobs/training/collectives.h"

#include <algorithm>
#include <cmath>

namespace jevons {

namespace {

double rate_of(const FabricTier& tier) {
  return tier.rate.in(unit::B / unit::s) * tier.efficiency;
}

// Different places that `draws` random choices among `places` reach.
double distinct(double places, double draws) {
  return places * (1 - std::pow(1 - 1 / places, draws));
}

// Calls step(tier, members inside the tier below, members inside this tier) for every tier that
// the group uses.
template <class Step>
void for_tiers(const FabricTiers& fabric, RankGroup group, Step&& step) {
  int inner = 1;
  for (std::size_t i = 0; i < fabric.tiers.size() && inner < group.size; ++i) {
    const FabricTier& tier = fabric.tiers[i];
    // Ranks beyond the last tier still have to be reached: it stands for all that lies outside.
    const bool is_last = i + 1 == fabric.tiers.size();
    const int members =
        is_last ? group.size : std::clamp(tier.gpus / group.stride, inner, group.size);
    if (members > inner) step(tier, inner, members);
    inner = members;
  }
}

double hops(int inner, int members) {
  return std::ceil(std::log2(static_cast<double>(members) / inner));
}

}  // namespace

double collective_seconds(const FabricTiers& fabric, CollectiveKind kind, double bytes,
                          RankGroup group) {
  if (group.size <= 1 || bytes <= 0) return 0;
  const bool is_reduce =
      kind == CollectiveKind::all_reduce || kind == CollectiveKind::peer_all_reduce;
  double slowest = 0;
  double latency = 0;
  for_tiers(fabric, group, [&](const FabricTier& tier, int inner, int members) {
    const double entering = bytes * (1 - static_cast<double>(inner) / group.size);
    double t = entering / rate_of(tier);
    if (kind != CollectiveKind::all_to_all) t /= inner;
    const double passes = is_reduce && !tier.reduces ? 2 : 1;
    slowest = std::max(slowest, passes * t);
    latency += passes * hops(inner, members) * tier.latency.in(unit::s);
  });
  return slowest + latency;
}

double exchange_seconds(const FabricTiers& fabric, const TokenExchange& x, RankGroup group) {
  if (group.size <= 1) return 0;
  double slowest = 0;
  double latency = 0;
  for_tiers(fabric, group, [&](const FabricTier& tier, int inner, int members) {
    const double blocks = static_cast<double>(group.size) / inner;
    double reached = x.deduplicates ? distinct(blocks, x.top_k) : x.top_k;
    if (inner > 1 && x.max_nodes > 0) reached = std::min<double>(reached, x.max_nodes);
    const double outside = reached * (1 - 1 / blocks);
    slowest = std::max(slowest, x.hottest * x.tokens * x.row_bytes * outside / rate_of(tier));
    latency += hops(inner, members) * tier.latency.in(unit::s);
  });
  return slowest + latency;
}

double send_seconds(const FabricTiers& fabric, double bytes, int stride) {
  for (const FabricTier& tier : fabric.tiers)
    if (stride < tier.gpus || &tier == &fabric.tiers.back())
      return bytes / rate_of(tier) + tier.latency.in(unit::s);
  return 0;
}

}  // namespace jevons
