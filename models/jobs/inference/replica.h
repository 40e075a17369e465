#pragma once
// One engine: ranks that run their iterations in lockstep, the femtosecond clock of those
// iterations, and the power of its GPUs. A span is a run of iterations without a decision in it;
// every span ends at a boundary, where the ranks decide anew.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "models/jobs/inference/iteration_costs.h"
#include "models/jobs/inference/progression.h"
#include "models/jobs/inference/rank.h"
#include "models/jobs/inference/serving_metrics.h"
#include "models/ledger/energy_ledger.h"

namespace jevons {

inline constexpr std::int64_t fs_per_ns = 1'000'000;

// The first nanosecond not before a femtosecond instant (>= 0). Long division by a constant in base
// 2^32: the compiler's own 128-bit division takes ten times as long, and every boundary needs one.
constexpr Instant ceil_to_ns(Int128 fs) {
  constexpr auto d = static_cast<std::uint64_t>(fs_per_ns);
  const Int128 up = fs + fs_per_ns - 1;
  const auto high = static_cast<std::uint64_t>(up >> 64);
  const auto low = static_cast<std::uint64_t>(up);
  const std::uint64_t middle = (high % d) << 32 | low >> 32;
  const std::uint64_t last = (middle % d) << 32 | (low & 0xffffffff);
  return Instant{Span{static_cast<std::int64_t>((middle / d << 32) + last / d)}};
}
constexpr Int128 to_fs(Instant t) {
  return Int128{t.time_since_epoch().count()} * fs_per_ns;
}

// Power of a replica outside of its kernels' dynamic energy, in milliwatts for all its GPUs.
struct ReplicaPower {
  std::int64_t busy_static_mw = 0, idle_mw = 0, host_mw = 0;
};

// What a replica touches of the system around it.
struct ServingContext {
  SequencePool& pool;
  IterationCosts& costs;
  ServingMetrics& metrics;
  EnergyLedger& ledger;
};

template <class Batch>
class Replica {
 public:
  Replica(const RankShape& shape, int ranks, ReplicaPower power, int meter);

  // The rank a new request should go to: the one with the fewest requests, lowest index first.
  int choose_rank() const;
  void enqueue(SlotId slot, int rank) { ranks_[index(rank)].enqueue(slot); }
  void arrive(SlotId slot, int rank) { ranks_[index(rank)].arrive(slot); }
  void release_held(SlotId slot, SequencePool& pool) {
    ranks_[index(pool[slot].held_rank)].release_held(slot, pool);
  }

  bool has_waiting() const {
    return std::any_of(ranks_.begin(), ranks_.end(), [](const auto& r) { return r.has_waiting(); });
  }
  bool is_running() const { return span_.iterations > 0; }
  // Decides and starts the next span at `at`; its end, or nothing when there is nothing to run.
  std::optional<Instant> begin(Instant at, ServingContext context, RankEvents& events);
  // Ends the span that is running, at its last boundary.
  void finish(ServingContext context, RankEvents& events);
  // A request is about to join the queue of `rank` while a span runs: the new end of that span if
  // the request may enter at an earlier boundary.
  std::optional<Instant> cut(Instant at, int rank);
  // The same for a sequence whose KV has arrived: it always enters at the next boundary.
  std::optional<Instant> cut(Instant at);

  // Books idle time up to `until`; for switching on and off and for the end of the run.
  void settle_idle(Int128 until_fs, EnergyLedger& ledger);
  void power_on(Instant at, EnergyLedger& ledger);
  void power_off(Instant at, EnergyLedger& ledger);

  const std::vector<Rank<Batch>>& ranks() const { return ranks_; }
  int meter() const { return meter_; }
  // Iterations of the running span that have ended by `at`.
  std::int64_t ended_by(Instant at) const;
  // KV blocks in use at `at`, by all ranks.
  std::int64_t used_blocks(Instant at) const;
  std::int64_t kv_blocks() const {
    return ranks_.front().shape().kv_blocks * static_cast<std::int64_t>(ranks_.size());
  }
  // Time with a span running, and decoding sequences x time, of the running span until `at`.
  std::pair<Int128, Int128> busy_time(Instant at) const {
    if (!is_running()) return {0, 0};
    const Int128 busy = std::max<Int128>(0, to_fs(at) - clock_fs_);
    return {busy, busy * span_.decodes};
  }
  // Records the latencies of iterations that have ended by `at`: the measured window opens or
  // closes.
  void settle_itl(Instant at, ServingMetrics& metrics);
  // What will have been consumed by `at` beyond what is booked; changes nothing.
  EnergyLedger::Posting unposted(Instant at, const EnergyLedger& ledger) const;
  // Tokens emitted by `at` in the running span.
  double emitted(Instant at) const {
    return static_cast<double>(span_.progress * ended_by(at)) / grains_per_token;
  }
  int decoding() const { return is_running() ? span_.decodes : 0; }
  int prefilling() const { return is_running() ? span_.prompts : 0; }

 private:
  struct Stretch {
    std::int64_t iterations = 0;
    bool is_pure = false;  // decode only: may hold many iterations and be cut
    Progression time;      // fs per iteration
    Progression dynamic;   // pJ per iteration, all GPUs
    std::int64_t prefill_pj = 0, prefill_fs = 0;  // share of a mixed iteration
    int decodes = 0, prompts = 0;
    std::int64_t prompt_tokens = 0, progress = 0;  // per iteration; progress in grains
  };
  // Attention of one rank over the coming iterations, at full clock.
  struct RankLine {
    std::array<AffineCost, 2> piece;  // full layers, windowed layers
    std::array<KvRead, 2> read;
    int pieces = 0;
    Cost prefill = no_cost;
    std::int64_t limit = never;  // iterations for which the pieces hold
    Progression time, energy;    // at the clock of the span
  };
  struct Tally {
    int all_tokens = 0, most_tokens = 0, most_sampled = 0, most_decodes = 0, most_sequences = 0;
  };

  static std::size_t index(int rank) { return static_cast<std::size_t>(rank); }
  RankLine line_of(const Rank<Batch>& rank, IterationCosts& costs) const;
  Tally count();
  void price_span(IterationCosts& costs);
  Cost shared_cost(const Tally& t, IterationCosts& costs) const;
  Clock clock_of_span(const Cost& shared, const IterationCosts& costs) const;
  void lay_lines(const Clock& clock, std::int64_t& limit);
  void split_mixed(const Cost& shared, const Clock& clock, std::int64_t all_tokens);
  Instant end_of_span() const;
  void post_span(Int128 end, EnergyLedger& ledger) const;

  std::vector<Rank<Batch>> ranks_;
  std::vector<RankLine> lines_;
  ReplicaPower power_;
  int meter_;
  bool is_on_ = true;
  Int128 clock_fs_ = 0;  // start of the running span
  Stretch span_;
  std::int64_t itl_recorded_ = 0;  // iterations of the span whose latency has been dealt with
};

}  // namespace jevons
