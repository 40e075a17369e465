#pragma once
// The scheduler of one data-parallel rank: its queue, its KV cache, its prompts in progress and its
// decode batch. An engine without data-parallel attention has one rank. The rank knows no time; the
// replica asks it at iteration boundaries what to run next.
#include <cstdint>
#include <deque>
#include <vector>

#include "models/jobs/inference/decode_batch.h"
#include "models/jobs/inference/engine_config.h"
#include "models/jobs/inference/prefix_cache.h"
#include "models/jobs/inference/sequence.h"

namespace jevons {

enum class Role { whole, prefill, decode };

// What a rank is, in the units it works in.
struct RankShape {
  Role role = Role::whole;
  std::int64_t kv_blocks = 0;
  int block_tokens = 16;
  int max_sequences = 256;
  int max_batched_tokens = 8192;
  int tokens_per_sequence = 1;  // new tokens of a decoding sequence per iteration
  bool chunked_prefill = true;
  bool prefix_cache = false;
  int prefix_block_tokens = 512;  // tokens one prefix hash stands for
  Admission admission = Admission::prompt;
  std::int64_t watermark_blocks = 0;
  int window_tokens = 0;
  bool has_uniform_progress = true;
  // KV of windowed layers and linear-attention state, as blocks of the full layers' size: a fixed
  // part and one that grows until the window is full.
  double fixed_blocks = 0, window_blocks_per_token = 0;
};

// A piece of a prompt that the next iteration computes.
struct PromptChunk {
  SlotId slot = no_slot;
  int tokens = 0;
  int prefix = 0;  // tokens already in the KV cache
};

// What happened at a boundary, for the replica and the system to act on.
struct RankEvents {
  std::vector<SlotId> completed;   // generated their last token
  std::vector<SlotId> first;       // emitted their first token
  std::vector<SlotId> handed_off;  // prefilled; their KV must travel
  std::vector<SlotId> fetched;     // have room now; their transfer may start
  void clear() {
    completed.clear();
    first.clear();
    handed_off.clear();
    fetched.clear();
  }
};

template <class Batch>
class Rank {
 public:
  explicit Rank(const RankShape& shape);

  // Largest sequence (prompt + output) that could ever run here alone.
  bool can_hold(std::int64_t prompt, std::int64_t output) const;

  void enqueue(SlotId slot) { waiting_.push_back(slot); }
  // A transfer has ended: the sequence joins at the next boundary.
  void arrive(SlotId slot) { arrived_.push_back(slot); }
  // The KV of a handed-off sequence has been fetched.
  void release_held(SlotId slot, SequencePool& pool);

  // Decides what the next iteration computes. `at` is stamped on sequences that enter.
  void plan(Instant at, SequencePool& pool, RankEvents& events);
  // The iterations that were planned have run.
  void finish(std::int64_t iterations, SequencePool& pool, RankEvents& events);

  const std::vector<PromptChunk>& chunks() const { return chunks_; }
  const Batch& decodes() const { return decodes_; }
  int prompt_tokens() const { return prompt_tokens_; }
  int new_tokens() const { return prompt_tokens_ + decodes_.size() * shape_.tokens_per_sequence; }
  // Sequences whose next token this iteration computes.
  int sampled() const { return decodes_.size() + finishing_; }
  bool is_busy() const { return decodes_.size() > 0 || !chunks_.empty(); }
  // How many iterations like the next one can follow each other without a decision.
  std::int64_t span_limit() const;
  // Could a request that arrives now enter at the next boundary? Not if others wait before it.
  bool may_admit_newcomer() const { return waiting_.empty() && sequences_ < shape_.max_sequences; }
  bool has_waiting() const { return !waiting_.empty() || !arrived_.empty(); }
  std::size_t waiting() const { return waiting_.size(); }
  int running() const { return sequences_; }
  // KV blocks in use once `iterations` more have run.
  std::int64_t used_blocks_after(std::int64_t iterations) const {
    return reserved_ + cached_blocks() + decodes_.blocks_after(iterations);
  }
  std::int64_t preemptions() const { return preemptions_; }
  double peak_kv_share() const {
    return static_cast<double>(peak_blocks_) / static_cast<double>(shape_.kv_blocks);
  }
  std::int64_t idle_cached_blocks() const { return cache_.idle_blocks() * hash_blocks_; }
  const RankShape& shape() const { return shape_; }
  // Full prefix blocks of this prompt that are in the cache.
  int cached_prefix(std::span<const std::uint64_t> hashes) const { return cache_.match(hashes); }

 private:
  std::int64_t blocks_for(std::int64_t tokens) const {
    return (tokens + shape_.block_tokens - 1) / shape_.block_tokens;
  }
  std::int64_t extra_blocks(const Sequence& s) const;
  std::int64_t cached_blocks() const { return cache_.used_blocks() * hash_blocks_; }
  std::int64_t used_by_next() const {
    return reserved_ + cached_blocks() + decodes_.blocks_after(1);
  }
  bool has_budget(int tokens, int budget) const;
  bool admit_head(Instant at, int& budget, SequencePool& pool, RankEvents& events);
  bool fits(std::int64_t blocks) const;
  void take_prefix(SlotId slot, SequencePool& pool);
  void share_prefix(SlotId slot, SequencePool& pool);
  void make_room_in_cache();
  void add_chunk(SlotId slot, int& budget, SequencePool& pool);
  void preempt_latest(SequencePool& pool);
  void end_prompt(SlotId slot, SequencePool& pool, RankEvents& events);
  void join_decodes(SlotId slot, SequencePool& pool);
  void retire(SlotId slot, SequencePool& pool);
  void release_blocks(SlotId slot, std::int64_t shared_blocks, SequencePool& pool);
  void link(SlotId slot, SequencePool& pool);
  void unlink(SlotId slot, SequencePool& pool);

  RankShape shape_;
  Batch decodes_;
  PrefixCache cache_;
  std::int64_t hash_blocks_ = 1;  // KV blocks in one prefix block
  std::deque<SlotId> waiting_;
  std::vector<SlotId> arrived_;
  std::vector<SlotId> prefilling_;
  std::vector<PromptChunk> chunks_;
  std::vector<SlotId> completed_;
  SlotId latest_ = no_slot;  // last admitted of those that run
  int sequences_ = 0;        // admitted and not finished, transfers under way included
  int prompt_tokens_ = 0, finishing_ = 0;
  std::int64_t reserved_ = 0;  // KV blocks of prompts, held and incoming sequences, fixed parts
  std::int64_t preemptions_ = 0, peak_blocks_ = 0;
  bool has_preempted_ = false;  // at the last boundary
};

}  // namespace jevons
