#include "models/jobs/inference/prefix_cache.h"

#include "sim/ensure.h"

namespace jevons {

int PrefixCache::match(std::span<const std::uint64_t> hashes) const {
  int held = 0;
  for (const std::uint64_t hash : hashes) {
    if (!index_.contains(hash)) break;
    ++held;
  }
  return held;
}

int PrefixCache::in_use(std::span<const std::uint64_t> hashes, int count) const {
  int used = 0;
  for (const std::uint64_t hash : hashes.first(static_cast<std::size_t>(count)))
    if (blocks_[index_.at(hash)].users > 0) ++used;
  return used;
}

void PrefixCache::acquire(std::uint64_t hash) {
  const std::uint32_t i = index_.at(hash);
  if (blocks_[i].users++ > 0) return;
  leave_idle(i);
  ++used_;
}

bool PrefixCache::insert(std::uint64_t hash) {
  const auto [place, made] = index_.try_emplace(hash, 0);
  if (!made) {
    acquire(hash);
    return false;
  }
  std::uint32_t i = 0;
  if (free_.empty()) {
    i = static_cast<std::uint32_t>(blocks_.size());
    blocks_.emplace_back();
  } else {
    i = free_.back();
    free_.pop_back();
  }
  blocks_[i] = {hash, 1, none, none};
  place->second = i;
  ++used_;
  return true;
}

void PrefixCache::release(std::uint64_t hash) {
  const std::uint32_t i = index_.at(hash);
  ensure(blocks_[i].users > 0, "only a user of a cached block releases it");
  if (--blocks_[i].users > 0) return;
  --used_;
  ++idle_;
  blocks_[i].older = newest_;
  blocks_[i].newer = none;
  if (newest_ != none) blocks_[newest_].newer = i;
  newest_ = i;
  if (oldest_ == none) oldest_ = i;
}

void PrefixCache::leave_idle(std::uint32_t i) {
  Block& b = blocks_[i];
  (b.older == none ? oldest_ : blocks_[b.older].newer) = b.newer;
  (b.newer == none ? newest_ : blocks_[b.newer].older) = b.older;
  b.older = b.newer = none;
  --idle_;
}

void PrefixCache::trim(std::int64_t keep) {
  while (idle_ > keep && idle_ > 0) {
    const std::uint32_t i = oldest_;
    leave_idle(i);
    index_.erase(blocks_[i].hash);
    free_.push_back(i);
  }
}

}  // namespace jevons
