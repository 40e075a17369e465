#pragma once
// One request inside an engine: what has been computed of it and when. Plain values, reused slots.
#include <cstdint>
#include <vector>

#include "sim/time.h"

namespace jevons {

using SlotId = std::uint32_t;
inline constexpr SlotId no_slot = 0xffffffff;

// Lengths are counted in sixteenths of a token, so that speculative progress stays an integer.
inline constexpr std::int64_t grains_per_token = 16;

// Where a sequence stands in the decode batch it has joined.
struct DecodeState {
  std::int64_t joined_at = 0;                // iteration index of the engine at joining
  std::int64_t start_grains = 0;             // KV length when it joined
  std::int32_t progress = grains_per_token;  // grains it advances per iteration
  std::int32_t shared_blocks = 0;            // of its KV, those held through the prefix cache
  std::int64_t iterations = 0;               // from joining to its last token
  std::uint32_t member = 0;                  // place in the batch's member list, where kept
};

struct Sequence {
  std::int64_t id = 0;  // 0, 1, 2 ... in order of arrival
  Instant arrival{}, first_scheduled{}, first_token{};
  std::int32_t prompt_tokens = 0, output_tokens = 0, thinking_tokens = 0;
  std::int32_t cached_tokens = 0;   // of the prompt, found in the prefix cache at first admission
  std::int32_t prefill_done = 0;    // tokens of the current prefill already in the KV cache
  std::int32_t prefill_target = 0;  // prompt, and after a preemption what had been generated
  std::int32_t emitted_tokens = 0;  // output tokens sent so far, exact while not decoding
  std::int32_t preemptions = 0;
  std::int32_t shared_blocks = 0;    // KV blocks referenced through the prefix cache
  std::int32_t reserved_blocks = 0;  // KV blocks held outside the decode batch's count
  std::int32_t progress = grains_per_token;
  std::int32_t prefill_replica = -1, decode_replica = -1;
  std::int32_t rank = 0;
  // What the prefill replica keeps until the KV has been fetched.
  std::int32_t held_blocks = 0, held_shared_blocks = 0, held_rank = 0;
  bool was_scheduled = false;
  bool has_first_token = false;
  bool kv_is_elsewhere = false;  // its KV waits at the prefill replica and must be transferred
  SlotId before = no_slot, after = no_slot;  // neighbours in order of admission
  DecodeState decode;
};

// All sequences of a simulation; slots are reused, so memory follows those in flight.
class SequencePool {
 public:
  SlotId take() {
    ++live_;
    if (!free_.empty()) {
      const SlotId slot = free_.back();
      free_.pop_back();
      slots_[slot] = Sequence{};
      return slot;
    }
    slots_.emplace_back();
    prefix_.emplace_back();
    return static_cast<SlotId>(slots_.size() - 1);
  }
  void give_back(SlotId slot) {
    prefix_[slot].clear();
    free_.push_back(slot);
    --live_;
  }
  Sequence& operator[](SlotId slot) { return slots_[slot]; }
  const Sequence& operator[](SlotId slot) const { return slots_[slot]; }
  // Hashes of the full prefix blocks of the prompt; empty when unknown.
  std::vector<std::uint64_t>& prefix(SlotId slot) { return prefix_[slot]; }
  const std::vector<std::uint64_t>& prefix(SlotId slot) const { return prefix_[slot]; }
  std::int64_t live() const { return live_; }

 private:
  std::vector<Sequence> slots_;
  std::vector<std::vector<std::uint64_t>> prefix_;
  std::vector<SlotId> free_;
  std::int64_t live_ = 0;
};

}  // namespace jevons
