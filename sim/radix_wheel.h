#pragma once
// The order of pending events: a radix heap over 64-bit times whose front is a short sorted run.
//
// Times are read as digits of six bits. An entry waits in the bucket of its highest digit that
// differs from `base_`; one word per level says which buckets hold something. When the front runs
// dry, the first bucket is either moved to it (few entries) or spread over the level below (many).
// An entry thus moves a few times in its life, about log64(n), and nothing has to be tuned to the
// distribution of times: gaps cost nothing, crowds are spread until they are single instants.
// Source of the idea: radix heap, Ahuja et al. 1990, doi:10.1145/77600.77615; lazily sorted front:
// ladder queue, Tang et al. 2005, doi:10.1145/1103323.1103324.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace jevons {

// What orders an event, and where its payload lies.
struct Pending {
  std::uint64_t when;   // ns, never negative
  std::uint64_t order;  // phase in the top 8 bits, sequence below: unique
  std::uint32_t slot;

  __extension__ using Wide = unsigned __int128;
  Wide key() const { return Wide{when} << 64 | order; }
  friend bool operator<(const Pending& a, const Pending& b) { return a.key() < b.key(); }
};

class RadixWheel {
 public:
  // `e.when` is not before the last entry popped.
  void push(Pending e);

  // Makes front() valid; false if nothing is pending. `will_need(slot)` hears of the entries that
  // come near, so that their payloads can be fetched from memory in time.
  template <class WillNeed>
  bool settle(WillNeed will_need) {
    if (head_ < near_.size()) [[likely]]
      return true;
    if (!refill()) return false;
    for (const Pending& e : near_) will_need(e.slot);
    return true;
  }
  [[nodiscard]] const Pending& front() const { return near_[head_]; }
  void pop_front();

  // Entries that memory is held for.
  [[nodiscard]] std::size_t room() const {
    return near_.capacity() + chunks_.capacity() * chunk_size;
  }

  // Every entry, in no particular order.
  [[nodiscard]] std::vector<Pending> entries() const;
  // Drops what is there and takes these instead; memory is given back.
  void assign(const std::vector<Pending>& entries);

 private:
  static constexpr unsigned digit_bits = 6, levels = 11, digits = 1U << digit_bits;
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr std::uint32_t chunk_size = 8;   // entries; a power of two
  static constexpr std::size_t gather_limit = 16;  // entries sorted at once
  static constexpr std::size_t near_limit = 64;    // entries; beyond it the front is spread again

  struct Chunk {
    std::array<Pending, chunk_size> items;
    std::uint32_t next;
  };
  struct Bucket {
    std::uint32_t chunk = none;  // the newest; older ones are full
    std::uint32_t size = 0;      // entries in all
  };

  void store(Pending e);
  std::uint32_t new_chunk(std::uint32_t next);
  Bucket take(unsigned level, unsigned digit);
  template <class Visit>
  void drain(Bucket bucket, Visit visit);
  bool refill();
  void gather(unsigned level);
  void push_crowded(Pending e);
  void drop_consumed();
  void spread_near();
  void pop_heap_front();

  // Start of bucket `digit` of `level`, given that all higher digits are those of `base_`.
  [[nodiscard]] std::uint64_t bucket_start(unsigned level, unsigned digit) const {
    const unsigned above = digit_bits * (level + 1);
    const std::uint64_t high = above < 64 ? base_ >> above << above : 0;
    return high | std::uint64_t{digit} << (digit_bits * level);
  }

  // All entries before `horizon_` are in the front; all others are in buckets relative to `base_`.
  std::uint64_t base_ = 0, horizon_ = 0;
  std::vector<Pending> near_;  // from head_ on: ascending, or a binary heap while is_heap_
  std::size_t head_ = 0;
  bool is_heap_ = false;
  std::uint32_t level_mask_ = 0;
  std::array<std::uint64_t, levels> digit_mask_{};
  std::array<std::array<Bucket, digits>, levels> buckets_{};
  std::vector<Chunk> chunks_;
  std::uint32_t free_chunk_ = none;
};

inline void RadixWheel::push(Pending e) {
  if (e.when >= horizon_) return store(e);
  if (is_heap_ || near_.size() - head_ >= near_limit) [[unlikely]]
    return push_crowded(e);
  if (near_.size() == near_.capacity()) [[unlikely]]
    drop_consumed();
  near_.push_back(e);
  std::size_t at = near_.size() - 1;
  for (; at > head_ && e < near_[at - 1]; --at) near_[at] = near_[at - 1];
  near_[at] = e;
}

inline void RadixWheel::pop_front() {
  if (is_heap_) [[unlikely]]
    return pop_heap_front();
  if (++head_ == near_.size()) {
    near_.clear();
    head_ = 0;
  }
}

inline void RadixWheel::store(Pending e) {
  const auto highest = static_cast<unsigned>(std::bit_width((e.when ^ base_) | 1)) - 1;
  const unsigned level = highest / digit_bits;
  const unsigned digit = (e.when >> (digit_bits * level)) & (digits - 1);
  Bucket& bucket = buckets_[level][digit];
  const std::uint32_t place = bucket.size % chunk_size;
  if (place == 0) bucket.chunk = new_chunk(bucket.chunk);
  chunks_[bucket.chunk].items[place] = e;
  ++bucket.size;
  digit_mask_[level] |= std::uint64_t{1} << digit;
  level_mask_ |= 1U << level;
}

inline std::uint32_t RadixWheel::new_chunk(std::uint32_t next) {
  std::uint32_t chunk = free_chunk_;
  if (chunk == none) {
    chunk = static_cast<std::uint32_t>(chunks_.size());
    chunks_.emplace_back();
  } else {
    free_chunk_ = chunks_[chunk].next;
  }
  chunks_[chunk].next = next;
  return chunk;
}

}  // namespace jevons
