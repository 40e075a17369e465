// What surrounds the requests of a serving run: capacity, autoscaling, sampling, results.
#include <algorithm>
#include <cmath>

#include "models/jobs/inference/serving.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

// Memory that neither weights nor KV cache may use: CUDA context, graphs, collective buffers.
constexpr auto assumed_context_bytes = 2.0 * unit::GB;

// Activations of the largest iteration: residual, projections and FFN of one layer in bf16, and the
// logits of the sampled sequences in fp32.
Bytes workspace(const PoolConfig& pool) {
  const ModelCard& card = pool.model.card;
  const double tokens = pool.engine.max_batched_tokens;
  double inner = card.ffn_inner;
  if (card.moe)
    inner = std::max(inner, static_cast<double>(card.moe->expert_inner) * card.moe->top_k);
  const double width = 4.0 * card.hidden + 3.0 * inner / pool.model.parallelism.tp;
  const double logits = 4.0 * pool.engine.max_num_seqs * card.vocabulary;
  return Bytes::from_base(tokens * width * 2 + logits) + assumed_context_bytes;
}

}  // namespace

KvCapacity kv_capacity(const PoolConfig& pool) {
  KvCapacity c;
  c.weights_per_gpu = weight_bytes_per_gpu(pool.model);
  c.workspace_per_gpu = workspace(pool);
  const Bytes usable = pool.engine.memory_utilization * pool.gpu_memory;
  const Bytes left = usable - c.weights_per_gpu - c.workspace_per_gpu;
  const Bytes block = kv_bytes_per_token_per_gpu(pool.model) * pool.engine.block_tokens;
  if (left < block) {
    c.missing = block - left;
    return c;
  }
  c.kv_per_gpu = left;
  c.blocks = static_cast<std::int64_t>(left / block);
  return c;
}

template <class Batch>
void ServingSystem<Batch>::refresh_serving(std::size_t pool_index) {
  Pool& pool = pools_[pool_index];
  pool.serving.clear();
  for (std::size_t r = pool.first; r < units_.size(); ++r)
    if (units_[r].pool == static_cast<int>(pool_index) && units_[r].power == Power::serving)
      pool.serving.push_back(static_cast<int>(r));
}

template <class Batch>
void ServingSystem<Batch>::autoscale(Instant now) {
  const Autoscaling& rule = *config_.autoscaling;
  std::int64_t outstanding = 0;
  std::vector<std::int32_t> active;
  std::vector<std::int32_t> off;
  for (std::size_t r = 0; r < units_.size(); ++r) {
    if (units_[r].pool != 0) continue;
    outstanding += load_[r];
    const Power p = units_[r].power;
    if (p == Power::serving || p == Power::starting) active.push_back(static_cast<std::int32_t>(r));
    if (p == Power::off) off.push_back(static_cast<std::int32_t>(r));
  }
  const auto wanted =
      std::max<std::size_t>(static_cast<std::size_t>(rule.min_replicas),
                            static_cast<std::size_t>(std::ceil(static_cast<double>(outstanding) /
                                                               rule.target_outstanding)));
  const auto have = active.size();
  for (std::size_t i = 0; have + i < wanted && i < off.size(); ++i) {
    Unit& unit = units_[static_cast<std::size_t>(off[i])];
    unit.power = Power::starting;
    unit.on_since = now;
    unit.replica.power_on(now, ledger_);
    queue_.at(now + to_span(rule.startup), decision_phase, {Kind::started, off[i]});
  }
  if (wanted >= have) was_low_ = false;
  if (wanted < have && !was_low_) {
    was_low_ = true;
    low_since_ = now;
  }
  // One replica at a time, the last one first; it finishes what it has.
  if (was_low_ && now - low_since_ >= to_span(rule.scale_down_after) &&
      units_[static_cast<std::size_t>(active.back())].power == Power::serving) {
    units_[static_cast<std::size_t>(active.back())].power = Power::draining;
    refresh_serving(0);
    stop_if_drained(active.back(), now);
    low_since_ = now;
  }
  queue_.at(now + to_span(rule.interval), decision_phase, {Kind::tick});
}

template <class Batch>
void ServingSystem<Batch>::start_replica(std::int32_t index, Instant) {
  units_[static_cast<std::size_t>(index)].power = Power::serving;
  refresh_serving(0);
}

template <class Batch>
void ServingSystem<Batch>::stop_if_drained(std::int32_t index, Instant now) {
  Unit& unit = units_[static_cast<std::size_t>(index)];
  if (unit.power != Power::draining || load_[static_cast<std::size_t>(index)] > 0) return;
  unit.power = Power::off;
  unit.replica.power_off(now, ledger_);
  unit.seconds_on += to_time(now - unit.on_since).in(unit::s);
}

template <class Batch>
void ServingSystem<Batch>::sample(Instant now) {
  for (std::size_t r = 0; r < units_.size() && observer_ != nullptr; ++r) {
    const Unit& u = units_[r];
    ReplicaSample row;
    row.at = now;
    row.pool = u.pool;
    row.replica = static_cast<int>(r);
    row.is_serving = u.power == Power::serving;
    row.outstanding = load_[r];
    row.decoding = u.replica.decoding();
    row.prefilling = u.replica.prefilling();
    row.kv_blocks = u.replica.used_blocks(now);
    row.kv_blocks_total = u.replica.kv_blocks();
    for (const auto& rank : u.replica.ranks()) {
      row.cached_blocks += rank.idle_cached_blocks();
      row.preemptions += rank.preemptions();
    }
    const auto extra = u.replica.unposted(now, ledger_);
    Int128 aj = 0;
    for (const auto a : {EnergyAccount::prefill, EnergyAccount::decode, EnergyAccount::idle})
      aj += ledger_.exact(a, u.replica.meter()) + extra.aj[static_cast<std::size_t>(a)];
    row.gpu_energy = from_attojoules(aj);
    observer_->sampled(row);
  }
  ledger_.check_balance();
  queue_.at(now + *config_.sample_every, measure_phase, {Kind::sample});
}

template <class Batch>
ServingTotals ServingSystem<Batch>::totals_at(Instant now) const {
  ServingTotals t = metrics_.totals;
  t.at = now;
  for (std::size_t a = 0; a < t.aj.size(); ++a)
    t.aj[a] = ledger_.exact(static_cast<EnergyAccount>(a));
  for (const Unit& u : units_) {
    const auto extra = u.replica.unposted(now, ledger_);
    for (std::size_t a = 0; a < t.aj.size(); ++a) t.aj[a] += extra.aj[a];
    t.generated_tokens += u.replica.emitted(now);
    const auto [busy, sequences] = u.replica.busy_time(now);
    t.busy_fs += busy;
    t.decode_seq_fs += sequences;
  }
  return t;
}

template <class Batch>
void ServingSystem<Batch>::open_window(Instant now) {
  opened_ = totals_at(now);
  for (Unit& u : units_) u.replica.settle_itl(now, metrics_);
  metrics_.is_open = true;
  metrics_.measured_from = config_.measure_begin ? now : Instant{};
}

template <class Batch>
void ServingSystem<Batch>::close_window(Instant now) {
  closed_ = totals_at(now);
  for (Unit& u : units_) u.replica.settle_itl(now, metrics_);
  metrics_.is_open = false;
}

template <class Batch>
ServingResult ServingSystem<Batch>::result() {
  ServingResult r;
  r.was_stopped = has_work() && !closed_;
  r.end = r.was_stopped && config_.stop_at ? *config_.stop_at : now_;
  r.whole = totals_at(r.end);
  const ServingTotals begin = opened_.value_or(ServingTotals{});
  const ServingTotals end = closed_.value_or(r.whole);
  r.window_begin = begin.at;
  r.window_end = end.at;
  r.window = difference(end, begin);
  r.latency = metrics_.latency;
  r.measured_requests = metrics_.measured_requests;
  r.measured_good = metrics_.measured_good;
  r.peak_batch = metrics_.peak_batch;
  r.outstanding = pool_slots_.live();
  r.events = handled_;
  ledger_.check_balance();
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    const PoolConfig& config = config_.pools[p];
    const KvCapacity capacity = kv_capacity(config);
    PoolResult pool;
    pool.role = config.role;
    pool.replicas = config.replicas;
    pool.gpus = config.replicas * config.model.parallelism.gpus();
    pool.nodes = (pool.gpus + config.model.parallelism.gpus_per_node - 1) /
                 config.model.parallelism.gpus_per_node;
    pool.kv_blocks_per_rank = capacity.blocks;
    pool.weights_per_gpu = capacity.weights_per_gpu;
    pool.kv_per_gpu = capacity.kv_per_gpu;
    for (const Unit& u : units_) {
      if (u.pool != static_cast<int>(p)) continue;
      for (const auto& rank : u.replica.ranks()) {
        pool.preemptions += rank.preemptions();
        r.peak_kv_share = std::max(r.peak_kv_share, rank.peak_kv_share());
      }
      const bool is_on = u.power != Power::off;
      pool.replica_seconds_on +=
          u.seconds_on + (is_on ? to_time(r.end - u.on_since).in(unit::s) : 0.0);
    }
    r.pools.push_back(pool);
  }
  return r;
}

ServingResult simulate(const ServingConfig& config, RequestSource& source,
                       ServingObserver* observer) {
  const auto all = [&](auto&& system) {
    system.run();
    return system.result();
  };
  if (config.stepping == Stepping::macro)
    return all(ServingSystem<MacroDecodeBatch>{config, source, observer});
  return all(ServingSystem<SteppedDecodeBatch>{config, source, observer});
}

#define JEVONS_INSTANTIATE(Batch)                                             \
  template void ServingSystem<Batch>::refresh_serving(std::size_t);           \
  template void ServingSystem<Batch>::autoscale(Instant);                     \
  template void ServingSystem<Batch>::start_replica(std::int32_t, Instant);   \
  template void ServingSystem<Batch>::stop_if_drained(std::int32_t, Instant); \
  template void ServingSystem<Batch>::sample(Instant);                        \
  template ServingTotals ServingSystem<Batch>::totals_at(Instant) const;      \
  template void ServingSystem<Batch>::open_window(Instant);                   \
  template void ServingSystem<Batch>::close_window(Instant);                  \
  template ServingResult ServingSystem<Batch>::result();
JEVONS_INSTANTIATE(MacroDecodeBatch)
JEVONS_INSTANTIATE(SteppedDecodeBatch)
#undef JEVONS_INSTANTIATE

}  // namespace jevons
