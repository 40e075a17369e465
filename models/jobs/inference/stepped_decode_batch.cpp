#include <algorithm>

#include "models/jobs/inference/decode_batch.h"
#include "sim/ensure.h"

namespace jevons {

void SteppedDecodeBatch::join(SlotId slot, SequencePool& pool) {
  const DecodeState& state = pool[slot].decode;
  members_.push_back(
      {slot, state.start_grains, 0, state.iterations, state.progress, state.shared_blocks});
}

std::int64_t SteppedDecodeBatch::leave(SlotId slot, SequencePool&) {
  const auto member = std::find_if(members_.begin(), members_.end(),
                                   [slot](const Member& m) { return m.slot == slot; });
  ensure(member != members_.end(), "a sequence that leaves the decode batch is in it");
  const std::int64_t gained = member->gained;
  members_.erase(member);
  return gained;
}

std::int64_t SteppedDecodeBatch::progress() const {
  std::int64_t sum = 0;
  for (const Member& m : members_) sum += m.progress;
  return sum;
}

KvRead SteppedDecodeBatch::kv() const {
  KvRead read;
  for (const Member& m : members_) read.first += m.grains + m.progress;
  return read;  // growth is never asked of the reference: its spans are one iteration long
}

KvRead SteppedDecodeBatch::window_kv() const {
  const std::int64_t window = shape_.window_tokens * grains_per_token;
  KvRead read;
  if (window == 0) return read;
  for (const Member& m : members_) read.first += std::min(m.grains + m.progress, window);
  return read;
}

std::int64_t SteppedDecodeBatch::blocks_after(std::int64_t iterations) const {
  if (!shape_.counts_blocks) return 0;
  const std::int64_t block = shape_.block_tokens * grains_per_token;
  std::int64_t blocks = 0;
  for (const Member& m : members_)
    blocks += (m.grains + iterations * m.progress + block - 1) / block - m.shared_blocks;
  return blocks;
}

std::int64_t SteppedDecodeBatch::iterations_within(std::int64_t limit, std::int64_t) const {
  return blocks_after(1) <= limit ? 1 : 0;
}

void SteppedDecodeBatch::advance(std::int64_t iterations) {
  ensure(iterations == 1, "the reference steps one iteration at a time");
  for (Member& m : members_) {
    m.grains += m.progress;
    m.gained += m.progress;
    --m.iterations_left;
  }
}

void SteppedDecodeBatch::take_completed(std::vector<SlotId>& out, SequencePool&) {
  for (const Member& m : members_)
    if (m.iterations_left == 0) out.push_back(m.slot);
  std::erase_if(members_, [](const Member& m) { return m.iterations_left == 0; });
}

}  // namespace jevons
