#include "models/jobs/inference/rank.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

template <class Batch>
Rank<Batch>::Rank(const RankShape& shape)
    : shape_{shape},
      decodes_{DecodeBatchShape{.block_tokens = shape.block_tokens,
                                .window_tokens = shape.window_tokens,
                                .has_uniform_progress = shape.has_uniform_progress,
                                .counts_blocks = shape.admission == Admission::prompt}},
      hash_blocks_{std::max(1, shape.prefix_block_tokens / shape.block_tokens)} {}

template <class Batch>
std::int64_t Rank<Batch>::extra_blocks(const Sequence& s) const {
  const double windowed = shape_.window_blocks_per_token *
                          std::min(shape_.window_tokens, s.prompt_tokens + s.output_tokens);
  std::int64_t blocks = std::llround(std::ceil(shape_.fixed_blocks + windowed));
  if (shape_.admission == Admission::whole)
    blocks += blocks_for(s.prompt_tokens + s.output_tokens) - blocks_for(s.prefill_target);
  return blocks;
}

template <class Batch>
bool Rank<Batch>::can_hold(std::int64_t prompt, std::int64_t output) const {
  Sequence s;
  s.prompt_tokens = static_cast<std::int32_t>(prompt);
  s.output_tokens = static_cast<std::int32_t>(output);
  s.prefill_target = s.prompt_tokens + s.output_tokens;
  return blocks_for(prompt + output) + extra_blocks(s) <= shape_.kv_blocks;
}

template <class Batch>
void Rank<Batch>::plan(Instant at, SequencePool& pool, RankEvents& events) {
  for (const SlotId slot : arrived_) join_decodes(slot, pool);
  arrived_.clear();
  chunks_.clear();
  prompt_tokens_ = 0;
  finishing_ = 0;
  has_preempted_ = false;
  while (used_by_next() > shape_.kv_blocks && latest_ != no_slot) {
    preempt_latest(pool);
    has_preempted_ = true;
  }
  int budget = shape_.max_batched_tokens - decodes_.size() * shape_.tokens_per_sequence;
  for (const SlotId slot : prefilling_) {
    if (budget <= 0) break;
    add_chunk(slot, budget, pool);
  }
  // Whoever was just preempted heads the queue and must not take its own blocks back at once.
  if (has_preempted_ && is_busy()) return;
  while (!waiting_.empty() && sequences_ < shape_.max_sequences &&
         admit_head(at, budget, pool, events)) {
  }
}

template <class Batch>
bool Rank<Batch>::fits(std::int64_t blocks) const {
  const std::int64_t kept = sequences_ > 0 ? shape_.watermark_blocks : 0;
  return used_by_next() + blocks + kept <= shape_.kv_blocks;
}

// Whether `tokens` of a prompt may start in an iteration with this much budget left.
template <class Batch>
bool Rank<Batch>::has_budget(int tokens, int budget) const {
  if (budget <= 0) return false;
  if (shape_.chunked_prefill || tokens <= budget) return true;
  return tokens > shape_.max_batched_tokens && chunks_.empty();  // never fits: goes alone
}

template <class Batch>
bool Rank<Batch>::admit_head(Instant at, int& budget, SequencePool& pool, RankEvents& events) {
  const SlotId slot = waiting_.front();
  Sequence& s = pool[slot];
  s.prefill_target = s.prompt_tokens + (s.kv_is_elsewhere ? 0 : s.emitted_tokens);
  if (!s.kv_is_elsewhere && !has_budget(s.prefill_target, budget)) return false;
  const std::int64_t blocks = blocks_for(s.prefill_target) + extra_blocks(s);
  std::int64_t shared = 0;
  if (shape_.prefix_cache && !s.kv_is_elsewhere) {
    const auto& hashes = pool.prefix(slot);
    shared = cache_.in_use(hashes, cache_.match(hashes)) * hash_blocks_;
  }
  if (!fits(blocks - shared)) return false;
  waiting_.pop_front();
  ++sequences_;
  s.reserved_blocks = static_cast<std::int32_t>(blocks);
  reserved_ += blocks;
  if (s.kv_is_elsewhere) {
    events.fetched.push_back(slot);
    return true;
  }
  if (shape_.prefix_cache) take_prefix(slot, pool);
  if (!s.was_scheduled) s.first_scheduled = at;
  s.was_scheduled = true;
  prefilling_.push_back(slot);
  link(slot, pool);
  add_chunk(slot, budget, pool);
  return true;
}

// Blocks found in the cache are counted there, not with the sequence.
template <class Batch>
void Rank<Batch>::take_prefix(SlotId slot, SequencePool& pool) {
  Sequence& s = pool[slot];
  make_room_in_cache();
  const auto& hashes = pool.prefix(slot);
  s.prefill_done = 0;
  const int tokens_per_hash = static_cast<int>(hash_blocks_) * shape_.block_tokens;
  // The last token of a prompt is always computed: its logits are needed.
  const int most = (s.prefill_target - 1) / tokens_per_hash;
  const int held = std::min(cache_.match(hashes), most);
  for (int i = 0; i < held; ++i) cache_.acquire(hashes[static_cast<std::size_t>(i)]);
  s.prefill_done = held * tokens_per_hash;
  if (!s.was_scheduled) s.cached_tokens = s.prefill_done;
  s.shared_blocks = static_cast<std::int32_t>(held * hash_blocks_);
  s.reserved_blocks -= s.shared_blocks;
  reserved_ -= s.shared_blocks;
}

// After its prefill, every full prefix block of a prompt can serve others.
template <class Batch>
void Rank<Batch>::share_prefix(SlotId slot, SequencePool& pool) {
  Sequence& s = pool[slot];
  const auto& hashes = pool.prefix(slot);
  const auto first = static_cast<std::size_t>(s.shared_blocks / hash_blocks_);
  for (std::size_t i = first; i < hashes.size(); ++i) cache_.insert(hashes[i]);
  const auto more = static_cast<std::int32_t>(
      (static_cast<std::int64_t>(hashes.size()) - static_cast<std::int64_t>(first)) * hash_blocks_);
  s.shared_blocks += more;
  s.reserved_blocks -= more;
  reserved_ -= more;
}

// Idle blocks give way to those in use. Done when something else changes too, never in the middle
// of a span, so that it happens at the same moments however the span is stepped.
template <class Batch>
void Rank<Batch>::make_room_in_cache() {
  const std::int64_t room = shape_.kv_blocks - used_by_next();
  cache_.trim(std::max<std::int64_t>(0, room) / hash_blocks_);
}

template <class Batch>
void Rank<Batch>::add_chunk(SlotId slot, int& budget, SequencePool& pool) {
  Sequence& s = pool[slot];
  const int left = s.prefill_target - s.prefill_done;
  const int tokens = shape_.chunked_prefill ? std::min(left, budget) : left;
  chunks_.push_back({slot, tokens, s.prefill_done});
  prompt_tokens_ += tokens;
  budget -= tokens;
  if (tokens == left) ++finishing_;
}

template <class Batch>
void Rank<Batch>::preempt_latest(SequencePool& pool) {
  const SlotId slot = latest_;
  Sequence& s = pool[slot];
  const auto prompt = std::find(prefilling_.begin(), prefilling_.end(), slot);
  if (prompt != prefilling_.end())
    prefilling_.erase(prompt);
  else
    s.emitted_tokens += static_cast<std::int32_t>(decodes_.leave(slot, pool) / grains_per_token);
  s.prefill_done = 0;
  ++s.preemptions;
  ++preemptions_;
  retire(slot, pool);
  waiting_.push_front(slot);
}

// Gives back all that a sequence holds here.
template <class Batch>
void Rank<Batch>::retire(SlotId slot, SequencePool& pool) {
  Sequence& s = pool[slot];
  release_blocks(slot, s.shared_blocks, pool);
  reserved_ -= s.reserved_blocks;
  s.reserved_blocks = s.shared_blocks = 0;
  --sequences_;
  unlink(slot, pool);
}

// Last block first, so that the start of a prefix, which more prompts share, is dropped last.
template <class Batch>
void Rank<Batch>::release_blocks(SlotId slot, std::int64_t shared_blocks, SequencePool& pool) {
  const auto& hashes = pool.prefix(slot);
  for (auto i = shared_blocks / hash_blocks_; i > 0; --i)
    cache_.release(hashes[static_cast<std::size_t>(i - 1)]);
}

template <class Batch>
void Rank<Batch>::finish(std::int64_t iterations, SequencePool& pool, RankEvents& events) {
  if (decodes_.size() > 0) {
    decodes_.advance(iterations);
    peak_blocks_ = std::max(peak_blocks_, used_blocks_after(0));
    completed_.clear();
    decodes_.take_completed(completed_, pool);
    if (!completed_.empty() && shape_.prefix_cache) make_room_in_cache();
    for (const SlotId slot : completed_) {
      pool[slot].emitted_tokens = pool[slot].output_tokens;
      retire(slot, pool);
      events.completed.push_back(slot);
    }
  }
  for (const PromptChunk& chunk : chunks_) {
    Sequence& s = pool[chunk.slot];
    s.prefill_done += chunk.tokens;
    if (s.prefill_done == s.prefill_target) end_prompt(chunk.slot, pool, events);
  }
  chunks_.clear();
}

template <class Batch>
void Rank<Batch>::end_prompt(SlotId slot, SequencePool& pool, RankEvents& events) {
  Sequence& s = pool[slot];
  prefilling_.erase(std::find(prefilling_.begin(), prefilling_.end(), slot));
  if (shape_.prefix_cache) share_prefix(slot, pool);
  ++s.emitted_tokens;
  if (!s.has_first_token) {
    s.has_first_token = true;
    events.first.push_back(slot);
  }
  if (s.emitted_tokens >= s.output_tokens) {
    retire(slot, pool);
    events.completed.push_back(slot);
  } else if (shape_.role == Role::prefill) {
    s.kv_is_elsewhere = true;
    s.held_blocks = s.reserved_blocks;
    s.held_shared_blocks = s.shared_blocks;
    s.held_rank = s.rank;
    s.reserved_blocks = s.shared_blocks = 0;
    unlink(slot, pool);
    events.handed_off.push_back(slot);
  } else {
    join_decodes(slot, pool);
  }
}

template <class Batch>
void Rank<Batch>::join_decodes(SlotId slot, SequencePool& pool) {
  Sequence& s = pool[slot];
  if (s.kv_is_elsewhere) {
    s.kv_is_elsewhere = false;
    link(slot, pool);
  }
  if (shape_.admission == Admission::prompt) {
    // The decode batch counts the blocks of the growing context from here on.
    const auto own = static_cast<std::int32_t>(blocks_for(s.prefill_target)) - s.shared_blocks;
    s.reserved_blocks -= own;
    reserved_ -= own;
  }
  const std::int64_t left = (s.output_tokens - s.emitted_tokens) * grains_per_token;
  s.decode = {.joined_at = 0,
              .start_grains = s.prefill_target * grains_per_token,
              .progress = s.progress,
              .shared_blocks = s.shared_blocks,
              .iterations = (left + s.progress - 1) / s.progress,
              .member = 0};
  decodes_.join(slot, pool);
}

template <class Batch>
void Rank<Batch>::release_held(SlotId slot, SequencePool& pool) {
  Sequence& s = pool[slot];
  if (shape_.prefix_cache) make_room_in_cache();
  release_blocks(slot, s.held_shared_blocks, pool);
  reserved_ -= s.held_blocks;
  s.held_blocks = s.held_shared_blocks = 0;
  --sequences_;
}

template <class Batch>
std::int64_t Rank<Batch>::span_limit() const {
  if (!chunks_.empty()) return 1;
  if (decodes_.size() == 0) return never;
  // After a preemption the queue may move at once; otherwise nothing changes before a sequence
  // completes, a window fills or the KV cache is full.
  if (has_preempted_) return 1;
  const std::int64_t n = std::min(decodes_.until_completion(), decodes_.until_window_change());
  const std::int64_t room = shape_.kv_blocks - reserved_ - cached_blocks();
  return std::max<std::int64_t>(1, decodes_.iterations_within(room, n));
}

// Running sequences form a list in order of admission, so that the latest can be preempted.
template <class Batch>
void Rank<Batch>::link(SlotId slot, SequencePool& pool) {
  pool[slot].before = latest_;
  pool[slot].after = no_slot;
  if (latest_ != no_slot) pool[latest_].after = slot;
  latest_ = slot;
}

template <class Batch>
void Rank<Batch>::unlink(SlotId slot, SequencePool& pool) {
  Sequence& s = pool[slot];
  if (s.before == no_slot && s.after == no_slot && latest_ != slot) return;  // was never linked
  if (s.before != no_slot) pool[s.before].after = s.after;
  if (s.after != no_slot)
    pool[s.after].before = s.before;
  else
    latest_ = s.before;
  s.before = s.after = no_slot;
}

template class Rank<MacroDecodeBatch>;
template class Rank<SteppedDecodeBatch>;

}  // namespace jevons
