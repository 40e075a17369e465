#pragma once
// KV blocks that several requests may share, keyed by the hash of a prompt prefix. A block in use
// is counted once however many requests hold it; an idle one stays until its room is needed, least
// recently used first.
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace jevons {

class PrefixCache {
 public:
  // How many leading blocks of a prompt are held, in use or idle.
  int match(std::span<const std::uint64_t> hashes) const;
  // Of the first `count` of them, how many are in use.
  int in_use(std::span<const std::uint64_t> hashes, int count) const;
  // One more user of a block that is held.
  void acquire(std::uint64_t hash);
  // One more user of a block; makes it when it is not held. True if it was made.
  bool insert(std::uint64_t hash);
  // One user less; without users a block becomes the most recently used idle one.
  void release(std::uint64_t hash);
  // Drops the least recently used idle blocks until at most `keep` are left.
  void trim(std::int64_t keep);

  std::int64_t used_blocks() const { return used_; }
  std::int64_t idle_blocks() const { return idle_; }

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct Block {
    std::uint64_t hash = 0;
    std::int32_t users = 0;
    std::uint32_t older = none, newer = none;  // idle blocks only
  };
  void leave_idle(std::uint32_t index);

  std::unordered_map<std::uint64_t, std::uint32_t> index_;  // looked up, never iterated
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t oldest_ = none, newest_ = none;
  std::int64_t used_ = 0, idle_ = 0;
};

}  // namespace jevons
