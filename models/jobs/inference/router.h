#pragma once
// Which replica serves a request. A plain value per pool: the turn of round robin and the stream of
// random choices are its only state.
#include <cstdint>
#include <span>

#include "models/jobs/inference/serving_config.h"
#include "sim/rng.h"

namespace jevons {

class Router {
 public:
  Router(RouterKind kind, std::uint64_t seed, std::uint64_t pool)
      : kind_{kind}, rng_{seed, "router", pool} {}

  // `serving`: replicas that take requests, ascending; `load[r]`: outstanding requests of replica
  // r; `cached(r)`: prefix blocks of this request that replica r holds. Ties go to the lowest
  // index.
  template <class Cached>
  int choose(std::span<const int> serving, std::span<const std::int64_t> load, Cached&& cached);

 private:
  int least_loaded(std::span<const int> serving, std::span<const std::int64_t> load) const;
  int power_of_two(std::span<const int> serving, std::span<const std::int64_t> load);

  RouterKind kind_;
  Rng rng_;
  std::uint64_t turn_ = 0;
};

// A prefix-aware router leaves the replica with the longest match when it is this much busier than
// the idlest: more than twice its load plus a few requests.
inline constexpr std::int64_t assumed_imbalance_factor = 2, assumed_imbalance_slack = 8;

template <class Cached>
int Router::choose(std::span<const int> serving, std::span<const std::int64_t> load,
                   Cached&& cached) {
  if (serving.size() == 1) return serving.front();
  if (kind_ == RouterKind::round_robin) return serving[turn_++ % serving.size()];
  if (kind_ == RouterKind::power_of_two) return power_of_two(serving, load);
  const int idlest = least_loaded(serving, load);
  if (kind_ == RouterKind::least_loaded) return idlest;
  int best = idlest;
  int longest = cached(idlest);
  for (const int r : serving) {
    const int match = cached(r);
    if (match > longest) {
      longest = match;
      best = r;
    }
  }
  const auto at = [&](int r) { return load[static_cast<std::size_t>(r)]; };
  return at(best) > assumed_imbalance_factor * at(idlest) + assumed_imbalance_slack ? idlest : best;
}

}  // namespace jevons
