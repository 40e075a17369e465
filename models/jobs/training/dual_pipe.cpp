#include "models/jobs/training/dual_pipe.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "sim/ensure.h"

namespace jevons {

namespace {

// Near: chunk r, fed from this rank's own end. Far: chunk p-1-r, fed from the other end.
enum Chunk : std::size_t { near, far };

struct Op {
  std::optional<Chunk> forward, backward;
  double seconds = 0;
};

// The order in which rank r of `half` runs its ops.
std::vector<Op> ops_of(const DualPipeRank& x, int r, int half, int micro_batches) {
  std::vector<Op> ops;
  const auto forward = [&](Chunk c) { ops.push_back({c, {}, x.f}); };
  const auto backward = [&](Chunk c, bool whole) {
    ops.push_back({{}, c, x.b + (whole ? x.w : 0)});
  };
  const auto weights = [&] { ops.push_back({{}, {}, x.w}); };
  const auto both = [&](Chunk f, Chunk b) { ops.push_back({f, b, x.fb}); };
  const int outer = half - r - 1, inner = r + 1;
  for (int i = 0; i < 2 * outer; ++i) forward(near);
  for (int i = 0; i < inner; ++i) forward(near), forward(far);
  for (int i = 0; i < outer; ++i) backward(far, false), weights(), forward(far);
  for (int i = 0; i < micro_batches / 2 - 2 * half + inner; ++i) both(near, far), both(far, near);
  for (int i = 0; i < outer; ++i) backward(far, true), both(far, near);
  // The second half of these leaves its gradients of weights for the end.
  for (int i = 0; i < 2 * inner; ++i) backward(i % 2 == 0 ? far : near, i < inner);
  for (int i = 0; i < outer; ++i) weights(), backward(near, false);
  for (int i = 0; i < inner; ++i) weights();
  return ops;
}

class Rehearsal {
 public:
  Rehearsal(std::span<const DualPipeRank> ranks, int micro_batches, double send)
      : send_{send}, half_{ranks.size()}, ranks_(half_) {
    for (std::size_t r = 0; r < half_; ++r)
      ranks_[r].ops = ops_of(ranks[r], static_cast<int>(r), static_cast<int>(half_), micro_batches);
  }

  double run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t r = 0; r < half_; ++r)
        while (step(r)) moved = true;
    }
    double end = 0;
    for (const Rank& rank : ranks_) {
      ensure(rank.next == rank.ops.size(), "the order of a DualPipe has no deadlock");
      end = std::max(end, rank.now);
    }
    return end;
  }

 private:
  using Done = std::vector<double>;  // when each micro-batch was, in order
  struct Rank {
    std::vector<Op> ops;
    std::size_t next = 0;
    double now = 0;
    std::array<Done, 2> forward, backward;  // by chunk
  };

  // When the input of the i-th forward (backward) through a chunk is there; nothing: not yet known.
  // In the middle the neighbour is the own mirror, whose near chunk is the far one here.
  std::optional<double> forward_input(std::size_t r, Chunk c, std::size_t i) const {
    if (c == near) return r == 0 ? 0.0 : arrival(ranks_[r - 1].forward[near], i);
    return r + 1 < half_ ? arrival(ranks_[r + 1].forward[far], i)
                         : arrival(ranks_[r].forward[near], i);
  }
  std::optional<double> backward_input(std::size_t r, Chunk c, std::size_t i) const {
    if (c == far)
      return r == 0 ? at(ranks_[r].forward[far], i) : arrival(ranks_[r - 1].backward[far], i);
    return r + 1 < half_ ? arrival(ranks_[r + 1].backward[near], i)
                         : arrival(ranks_[r].backward[far], i);
  }
  static std::optional<double> at(const Done& done, std::size_t i) {
    return i < done.size() ? std::optional{done[i]} : std::nullopt;
  }
  std::optional<double> arrival(const Done& done, std::size_t i) const {
    return i < done.size() ? std::optional{done[i] + send_} : std::nullopt;
  }

  bool step(std::size_t r) {
    Rank& rank = ranks_[r];
    if (rank.next == rank.ops.size()) return false;
    const Op& op = rank.ops[rank.next];
    std::optional<double> f = 0.0, b = 0.0;
    if (op.forward) f = forward_input(r, *op.forward, rank.forward[*op.forward].size());
    if (op.backward) b = backward_input(r, *op.backward, rank.backward[*op.backward].size());
    if (!f || !b) return false;
    rank.now = std::max({rank.now, *f, *b}) + op.seconds;
    if (op.forward) rank.forward[*op.forward].push_back(rank.now);
    if (op.backward) rank.backward[*op.backward].push_back(rank.now);
    ++rank.next;
    return true;
  }

  double send_;
  std::size_t half_;
  std::vector<Rank> ranks_;
};

}  // namespace

double dual_pipe_seconds(std::span<const DualPipeRank> ranks, int micro_batches, double send) {
  return Rehearsal{ranks, micro_batches, send}.run();
}

DualPipeCounts dual_pipe_counts(int stages, int rank, int micro_batches) {
  const int half = stages / 2;
  const int alone = 3 * half - rank - 1;
  return {alone, 2 * half - rank - 1, micro_batches - alone};
}

}  // namespace jevons
