#include "models/jobs/inference/iteration_costs.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

std::int64_t to_fs(double seconds) {
  return std::llround(seconds * 1e15);
}
std::int64_t to_pj(double joules) {
  return std::llround(joules * 1e12);
}

Cost& slot(std::vector<Cost>& table, int index) {
  const auto i = static_cast<std::size_t>(index);
  if (i >= table.size()) table.resize(std::max(i + 1, table.size() * 2));
  return table[i];
}

// A pipeline keeps as many micro-batches in flight as it has stages, if there are sequences enough;
// a micro-batch passes all stages while each of the others does the same one stage behind.
int micro_batches(const Parallelism& p, int sequences) {
  return std::clamp(sequences, 1, p.pp);
}

// Time that a kernel takes at half clock beyond that at full clock, relative to the latter: what
// one unit of 1/f - 1 adds.
double clock_share(const ChipProfile& profile, const Kernel& kernel) {
  const auto kind = static_cast<std::size_t>(kind_of(kernel));
  const Roofline& law = profile.costs[kind][static_cast<std::size_t>(precision_of(kernel))].base;
  Roofline slow = law;
  slow.flop_rate *= 0.5;
  const KernelShape shape = shape_of(kernel, law.tile);
  return roofline_time(slow, shape) / roofline_time(law, shape) - 1;
}

}  // namespace

int half_octave(std::int64_t x) {
  const int k = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(x))) - 1;
  if (k == 0) return 0;
  return 2 * k + static_cast<int>((x >> (k - 1)) & 1);
}

std::int64_t half_octave_begin(int index) {
  const int k = index / 2;
  return index % 2 == 0 ? std::int64_t{1} << k : (std::int64_t{3} << k) / 2;
}

IterationCosts::IterationCosts(ServedModel model, HardwareProfile hardware,
                               const EngineConfig& engine)
    : model_{with_loads(std::move(model))},
      hardware_{std::move(hardware)},
      host_fs_{to_fs(engine.overhead_per_iteration.in(unit::s))},
      host_fs_per_sequence_{to_fs(engine.overhead_per_sequence.in(unit::s))} {
  if (engine.speculation) {
    queries_ = 1 + engine.speculation->draft_tokens;
    draft_share_ = engine.speculation->draft_tokens * engine.speculation->draft_cost;
  }
  if (engine.power_cap && *engine.power_cap < hardware_.energy.limit) {
    is_capped_ = true;
    cap_watts_ = engine.power_cap->in(unit::W);
  }
  prefill_launch_ = prefill_attention(1, 0, true);
}

Cost IterationCosts::price(const KernelList& kernels, double gpus) const {
  double seconds = 0;
  double clock_seconds = 0;
  DynamicJoules joules;
  for (const NamedKernel& k : kernels) {
    const double t = k.count * kernel_time(hardware_.time, k.kernel).seconds;
    seconds += t;
    if (is_capped_) clock_seconds += t * clock_share(hardware_.time, k.kernel);
    const DynamicJoules e = dynamic_joules(hardware_.energy, k.kernel);
    joules.arithmetic += k.count * e.arithmetic;
    joules.other += k.count * e.other;
  }
  return {to_fs(seconds), to_fs(clock_seconds), to_pj(joules.other * gpus),
          to_pj(joules.arithmetic * gpus)};
}

// Kernel times were measured under the board's own limit, so that limit never adds time: where the
// energy model asks for more, the clock was lower and only arithmetic joules shrink. A power cap
// below it slows down from there.
Clock IterationCosts::clock_for(const Cost& c, int gpus) const {
  const ChipEnergy& chip = hardware_.energy;
  ClockedWork work{static_cast<double>(c.fs) * 1e-15, 0, chip.busy_static.in(unit::W),
                   static_cast<double>(c.clock_pj) * 1e-12 / gpus,
                   static_cast<double>(c.pj) * 1e-12 / gpus};
  const double own = clock_under(chip.limit.in(unit::W), work, {0.0, 0.05});
  double voltage_squared = own * own;
  double slowdown = 0;
  if (is_capped_) {
    work.arithmetic_joules *= voltage_squared;
    work.clock_seconds = static_cast<double>(c.clock_fs) * 1e-15;
    const double f = clock_under(cap_watts_, work, chip.clock);
    const double v = std::max(f, chip.clock.voltage_floor);
    voltage_squared *= v * v;
    slowdown = 1 / f - 1;
  }
  constexpr double one = 1 << 20;
  return {std::llround(slowdown * one), std::llround(voltage_squared * one)};
}

Cost IterationCosts::dense(int rank_tokens) {
  if (rank_tokens == 0) return no_cost;
  Cost& cost = slot(dense_, rank_tokens);
  if (cost.fs >= 0) return cost;
  const int m = micro_batches(model_.parallelism, rank_tokens);
  return cost = price(dense_kernels(model_, static_cast<double>(rank_tokens) / m),
                      m * model_.parallelism.tp);
}

Cost IterationCosts::expert(int all_tokens) {
  if (all_tokens == 0) return no_cost;
  Cost& cost = slot(expert_, all_tokens);
  if (cost.fs >= 0) return cost;
  const Parallelism& p = model_.parallelism;
  const int m = micro_batches(p, all_tokens);
  const double tokens = static_cast<double>(all_tokens) / m;
  // The router and the shared experts see the tokens of one rank: the average stands for all.
  return cost = price(expert_kernels(model_, tokens / p.dp, tokens), m * p.tp * p.dp);
}

Cost IterationCosts::head(int sequences) {
  if (sequences == 0) return no_cost;
  Cost& cost = slot(head_, sequences);
  if (cost.fs >= 0) return cost;
  const int m = micro_batches(model_.parallelism, sequences);
  return cost = price(head_kernels(model_, static_cast<double>(sequences) / m),
                      m * model_.parallelism.tp);
}

Cost IterationCosts::draft(int sequences) {
  if (draft_share_ == 0 || sequences == 0) return no_cost;
  Cost& cost = slot(draft_, sequences);
  if (cost.fs >= 0) return cost;
  const auto scaled = [](const Cost& c, double by_time, double by_energy) {
    const auto times = [](std::int64_t x, double y) {
      return std::llround(static_cast<double>(x) * y);
    };
    return Cost{times(c.fs, by_time), times(c.clock_fs, by_time), times(c.pj, by_energy),
                times(c.clock_pj, by_energy)};
  };
  Cost pass = dense(sequences);
  pass += head(sequences);
  const int dp = model_.parallelism.dp;
  if (has_experts()) pass += scaled(expert(sequences * dp), 1, 1.0 / dp);
  return cost = scaled(pass, draft_share_, draft_share_);
}

Cost IterationCosts::host(int sequences) const {
  Cost c = no_cost;
  c.fs = host_fs_ + host_fs_per_sequence_ * sequences;
  return c;
}

template <class List>
AffineCost IterationCosts::piece(Pieces& pieces, int batch, std::int64_t grains,
                                 List&& kernels) const {
  const auto row = static_cast<std::size_t>(batch);
  if (row >= pieces.size()) pieces.resize(std::max(row + 1, pieces.size() * 2));
  const int index = half_octave(grains);
  const auto column = static_cast<std::size_t>(index);
  if (column >= pieces[row].size()) pieces[row].resize(column + 1);
  AffineCost& piece = pieces[row][column];
  if (piece.end != 0) return piece;
  const int m = micro_batches(model_.parallelism, batch);
  const auto price_at = [&](std::int64_t x) {
    const double tokens = static_cast<double>(x) / grains_per_token / m;
    return price(kernels(static_cast<double>(batch) / m, tokens), m * model_.parallelism.tp);
  };
  piece.begin = half_octave_begin(index);
  piece.end = half_octave_begin(index + 1);
  if (piece.end == piece.begin) piece.end = piece.begin + 1;
  const Cost low = price_at(piece.begin);
  const Cost high = price_at(piece.end);
  const std::int64_t width = piece.end - piece.begin;
  const auto line = [&](std::int64_t Cost::*part) {
    piece.per_grain.*part = std::max<std::int64_t>(0, (high.*part - low.*part) / width);
    piece.base.*part = low.*part - piece.per_grain.*part * piece.begin;
  };
  line(&Cost::fs);
  line(&Cost::clock_fs);
  line(&Cost::pj);
  line(&Cost::clock_pj);
  return piece;
}

AffineCost IterationCosts::decode_attention(int batch, std::int64_t grains) {
  return piece(decode_, batch, grains, [this](double sequences, double tokens) {
    return decode_attention_kernels(model_, sequences, tokens, queries_);
  });
}

AffineCost IterationCosts::window_attention(int batch, std::int64_t grains) {
  return piece(window_, batch, grains, [this](double sequences, double tokens) {
    return window_attention_kernels(model_, sequences, tokens, queries_);
  });
}

Cost IterationCosts::prefill_attention(int chunk, int prefix, bool is_first) {
  const auto compute = [&] {
    return price(prefill_attention_kernels(model_, chunk, prefix), model_.parallelism.tp);
  };
  Cost cost;
  if (prefix > 0) {
    cost = compute();
  } else {
    Cost& known = slot(whole_prompt_, chunk);
    if (known.fs < 0) known = compute();
    cost = known;
  }
  if (!is_first) cost.fs = std::max<std::int64_t>(0, cost.fs - prefill_launch_.fs);
  return cost;
}

}  // namespace jevons
