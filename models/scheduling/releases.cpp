#include "models/scheduling/releases.h"

#include <algorithm>

#include "sim/ensure.h"

namespace jevons {

std::vector<Releases::Block>::iterator Releases::block_of(const Release& release) {
  return std::partition_point(blocks_.begin(), blocks_.end(),
                              [&](const Block& b) { return b.items.back() < release; });
}

void Releases::insert(const Release& release) {
  auto block = block_of(release);
  if (block == blocks_.end()) {
    if (blocks_.empty()) blocks_.emplace_back();
    block = blocks_.end() - 1;
  }
  auto& items = block->items;
  items.insert(std::lower_bound(items.begin(), items.end(), release), release);
  block->gpus += release.gpus;
  if (items.size() <= most) return;
  Block right;
  right.items.assign(items.begin() + most / 2, items.end());
  items.resize(most / 2);
  for (const Release& r : right.items) right.gpus += r.gpus;
  block->gpus -= right.gpus;
  blocks_.insert(block + 1, std::move(right));
}

void Releases::erase(const Release& release) {
  const auto block = block_of(release);
  ensure(block != blocks_.end(), "only a running job releases GPUs");
  auto& items = block->items;
  const auto item = std::lower_bound(items.begin(), items.end(), release);
  ensure(item != items.end() && *item == release, "a release is found as it was written");
  items.erase(item);
  block->gpus -= release.gpus;
  if (items.empty()) blocks_.erase(block);
}

Releases::Reservation Releases::room_for(std::int32_t gpus, std::int32_t free, Instant now) const {
  std::int64_t sum = free;
  Instant when = forever;
  for (const Block& b : blocks_) {
    if (when == forever && sum + b.gpus < gpus) {
      sum += b.gpus;
      continue;
    }
    for (const Release& r : b.items) {
      if (r.when > when) return {when, static_cast<std::int32_t>(sum)};
      sum += r.gpus;
      if (when == forever && sum >= gpus) when = std::max(r.when, now);
    }
  }
  return {when, static_cast<std::int32_t>(sum)};
}

}  // namespace jevons
