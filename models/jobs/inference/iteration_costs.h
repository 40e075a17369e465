#pragma once
// Time and energy of one engine iteration in integers, so that n iterations at once and n
// iterations one by one give the same femtosecond and the same picojoule.
//
// The parts of an iteration depend on little and are computed once each: dense layers on the tokens
// of a DP rank, experts on the tokens of all ranks, the output matrix on the sequences. Decode
// attention is piecewise affine in the KV tokens read, with a piece per half octave: the line
// through the kernel model's values at the two ends. Prefill attention is evaluated for each chunk.
#include <cstdint>
#include <vector>

#include "models/jobs/inference/engine_config.h"
#include "models/jobs/inference/sequence.h"
#include "models/llm/kernel_cost.h"
#include "models/llm/kernel_energy.h"
#include "models/llm/layer_kernels.h"
#include "sim/int128.h"

namespace jevons {

// Time and dynamic energy at full clock. At clock f the time grows by clock_fs (1/f - 1) and
// arithmetic takes v(f)^2 clock_pj.
struct Cost {
  std::int64_t fs = -1;  // femtoseconds
  std::int64_t clock_fs = 0;
  std::int64_t pj = 0;  // picojoules of all GPUs that take part, without those of arithmetic
  std::int64_t clock_pj = 0;
  Cost& operator+=(const Cost& o) {
    fs += o.fs;
    clock_fs += o.clock_fs;
    pj += o.pj;
    clock_pj += o.clock_pj;
    return *this;
  }
};
inline constexpr Cost no_cost{0, 0, 0, 0};

// Cost as a function of the KV read x (grains), valid for begin <= x < end.
struct AffineCost {
  std::int64_t begin = 0, end = 0;
  Cost base = no_cost, per_grain = no_cost;
  Cost at(std::int64_t grains) const {
    return {base.fs + per_grain.fs * grains, base.clock_fs + per_grain.clock_fs * grains,
            base.pj + per_grain.pj * grains, base.clock_pj + per_grain.clock_pj * grains};
  }
};

// The clock of a span, as factors in 2^20ths, so that what it scales stays integer and affine.
struct Clock {
  std::int64_t slowdown = 0;          // 1/f - 1
  std::int64_t arithmetic = 1 << 20;  // v(f)^2
  std::int64_t time_of(const Cost& c) const { return c.fs + scaled(c.clock_fs, slowdown); }
  std::int64_t energy_of(const Cost& c) const { return c.pj + scaled(c.clock_pj, arithmetic); }

 private:
  static std::int64_t scaled(std::int64_t x, std::int64_t factor) {
    return static_cast<std::int64_t>((Int128{x} * factor) >> 20);
  }
};

struct HardwareProfile {
  ChipProfile time;
  ChipEnergy energy;
};

class IterationCosts {
 public:
  IterationCosts(ServedModel model, HardwareProfile hardware, const EngineConfig& engine);

  Cost dense(int rank_tokens);
  // Of all ranks together; `all_tokens` is their sum.
  Cost expert(int all_tokens);
  Cost head(int sequences);
  Cost draft(int sequences);
  Cost host(int sequences) const;
  AffineCost decode_attention(int batch, std::int64_t grains);
  AffineCost window_attention(int batch, std::int64_t grains);
  // Chunks of one iteration run as one kernel: all but the first are charged without its launch.
  Cost prefill_attention(int chunk, int prefix, bool is_first);

  const ServedModel& model() const { return model_; }
  const HardwareProfile& hardware() const { return hardware_; }
  // The clock at which one GPU of `gpus` runs an iteration of this cost, under its own limit and
  // the engine's power cap.
  Clock clock_for(const Cost& iteration, int gpus) const;
  // New tokens that one decoding sequence puts through the layers per iteration.
  int tokens_per_sequence() const { return queries_; }
  bool has_windows() const { return model_.card.attention.windowed_layers > 0; }
  bool has_experts() const { return model_.card.moe.has_value(); }

 private:
  using Pieces = std::vector<std::vector<AffineCost>>;
  Cost price(const KernelList& kernels, double gpus) const;
  template <class List>
  AffineCost piece(Pieces& pieces, int batch, std::int64_t grains, List&& kernels) const;

  ServedModel model_;
  HardwareProfile hardware_;
  int queries_ = 1;
  Cost prefill_launch_ = no_cost;
  double draft_share_ = 0;  // of one pass
  bool is_capped_ = false;  // below the board's own limit
  double cap_watts_ = 0;
  std::int64_t host_fs_ = 0, host_fs_per_sequence_ = 0;
  std::vector<Cost> dense_, expert_, head_, draft_, whole_prompt_;
  Pieces decode_, window_;
};

// The half octave of x >= 1: [2^k, 1.5 x 2^k) or [1.5 x 2^k, 2^(k+1)).
int half_octave(std::int64_t x);
std::int64_t half_octave_begin(int index);

}  // namespace jevons
