#include <algorithm>

#include "models/jobs/inference/decode_batch.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return -floor_div(-a, b);
}

std::int64_t origin_of(const DecodeState& s) {
  return s.start_grains - s.progress * s.joined_at;
}

}  // namespace

// Iterations are numbered from 1; a member that joined after iteration j is read with length
// start + progress x (i - j) by iteration i, that is origin + progress x i.
MacroDecodeBatch::MacroDecodeBatch(DecodeBatchShape shape)
    : shape_{shape}, residues_(static_cast<std::size_t>(shape.block_tokens), 0) {}

void MacroDecodeBatch::join(SlotId slot, SequencePool& pool) {
  DecodeState& state = pool[slot].decode;
  ensure(state.iterations >= 1, "a sequence joins the decode batch with tokens left to generate");
  state.joined_at = iteration_;
  due_.push_back({iteration_ + state.iterations, joined_++, slot});
  std::push_heap(due_.begin(), due_.end());
  enter(state);
  ++size_;
  if (!shape_.has_uniform_progress) {
    state.member = static_cast<std::uint32_t>(members_.size());
    members_.push_back({slot, origin_of(state), state.progress, state.shared_blocks});
  }
  if (shape_.window_tokens == 0) return;
  const std::int64_t window = shape_.window_tokens * grains_per_token;
  const std::int64_t origin = origin_of(state);
  // The first iteration i > joined_at with origin + progress x i >= window.
  const std::int64_t full_at =
      std::max(state.joined_at + 1, ceil_div(window - origin, state.progress));
  if (full_at == state.joined_at + 1) {
    window_origin_ += window;
  } else {
    window_origin_ += origin;
    window_progress_ += state.progress;
    crossings_.push_back({full_at, slot, origin, state.progress});
    std::push_heap(crossings_.begin(), crossings_.end());
  }
}

void MacroDecodeBatch::enter(const DecodeState& state) {
  const std::int64_t origin = origin_of(state);
  origin_ += origin;
  progress_ += state.progress;
  if (!shape_.counts_blocks || !shape_.has_uniform_progress) return;
  const std::int64_t tokens = origin / grains_per_token;  // whole: progress is whole tokens
  const std::int64_t whole = floor_div(tokens, shape_.block_tokens);
  block_base_ += whole - state.shared_blocks;
  ++residues_[static_cast<std::size_t>(tokens - whole * shape_.block_tokens)];
}

// The opposite of join, but for the heaps, which their callers mend.
void MacroDecodeBatch::remove(SlotId slot, SequencePool& pool) {
  const DecodeState& state = pool[slot].decode;
  const std::int64_t origin = origin_of(state);
  origin_ -= origin;
  progress_ -= state.progress;
  --size_;
  if (shape_.counts_blocks && shape_.has_uniform_progress) {
    const std::int64_t tokens = origin / grains_per_token;
    const std::int64_t whole = floor_div(tokens, shape_.block_tokens);
    block_base_ -= whole - state.shared_blocks;
    --residues_[static_cast<std::size_t>(tokens - whole * shape_.block_tokens)];
  }
  if (!shape_.has_uniform_progress) {
    members_[state.member] = members_.back();
    pool[members_[state.member].slot].decode.member = state.member;
    members_.pop_back();
  }
  if (shape_.window_tokens == 0) return;
  const auto crossing = std::find_if(crossings_.begin(), crossings_.end(),
                                     [slot](const Crossing& c) { return c.slot == slot; });
  if (crossing == crossings_.end()) {
    window_origin_ -= shape_.window_tokens * grains_per_token;
  } else {
    window_origin_ -= crossing->origin_grains;
    window_progress_ -= crossing->progress;
    *crossing = crossings_.back();
    crossings_.pop_back();
    std::make_heap(crossings_.begin(), crossings_.end());
  }
}

std::int64_t MacroDecodeBatch::leave(SlotId slot, SequencePool& pool) {
  const auto due =
      std::find_if(due_.begin(), due_.end(), [slot](const Due& d) { return d.slot == slot; });
  ensure(due != due_.end(), "a sequence that leaves the decode batch is in it");
  *due = due_.back();
  due_.pop_back();
  std::make_heap(due_.begin(), due_.end());
  remove(slot, pool);
  const DecodeState& state = pool[slot].decode;
  return state.progress * (iteration_ - state.joined_at);
}

KvRead MacroDecodeBatch::kv() const {
  return {origin_ + progress_ * (iteration_ + 1), progress_};
}

KvRead MacroDecodeBatch::window_kv() const {
  return {window_origin_ + window_progress_ * (iteration_ + 1), window_progress_};
}

std::int64_t MacroDecodeBatch::blocks_uniform(std::int64_t iteration) const {
  const std::int64_t block = shape_.block_tokens;
  const std::int64_t turns = floor_div(iteration, block);
  const auto phase = static_cast<std::size_t>(iteration - turns * block);
  // ceil((residue + iteration) / block) = turns + 1 for most, + 2 beyond a full block, + 0 at zero.
  std::int64_t blocks = block_base_ + size_ * (turns + 1);
  if (phase == 0) blocks -= residues_[0];
  for (std::size_t r = residues_.size() - phase + 1; r < residues_.size(); ++r)
    blocks += residues_[r];
  return blocks;
}

std::int64_t MacroDecodeBatch::blocks_by_member(std::int64_t iteration) const {
  std::int64_t blocks = 0;
  const std::int64_t block = shape_.block_tokens * grains_per_token;
  for (const Member& m : members_)
    blocks += ceil_div(m.origin_grains + m.progress * iteration, block) - m.shared_blocks;
  return blocks;
}

std::int64_t MacroDecodeBatch::blocks_after(std::int64_t iterations) const {
  if (!shape_.counts_blocks || size_ == 0) return 0;
  const std::int64_t iteration = iteration_ + iterations;
  return shape_.has_uniform_progress ? blocks_uniform(iteration) : blocks_by_member(iteration);
}

std::int64_t MacroDecodeBatch::iterations_within(std::int64_t limit, std::int64_t wanted) const {
  if (!shape_.counts_blocks || size_ == 0) return wanted;
  const std::int64_t block = shape_.block_tokens * grains_per_token;
  const std::int64_t now = blocks_after(0);
  // In n iterations a member enters at most ceil(progress x n / block) new blocks.
  if (now + size_ + progress_ * wanted / block <= limit) return wanted;
  if (!shape_.has_uniform_progress) {
    const std::int64_t safe = (limit - now - size_) * block / progress_;
    return std::clamp<std::int64_t>(safe, 1, wanted);
  }
  std::int64_t fits = 0;
  std::int64_t fails = wanted + 1;
  while (fails - fits > 1) {
    const std::int64_t middle = fits + (fails - fits) / 2;
    (blocks_after(middle) <= limit ? fits : fails) = middle;
  }
  return fits;
}

std::int64_t MacroDecodeBatch::until_completion() const {
  return due_.empty() ? never : due_.front().iteration - iteration_;
}

std::int64_t MacroDecodeBatch::until_window_change() const {
  // A span may end just before the iteration that reads a full window for the first time.
  return crossings_.empty() ? never : crossings_.front().iteration - iteration_ - 1;
}

void MacroDecodeBatch::advance(std::int64_t iterations) {
  iteration_ += iterations;
  ensure(due_.empty() || due_.front().iteration >= iteration_, "a span ends at a completion");
  cross_windows();
}

void MacroDecodeBatch::cross_windows() {
  while (!crossings_.empty() && crossings_.front().iteration <= iteration_ + 1) {
    const Crossing c = crossings_.front();
    ensure(c.iteration == iteration_ + 1, "a span ends where a window fills");
    std::pop_heap(crossings_.begin(), crossings_.end());
    crossings_.pop_back();
    window_origin_ += shape_.window_tokens * grains_per_token - c.origin_grains;
    window_progress_ -= c.progress;
  }
}

void MacroDecodeBatch::take_completed(std::vector<SlotId>& out, SequencePool& pool) {
  while (!due_.empty() && due_.front().iteration == iteration_) {
    const SlotId slot = due_.front().slot;
    std::pop_heap(due_.begin(), due_.end());
    due_.pop_back();
    remove(slot, pool);
    out.push_back(slot);
  }
}

}  // namespace jevons
