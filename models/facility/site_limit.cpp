#include "models/facility/site_limit.h"

#include <algorithm>

#include "sim/run.h"

namespace jevons {

namespace {

// The beginning of the last occurrence at or before `now`; nothing before the first.
std::optional<Instant> last_begin(const DemandResponse& d, Instant now) {
  const Instant first{d.begin};
  if (now < first) return std::nullopt;
  if (!d.every || *d.every <= Span{}) return first;
  return first + (now - first) / *d.every * *d.every;
}

Instant change_after(const DemandResponse& d, Instant now) {
  const auto begin = last_begin(d, now);
  if (!begin) return Instant{d.begin};
  if (now < *begin + d.lasts) return *begin + d.lasts;
  return d.every && *d.every > Span{} ? *begin + *d.every : forever;
}

}  // namespace

std::optional<Power> SiteLimit::at(Instant now) const {
  std::optional<Power> least = cap;
  for (const DemandResponse& d : demand_response) {
    const auto begin = last_begin(d, now);
    if (begin && now < *begin + d.lasts) least = std::min(least.value_or(d.limit), d.limit);
  }
  return least;
}

Instant SiteLimit::next_change(Instant now) const {
  Instant next = forever;
  for (const DemandResponse& d : demand_response) next = std::min(next, change_after(d, now));
  return next;
}

}  // namespace jevons
