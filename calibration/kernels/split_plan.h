#pragma once
// How decode attention cuts long caches: each piece is one block's work, and partial results are
// merged. Plain arithmetic.
#include <algorithm>
#include <cstdint>

namespace jevons::calibration {

struct SplitPlan {
  int splits = 1;
  std::int64_t length = 0;  // keys of every piece but the last, a multiple of the key block
};

// The number of pieces with which `groups` x pieces blocks fill `slots` (blocks that run at once)
// with the least waiting for the last round. Pieces have at least `least` keys: shorter ones cost
// more to merge than they save.
inline SplitPlan plan_splits(std::int64_t groups, std::int64_t keys, std::int64_t slots,
                             std::int64_t key_block, std::int64_t least) {
  const std::int64_t most = std::clamp<std::int64_t>(keys / least, 1, 128);
  std::int64_t best = 1;
  const auto rounds = [&](std::int64_t splits) { return (groups * splits + slots - 1) / slots; };
  for (std::int64_t s = 2; s <= most; ++s)
    if (rounds(s) * best < rounds(best) * s) best = s;  // rounds(s) / s: time of all rounds
  const std::int64_t even = (keys + best - 1) / best;
  SplitPlan plan;
  plan.length = (even + key_block - 1) / key_block * key_block;
  plan.splits = static_cast<int>((keys + plan.length - 1) / plan.length);
  return plan;
}

}  // namespace jevons::calibration
