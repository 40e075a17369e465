#include "models/policy/chip_market.h"

#include <algorithm>
#include <cmath>

namespace jevons {

namespace {

// From a to b, a share w of the way, along a straight line of the logarithms.
double between(double a, double b, double w) {
  if (a <= 0 || b <= 0) return a + w * (b - a);
  return std::exp((1 - w) * std::log(a) + w * std::log(b));
}

Spread scaled_by(const Spread& premium, double duties) {
  const double base = 1 + duties;
  return {base + premium.p5, base + premium.p50, base + premium.p95};
}

Offer through(const AccessChannel& way, PolicyStatus status, double duties) {
  return {way.channel, status, scaled_by(way.premium, duties), way.delay_months};
}

}  // namespace

const AccessChannel* find(const RegionAccess& region, SupplyChannel channel) {
  for (const AccessChannel& c : region.channels)
    if (c.channel == channel) return &c;
  return nullptr;
}

std::optional<Spread> supply(const AccessChannel& channel, double year) {
  const auto& s = channel.supply;
  const auto after =
      std::find_if(s.begin(), s.end(), [year](const ChannelSupply& c) { return c.year >= year; });
  if (after == s.end()) return std::nullopt;
  if (after->year == year) return after->million_h100e;
  if (after == s.begin()) return std::nullopt;
  const ChannelSupply& before = *(after - 1);
  const double w = (year - before.year) / (after->year - before.year);
  const Spread& a = before.million_h100e;
  const Spread& b = after->million_h100e;
  return Spread{between(a.p5, b.p5, w), between(a.p50, b.p50, w), between(a.p95, b.p95, w)};
}

std::optional<Spread> supply(const RegionAccess& region, double year) {
  std::optional<Spread> sum;
  for (const AccessChannel& channel : region.channels)
    if (const auto part = supply(channel, year)) sum = sum ? together(*sum, *part) : *part;
  return sum;
}

std::optional<Offer> offer(const Rulebook& book, const RegionAccess& region, const ChipSpec& chip,
                           const Deal& deal, PolicyStatus most, bool smuggles) {
  const PolicyAnswer answer = book.answer(ruled_chip(chip), deal);
  const AccessChannel* const domestic = find(region, SupplyChannel::domestic);
  if (domestic != nullptr && chip.facts.origin == region.id)
    return through(*domestic, PolicyStatus::not_controlled, 0);
  const AccessChannel* const legal = find(region, SupplyChannel::legal);
  if (legal != nullptr && answer.headline <= most)
    return through(*legal, answer.headline, answer.fee + answer.tariff);
  const AccessChannel* const smuggled = find(region, SupplyChannel::smuggled);
  if (smuggles && smuggled != nullptr) return through(*smuggled, answer.headline, 0);
  return std::nullopt;
}

}  // namespace jevons
