#pragma once
// The sequences that decode together, and what the next iterations will ask of the KV cache. Two
// implementations of one contract:
//
//   MacroDecodeBatch    answers in closed form for any number of iterations ahead: all sequences
//                       advance by their own fixed progress, so completion is a heap keyed by
//                       iteration index that never needs updating, and KV growth is a sum over
//                       residue classes of (length - iteration) modulo the block size.
//   SteppedDecodeBatch  keeps every sequence's length and walks over all of them; the reference.
//
// Both give the same integers; tests hold them to it.
#include <cstdint>
#include <vector>

#include "models/jobs/inference/sequence.h"

namespace jevons {

// Σ over members of the KV length that one iteration reads, in grains, and how it changes from one
// iteration to the next while no member crosses its window.
struct KvRead {
  std::int64_t first = 0;   // read by the next iteration
  std::int64_t growth = 0;  // added by each one after it
};

struct DecodeBatchShape {
  int block_tokens = 16;
  int window_tokens = 0;             // 0: no windowed layers
  bool has_uniform_progress = true;  // no speculation: everybody advances one token
  bool counts_blocks = true;  // false when a sequence's whole length is reserved at admission
};

inline constexpr std::int64_t never = INT64_MAX / 4;

class MacroDecodeBatch {
 public:
  explicit MacroDecodeBatch(DecodeBatchShape shape);

  int size() const { return size_; }
  // The slot's DecodeState must hold start_grains, progress, shared_blocks and iterations (>= 1).
  void join(SlotId slot, SequencePool& pool);
  // Takes a sequence out before it has finished; returns the grains it has gained since it joined.
  std::int64_t leave(SlotId slot, SequencePool& pool);

  // Grains that all members together gain per iteration.
  std::int64_t progress() const { return progress_; }
  KvRead kv() const;
  KvRead window_kv() const;
  // KV blocks held once `iterations` more have run.
  std::int64_t blocks_after(std::int64_t iterations) const;
  // The largest n <= wanted such that no iteration up to n holds more than `limit` blocks. May be
  // smaller than the largest possible one when progress is not uniform, but is >= 1 if 1 fits.
  std::int64_t iterations_within(std::int64_t limit, std::int64_t wanted) const;
  std::int64_t until_completion() const;
  // Iterations until the next one in which some member's window is full for the first time.
  std::int64_t until_window_change() const;
  void advance(std::int64_t iterations);
  // Appends the sequences whose last iteration has run, in the order in which they joined.
  void take_completed(std::vector<SlotId>& out, SequencePool& pool);

 private:
  struct Due {
    std::int64_t iteration;
    std::uint32_t order;
    SlotId slot;
    // Reversed, so that the standard heap keeps the earliest on top.
    bool operator<(const Due& o) const {
      return iteration != o.iteration ? iteration > o.iteration : order > o.order;
    }
  };
  struct Crossing {
    std::int64_t iteration;  // first iteration that reads a full window
    SlotId slot;
    std::int64_t origin_grains;  // length minus progress x iteration
    std::int32_t progress;
    bool operator<(const Crossing& o) const {
      return iteration != o.iteration ? iteration > o.iteration : slot > o.slot;
    }
  };
  struct Member {
    SlotId slot;
    std::int64_t origin_grains;  // length minus progress x iteration
    std::int32_t progress;
    std::int32_t shared_blocks;
  };

  void enter(const DecodeState& state);
  void remove(SlotId slot, SequencePool& pool);
  void cross_windows();
  std::int64_t blocks_uniform(std::int64_t iteration) const;
  std::int64_t blocks_by_member(std::int64_t iteration) const;

  DecodeBatchShape shape_;
  int size_ = 0;
  std::int64_t iteration_ = 0;
  std::uint32_t joined_ = 0;
  std::int64_t origin_ = 0;    // Σ (length - progress x iteration), grains
  std::int64_t progress_ = 0;  // Σ progress, grains per iteration
  std::int64_t window_origin_ = 0, window_progress_ = 0;
  std::int64_t block_base_ = 0;  // Σ floor(origin / block) - shared blocks
  std::vector<std::int32_t> residues_;
  std::vector<Due> due_;
  std::vector<Crossing> crossings_;
  std::vector<Member> members_;
};

class SteppedDecodeBatch {
 public:
  explicit SteppedDecodeBatch(DecodeBatchShape shape) : shape_{shape} {}

  int size() const { return static_cast<int>(members_.size()); }
  void join(SlotId slot, SequencePool& pool);
  std::int64_t leave(SlotId slot, SequencePool& pool);
  std::int64_t progress() const;
  KvRead kv() const;
  KvRead window_kv() const;
  std::int64_t blocks_after(std::int64_t iterations) const;
  std::int64_t iterations_within(std::int64_t limit, std::int64_t wanted) const;
  // The reference never looks ahead: one iteration at a time.
  std::int64_t until_completion() const { return members_.empty() ? never : 1; }
  std::int64_t until_window_change() const { return members_.empty() ? never : 1; }
  void advance(std::int64_t iterations);
  void take_completed(std::vector<SlotId>& out, SequencePool& pool);

 private:
  struct Member {
    SlotId slot;
    std::int64_t grains, gained;
    std::int64_t iterations_left;
    std::int32_t progress, shared_blocks;
  };
  std::int64_t window_grains(std::int64_t grains) const;

  DecodeBatchShape shape_;
  std::vector<Member> members_;
};

}  // namespace jevons
