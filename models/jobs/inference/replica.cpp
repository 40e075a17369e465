#include "models/jobs/inference/replica.h"

#include <algorithm>

#include "sim/ensure.h"

namespace jevons {

template <class Batch>
Replica<Batch>::Replica(const RankShape& shape, int ranks, ReplicaPower power, int meter)
    : ranks_(static_cast<std::size_t>(ranks), Rank<Batch>{shape}), power_{power}, meter_{meter} {}

template <class Batch>
int Replica<Batch>::choose_rank() const {
  const auto load = [](const Rank<Batch>& r) {
    return static_cast<std::int64_t>(r.waiting()) + r.running();
  };
  std::size_t best = 0;
  for (std::size_t r = 1; r < ranks_.size(); ++r)
    if (load(ranks_[r]) < load(ranks_[best])) best = r;
  return static_cast<int>(best);
}

template <class Batch>
std::optional<Instant> Replica<Batch>::begin(Instant at, ServingContext context,
                                             RankEvents& events) {
  ensure(!is_running(), "a replica runs one span at a time");
  for (Rank<Batch>& rank : ranks_) rank.plan(at, context.pool, events);
  if (std::none_of(ranks_.begin(), ranks_.end(), [](const auto& r) { return r.is_busy(); }))
    return {};
  // When the last boundary lies within this nanosecond, iterations follow without a gap.
  if (ceil_to_ns(clock_fs_) < at) {
    settle_idle(to_fs(at), context.ledger);
    clock_fs_ = to_fs(at);
  }
  price_span(context.costs);
  return end_of_span();
}

template <class Batch>
typename Replica<Batch>::RankLine Replica<Batch>::line_of(const Rank<Batch>& rank,
                                                          IterationCosts& costs) const {
  RankLine line;
  const Batch& decodes = rank.decodes();
  const auto add = [&line](const AffineCost& piece, KvRead read) {
    const auto i = static_cast<std::size_t>(line.pieces++);
    line.piece[i] = piece;
    line.read[i] = read;
    if (read.growth > 0)
      line.limit = std::min(line.limit, (piece.end - 1 - read.first) / read.growth + 1);
  };
  if (decodes.size() > 0) {
    const KvRead kv = decodes.kv();
    add(costs.decode_attention(decodes.size(), kv.first), kv);
    if (costs.has_windows()) {
      const KvRead window = decodes.window_kv();
      add(costs.window_attention(decodes.size(), window.first), window);
    }
  }
  bool is_first = true;
  for (const PromptChunk& chunk : rank.chunks()) {
    line.prefill += costs.prefill_attention(chunk.tokens, chunk.prefix, is_first);
    is_first = false;
  }
  return line;
}

template <class Batch>
typename Replica<Batch>::Tally Replica<Batch>::count() {
  Tally t;
  span_ = {};
  span_.is_pure = true;
  for (const Rank<Batch>& rank : ranks_) {
    t.all_tokens += rank.new_tokens();
    t.most_tokens = std::max(t.most_tokens, rank.new_tokens());
    t.most_sampled = std::max(t.most_sampled, rank.sampled());
    t.most_decodes = std::max(t.most_decodes, rank.decodes().size());
    const int prompts = static_cast<int>(rank.chunks().size());
    t.most_sequences = std::max(t.most_sequences, rank.decodes().size() + prompts);
    span_.decodes += rank.decodes().size();
    span_.prompts += prompts;
    span_.prompt_tokens += rank.prompt_tokens();
    span_.progress += rank.decodes().progress();
  }
  span_.is_pure = span_.prompts == 0;
  return t;
}

// Time and energy of the coming iterations: what all ranks share, and the attention of the slowest.
template <class Batch>
void Replica<Batch>::price_span(IterationCosts& costs) {
  const Tally t = count();
  const Cost shared = shared_cost(t, costs);
  std::int64_t limit = never;
  lines_.clear();
  for (const Rank<Batch>& rank : ranks_) {
    lines_.push_back(line_of(rank, costs));
    limit = std::min({limit, rank.span_limit(), lines_.back().limit});
  }
  const Clock clock = clock_of_span(shared, costs);
  lay_lines(clock, limit);
  span_.iterations = limit;
  if (!span_.is_pure) split_mixed(shared, clock, t.all_tokens);
  span_.time.first += clock.time_of(shared);
  span_.dynamic.first += clock.energy_of(shared);
}

template <class Batch>
Cost Replica<Batch>::shared_cost(const Tally& t, IterationCosts& costs) const {
  Cost shared = costs.host(t.most_sequences);  // each rank has a scheduler of its own
  if (costs.has_experts()) shared += costs.expert(t.all_tokens);
  for (const Cost& c :
       {costs.dense(t.most_tokens), costs.head(t.most_sampled), costs.draft(t.most_decodes)}) {
    shared.fs += c.fs;
    shared.clock_fs += c.clock_fs;
  }
  for (const Rank<Batch>& rank : ranks_)
    for (const Cost& c : {costs.dense(rank.new_tokens()), costs.head(rank.sampled()),
                          costs.draft(rank.decodes().size())}) {
      shared.pj += c.pj;
      shared.clock_pj += c.clock_pj;
    }
  return shared;
}

// One clock for the whole span: that of the middle of the pieces it lies in. It does not depend on
// where in them the span begins, so a span and its single iterations run at the same clock.
template <class Batch>
Clock Replica<Batch>::clock_of_span(const Cost& shared, const IterationCosts& costs) const {
  Cost all = shared;
  Cost slowest = no_cost;
  for (const RankLine& l : lines_) {
    Cost rank = l.prefill;
    for (int i = 0; i < l.pieces; ++i) {
      const AffineCost& p = l.piece[static_cast<std::size_t>(i)];
      rank += p.at((p.begin + p.end) / 2);
    }
    all.pj += rank.pj;
    all.clock_pj += rank.clock_pj;
    if (rank.fs > slowest.fs) slowest = rank;
  }
  all.fs += slowest.fs;
  all.clock_fs += slowest.clock_fs;
  return costs.clock_for(all, costs.model().parallelism.gpus());
}

// The slowest rank sets the pace. Its line holds until another one passes it.
template <class Batch>
void Replica<Batch>::lay_lines(const Clock& clock, std::int64_t& limit) {
  for (RankLine& l : lines_) {
    l.time.first = clock.time_of(l.prefill);
    l.energy.first = clock.energy_of(l.prefill);
    for (int i = 0; i < l.pieces; ++i) {
      const AffineCost& p = l.piece[static_cast<std::size_t>(i)];
      const KvRead read = l.read[static_cast<std::size_t>(i)];
      const std::int64_t fs = clock.time_of(p.per_grain);
      const std::int64_t pj = clock.energy_of(p.per_grain);
      l.time.first += clock.time_of(p.base) + fs * read.first;
      l.time.step += fs * read.growth;
      l.energy.first += clock.energy_of(p.base) + pj * read.first;
      l.energy.step += pj * read.growth;
    }
  }
  const RankLine* top = &lines_.front();
  for (const RankLine& l : lines_)
    if (l.time.first > top->time.first ||
        (l.time.first == top->time.first && l.time.step > top->time.step))
      top = &l;
  for (const RankLine& l : lines_) {
    if (l.time.step > top->time.step) {
      const std::int64_t gap = top->time.first - l.time.first;
      limit = std::min(limit, gap / (l.time.step - top->time.step) + 1);
    }
    span_.dynamic.first += l.energy.first;
    span_.dynamic.step += l.energy.step;
  }
  span_.time = top->time;
}

// Which share of a mixed iteration is the prompts': their attention, and of what all tokens share
// their part by count.
template <class Batch>
void Replica<Batch>::split_mixed(const Cost& shared, const Clock& clock, std::int64_t all_tokens) {
  const auto share = [&](std::int64_t whole) {
    return static_cast<std::int64_t>(Int128{whole} * span_.prompt_tokens / all_tokens);
  };
  Cost prefill = no_cost;
  for (const RankLine& line : lines_) prefill += line.prefill;
  span_.prefill_pj = share(clock.energy_of(shared)) + clock.energy_of(prefill);
  const auto ranks = static_cast<std::int64_t>(ranks_.size());
  span_.prefill_fs = std::min(clock.time_of(shared) + span_.time.first,
                              share(clock.time_of(shared)) + clock.time_of(prefill) / ranks);
}

template <class Batch>
Instant Replica<Batch>::end_of_span() const {
  return ceil_to_ns(clock_fs_ + span_.time.sum(span_.iterations));
}

template <class Batch>
void Replica<Batch>::finish(ServingContext context, RankEvents& events) {
  const Int128 end = clock_fs_ + span_.time.sum(span_.iterations);
  post_span(end, context.ledger);
  context.metrics.record_span(span_.time, span_.iterations, span_.decodes, span_.prompts,
                              span_.prompt_tokens, span_.progress);
  context.metrics.record_itl(span_.time, itl_recorded_, span_.iterations, span_.decodes);
  itl_recorded_ = 0;
  clock_fs_ = end;
  const std::int64_t iterations = span_.iterations;
  span_.iterations = 0;
  for (Rank<Batch>& rank : ranks_) {
    rank.finish(iterations, context.pool, events);
  }
}

template <class Batch>
void Replica<Batch>::post_span(Int128 end, EnergyLedger& ledger) const {
  const Int128 duration = end - clock_fs_;
  const Int128 all = duration * power_.busy_static_mw +
                     span_.dynamic.sum(span_.iterations) * attojoules_per_picojoule;
  Int128 prefill = 0;
  if (!span_.is_pure)
    prefill = Int128{span_.prefill_fs} * power_.busy_static_mw +
              Int128{span_.prefill_pj} * attojoules_per_picojoule;
  prefill = std::min(prefill, all);
  EnergyLedger::Posting posting{clock_fs_, end, {}};
  posting.aj[static_cast<std::size_t>(EnergyAccount::prefill)] = prefill;
  posting.aj[static_cast<std::size_t>(EnergyAccount::decode)] = all - prefill;
  posting.aj[static_cast<std::size_t>(EnergyAccount::host)] = duration * power_.host_mw;
  ledger.post(meter_, posting);
}

template <class Batch>
void Replica<Batch>::settle_idle(Int128 until, EnergyLedger& ledger) {
  const Int128 begin = ledger.settled_until(meter_);
  if (until <= begin) return;
  const Int128 duration = until - begin;
  EnergyLedger::Posting posting{begin, until, {}};
  if (is_on_) {
    posting.aj[static_cast<std::size_t>(EnergyAccount::idle)] = duration * power_.idle_mw;
    posting.aj[static_cast<std::size_t>(EnergyAccount::host)] = duration * power_.host_mw;
  }
  ledger.post(meter_, posting);
}

template <class Batch>
void Replica<Batch>::power_on(Instant at, EnergyLedger& ledger) {
  settle_idle(to_fs(at), ledger);
  is_on_ = true;
}

template <class Batch>
void Replica<Batch>::power_off(Instant at, EnergyLedger& ledger) {
  settle_idle(to_fs(at), ledger);
  is_on_ = false;
}

template <class Batch>
std::optional<Instant> Replica<Batch>::cut(Instant at, int rank) {
  if (!ranks_[index(rank)].may_admit_newcomer()) return {};
  return cut(at);
}

template <class Batch>
std::optional<Instant> Replica<Batch>::cut(Instant at) {
  if (!is_running() || !span_.is_pure || span_.iterations == 1) return {};
  // The first boundary whose nanosecond is not before `at`.
  const std::int64_t n = span_.time.reach(to_fs(at) - fs_per_ns + 1 - clock_fs_);
  if (n >= span_.iterations) return {};
  span_.iterations = n;
  return end_of_span();
}

template <class Batch>
std::int64_t Replica<Batch>::ended_by(Instant at) const {
  if (!is_running()) return 0;
  const Int128 elapsed = to_fs(at) - clock_fs_;
  if (elapsed < span_.time.first) return 0;
  // reach(x) is the first n with sum >= x; all before the first one past `at` have ended.
  return std::min(span_.iterations, span_.time.reach(elapsed + 1) - 1);
}

template <class Batch>
EnergyLedger::Posting Replica<Batch>::unposted(Instant at, const EnergyLedger& ledger) const {
  EnergyLedger::Posting p{ledger.settled_until(meter_), to_fs(at), {}};
  if (p.end <= p.begin) return p;
  const auto book = [&p](EnergyAccount a, Int128 aj) { p.aj[static_cast<std::size_t>(a)] += aj; };
  const Int128 duration = p.end - p.begin;
  if (is_on_) book(EnergyAccount::host, duration * power_.host_mw);
  if (!is_running()) {
    if (is_on_) book(EnergyAccount::idle, duration * power_.idle_mw);
    return p;
  }
  const std::int64_t n = ended_by(at);
  const Int128 current = span_.time.first + Int128{span_.time.step} * n;
  const Int128 spent = p.end - clock_fs_ - span_.time.sum(n);
  const Int128 next = span_.dynamic.first + Int128{span_.dynamic.step} * n;
  // The iteration under way counts by the share of its time that has passed.
  const Int128 dynamic = span_.dynamic.sum(n) + (n < span_.iterations ? next * spent / current : 0);
  const Int128 all = duration * power_.busy_static_mw + dynamic * attojoules_per_picojoule;
  const Int128 prefill =
      span_.is_pure ? 0 : all * span_.prefill_fs / std::max<std::int64_t>(1, span_.time.first);
  book(EnergyAccount::prefill, prefill);
  book(EnergyAccount::decode, all - prefill);
  return p;
}

template <class Batch>
void Replica<Batch>::settle_itl(Instant at, ServingMetrics& metrics) {
  if (!is_running()) return;
  const std::int64_t ended = ended_by(at);
  metrics.record_itl(span_.time, itl_recorded_, ended, span_.decodes);
  itl_recorded_ = ended;
}

template <class Batch>
std::int64_t Replica<Batch>::used_blocks(Instant at) const {
  const std::int64_t n = ended_by(at);
  std::int64_t used = 0;
  for (const Rank<Batch>& rank : ranks_) used += rank.used_blocks_after(n);
  return used;
}

template class Replica<MacroDecodeBatch>;
template class Replica<SteppedDecodeBatch>;

}  // namespace jevons
