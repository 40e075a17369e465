#include "models/jobs/inference/serving.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/ensure.h"

namespace jevons {

namespace {

RankShape shape_of(const PoolConfig& pool) {
  const EngineConfig& e = pool.engine;
  const KvCapacity capacity = kv_capacity(pool);
  ensure(capacity.blocks > 0, "a pool's model fits into its GPUs");
  const double block_bytes = kv_bytes_per_token_per_gpu(pool.model).in(unit::B)*e.block_tokens;
  const AttentionDims& a = pool.model.card.attention;
  RankShape s;
  s.role = pool.role;
  s.kv_blocks = capacity.blocks;
  s.block_tokens = e.block_tokens;
  s.max_sequences = e.max_num_seqs;
  s.max_batched_tokens = e.max_batched_tokens;
  s.tokens_per_sequence = e.speculation ? 1 + e.speculation->draft_tokens : 1;
  s.chunked_prefill = e.chunked_prefill;
  s.prefix_cache = e.prefix_cache;
  s.prefix_block_tokens = pool.prefix_block_tokens;
  s.admission = e.admission;
  s.watermark_blocks = std::llround(e.watermark * static_cast<double>(capacity.blocks));
  s.window_tokens = a.windowed_layers > 0 ? a.window : 0;
  s.has_uniform_progress = !e.speculation;
  s.fixed_blocks = fixed_bytes_per_sequence_per_gpu(pool.model, 0).in(unit::B) / block_bytes;
  s.window_blocks_per_token =
      fixed_bytes_per_sequence_per_gpu(pool.model, 1).in(unit::B) / block_bytes - s.fixed_blocks;
  return s;
}

ReplicaPower power_of(const PoolConfig& pool) {
  const int gpus = pool.model.parallelism.gpus();
  const auto mw = [](Power p) { return std::llround(p.in(unit::W)*1e3); };
  const double nodes = static_cast<double>(gpus) / pool.model.parallelism.gpus_per_node;
  return {mw(pool.hardware.energy.busy_static) * gpus, mw(pool.hardware.energy.idle) * gpus,
          mw(nodes * pool.host_power_per_node)};
}

// Grains a request advances per iteration: one token, and the drafts it can expect to be accepted.
// Mean accepted length of k drafts at acceptance a: (1 - a^(k+1)) / (1 - a) tokens (Leviathan
// 2023).
std::int32_t draw_progress(const Speculation& s, std::uint64_t seed, std::int64_t id) {
  Rng rng{seed, "speculation", static_cast<std::uint64_t>(id)};
  const double a =
      std::clamp(s.acceptance + s.acceptance_spread * (2 * rng.uniform() - 1), 0.0, 1.0);
  double tokens = 1;
  double chance = 1;
  for (int i = 0; i < s.draft_tokens; ++i) tokens += chance *= a;
  return static_cast<std::int32_t>(std::lround(tokens * grains_per_token));
}

ServedModel model_of(const PoolConfig& pool) {
  ServedModel model = pool.model;
  model.kv = pool.engine.kv_precision;
  model.expert_skew = pool.engine.expert_skew;
  model.redundant_experts = pool.engine.redundant_experts;
  return model;
}

}  // namespace

std::shared_ptr<IterationCosts> prices_of(const PoolConfig& pool) {
  return std::make_shared<IterationCosts>(model_of(pool), pool.hardware, pool.engine);
}

template <class Batch>
ServingSystem<Batch>::ServingSystem(const ServingConfig& config, RequestSource& source,
                                    ServingObserver* observer)
    : config_{config}, source_{&source}, observer_{observer}, metrics_{config.slo} {
  ensure(!config.pools.empty() && config.pools.size() <= 2, "a fleet has one or two pools");
  for (const PoolConfig& pool : config.pools) add_pool(pool);
  if (config.autoscaling) {
    for (std::size_t r = 0; r < units_.size(); ++r)
      if (static_cast<int>(r) >= config.autoscaling->min_replicas && units_[r].pool == 0) {
        units_[r].power = Power::off;
        units_[r].replica.power_off(Instant{}, ledger_);
      }
    refresh_serving(0);
    queue_.at(Instant{to_span(config.autoscaling->interval)}, decision_phase, {Kind::tick});
  }
  if (config.sample_every) queue_.at(Instant{}, measure_phase, {Kind::sample});
  metrics_.is_open = !config.measure_begin && !config.measure_from_first_token;
  if (config.measure_begin) metrics_.measured_from = *config.measure_begin;
  if (config.measure_end) metrics_.measured_until = *config.measure_end;
  for (const auto& edge : {config.measure_begin, config.measure_end})
    if (edge) queue_.at(*edge, measure_phase, {Kind::window});
  if (!config.concurrency) {
    pull_next();
    return;
  }
  has_next_ = source_->next(next_);
  for (int i = 0; i < *config.concurrency; ++i) accept_next_in_loop(Instant{});
}

template <class Batch>
void ServingSystem<Batch>::add_pool(const PoolConfig& config) {
  const Parallelism& p = config.model.parallelism;
  PoolConfig filled = config;
  filled.model = model_of(config);
  Pool pool{
      .first = units_.size(),
      .costs = config.prices ? config.prices : prices_of(config),
      .router = Router{config_.router, config_.seed, pools_.size()},
      .kv_bytes_per_token = kv_bytes_per_token(filled.model).in(unit::B),
      .link_bytes_per_ns = config_.transfer.bandwidth_per_gpu.in(unit::B / unit::ns) * p.tp * p.pp,
      .serving = {}};
  const RankShape shape = shape_of(filled);
  for (int i = 0; i < config.replicas; ++i)
    units_.push_back(
        {.replica = Replica<Batch>{shape, p.dp, power_of(filled), ledger_.add_meter(0)},
         .pool = static_cast<int>(pools_.size())});
  load_.resize(units_.size());
  pools_.push_back(std::move(pool));
  refresh_serving(pools_.size() - 1);
}

template <class Batch>
ServingContext ServingSystem<Batch>::context(const Unit& unit) {
  return {pool_slots_, *pools_[static_cast<std::size_t>(unit.pool)].costs, metrics_, ledger_};
}

template <class Batch>
void ServingSystem<Batch>::advance(Instant at, bool moves) {
  constexpr std::int64_t most_per_instant = 50'000'000;
  constexpr std::int64_t most_idle_events = 1'000'000;
  at_this_instant_ = at == now_ ? at_this_instant_ + 1 : 0;
  ensure(at_this_instant_ < most_per_instant, "time advances");
  now_ = at;
  idle_events_ = moves ? 0 : idle_events_ + 1;
  ensure(idle_events_ < most_idle_events, "outstanding requests move sooner or later");
}

template <class Batch>
bool ServingSystem<Batch>::run(Instant until) {
  if (config_.stop_at) until = std::min(until, *config_.stop_at);
  while (has_work()) {
    const Instant event_at = queue_.next_time().value_or(Instant::max());
    const bool is_arrival = has_next_ && !config_.concurrency && next_.arrival <= event_at;
    const Instant at = is_arrival ? next_.arrival : event_at;
    if (at >= until) return true;
    ensure(at != Instant::max(), "as long as requests are outstanding something happens");
    advance(at, is_arrival || pool_slots_.live() == 0);
    if ((++handled_ & 0xffff) == 0 && observer_ != nullptr && !observer_->go_on()) return true;
    if (is_arrival) {
      accept(next_, at);
      pull_next();
    } else {
      const auto event = queue_.pop();
      handle(event.event, at);
    }
    if (closed_ && config_.measure_to_completion) return false;
  }
  return false;
}

template <class Batch>
void ServingSystem<Batch>::handle(const Event& event, Instant now) {
  switch (event.kind) {
    case Kind::boundary:
      idle_events_ = 0;
      return on_boundary(event.replica, now);
    case Kind::wake:
      units_[static_cast<std::size_t>(event.replica)].has_wake = false;
      return start(event.replica, now);
    case Kind::transferred:
      idle_events_ = 0;
      return end_transfer(event.slot, now);
    case Kind::tick:
      return autoscale(now);
    case Kind::started:
      return start_replica(event.replica, now);
    case Kind::sample:
      return sample(now);
    case Kind::window:
      return opened_ || !config_.measure_begin ? close_window(now) : open_window(now);
  }
}

template <class Batch>
void ServingSystem<Batch>::pull_next() {
  const Instant last = next_.arrival;
  has_next_ = source_->next(next_);
  if (has_next_) ensure(next_.arrival >= last, "arrivals never go back in time");
  if (has_next_ && config_.last_arrival && next_.arrival > *config_.last_arrival) has_next_ = false;
}

template <class Batch>
void ServingSystem<Batch>::accept_next_in_loop(Instant now) {
  for (bool is_accepted = false; has_next_ && !is_accepted;) {
    is_accepted = accept(next_, now);
    has_next_ = source_->next(next_);
  }
}

template <class Batch>
bool ServingSystem<Batch>::accept(const RequestSpec& spec, Instant now) {
  ++metrics_.totals.arrived;
  const auto holds = [&](const Pool& p) {
    return units_[p.first].replica.ranks().front().can_hold(spec.prompt_tokens, spec.output_tokens);
  };
  if (!std::all_of(pools_.begin(), pools_.end(), holds)) {
    reject(spec, now);
    return false;
  }
  const SlotId slot = pool_slots_.take();
  Sequence& s = pool_slots_[slot];
  s.id = next_id_++;
  s.arrival = now;
  s.prompt_tokens = spec.prompt_tokens;
  s.output_tokens = spec.output_tokens;
  s.thinking_tokens = spec.thinking_tokens;
  const EngineConfig& decoder = config_.pools.back().engine;
  if (decoder.speculation) s.progress = draw_progress(*decoder.speculation, config_.seed, s.id);
  if (config_.pools.front().engine.prefix_cache) {
    // Only blocks that the prompt fills whole can be shared.
    const auto full = std::min<std::size_t>(
        spec.prefix_blocks.size(),
        static_cast<std::size_t>(spec.prompt_tokens / spec.prefix_block_tokens));
    pool_slots_.prefix(slot).assign(spec.prefix_blocks.begin(),
                                    spec.prefix_blocks.begin() + static_cast<std::ptrdiff_t>(full));
  }
  route(slot, 0, now);
  return true;
}

template <class Batch>
void ServingSystem<Batch>::reject(const RequestSpec& spec, Instant now) {
  ++metrics_.totals.rejected;
  RequestRecord r;
  r.id = next_id_++;
  r.arrival = r.completion = now;
  r.prompt_tokens = spec.prompt_tokens;
  r.output_tokens = spec.output_tokens;
  r.was_rejected = true;
  if (observer_ != nullptr) observer_->finished(r);
}

template <class Batch>
void ServingSystem<Batch>::route(SlotId slot, std::size_t pool_index, Instant now) {
  Pool& pool = pools_[pool_index];
  Sequence& s = pool_slots_[slot];
  const auto cached = [&](int r) {
    int most = 0;
    for (const auto& rank : units_[static_cast<std::size_t>(r)].replica.ranks())
      most = std::max(most, rank.cached_prefix(pool_slots_.prefix(slot)));
    return most;
  };
  const int r = pool.router.choose(pool.serving, load_, cached);
  Unit& unit = units_[static_cast<std::size_t>(r)];
  ++load_[static_cast<std::size_t>(r)];
  (s.kv_is_elsewhere || pools_.size() == 1 ? s.decode_replica : s.prefill_replica) = r;
  if (pools_.size() == 1) s.prefill_replica = r;
  s.rank = unit.replica.choose_rank();
  if (unit.replica.is_running())
    shorten(r, unit.replica.cut(now, s.rank));
  else
    wake(r, now);
  unit.replica.enqueue(slot, s.rank);
}

template <class Batch>
void ServingSystem<Batch>::shorten(std::int32_t index, std::optional<Instant> end) {
  if (!end) return;
  Unit& unit = units_[static_cast<std::size_t>(index)];
  queue_.cancel(unit.boundary);
  unit.boundary = queue_.at(*end, boundary_phase, {Kind::boundary, index});
}

// Requests of one instant are decided together: the replica wakes after the last of them.
template <class Batch>
void ServingSystem<Batch>::wake(std::int32_t index, Instant now) {
  Unit& unit = units_[static_cast<std::size_t>(index)];
  if (unit.has_wake || unit.replica.is_running()) return;
  unit.has_wake = true;
  queue_.at(now, decision_phase, {Kind::wake, index});
}

template <class Batch>
void ServingSystem<Batch>::on_boundary(std::int32_t index, Instant now) {
  Unit& unit = units_[static_cast<std::size_t>(index)];
  events_.clear();
  unit.replica.finish(context(unit), events_);
  for (const SlotId slot : events_.first) {
    pool_slots_[slot].first_token = now;
    metrics_.record_first_token(pool_slots_[slot]);
    if (config_.measure_from_first_token == ++first_tokens_) open_window(now);
  }
  std::vector<SlotId> handed;
  handed.swap(events_.handed_off);
  for (const SlotId slot : events_.completed) complete(slot, now);
  for (const SlotId slot : handed) {
    --load_[static_cast<std::size_t>(index)];
    route(slot, 1, now);
  }
  start(index, now);
  stop_if_drained(index, now);
}

template <class Batch>
void ServingSystem<Batch>::start(std::int32_t index, Instant now) {
  Unit& unit = units_[static_cast<std::size_t>(index)];
  if (unit.replica.is_running()) return;
  events_.fetched.clear();
  const auto end = unit.replica.begin(now, context(unit), events_);
  for (const SlotId slot : events_.fetched) begin_transfer(slot, now);
  if (end) unit.boundary = queue_.at(*end, boundary_phase, {Kind::boundary, index});
}

template <class Batch>
void ServingSystem<Batch>::complete(SlotId slot, Instant now) {
  const Sequence& s = pool_slots_[slot];
  metrics_.record_completion(s, now);
  const std::int32_t replica = s.decode_replica >= 0 ? s.decode_replica : s.prefill_replica;
  --load_[static_cast<std::size_t>(replica)];
  if (observer_ != nullptr)
    observer_->finished({s.id, s.arrival, s.first_scheduled, s.first_token, now, s.prompt_tokens,
                         s.output_tokens, s.thinking_tokens, s.cached_tokens, s.preemptions,
                         s.prefill_replica, s.decode_replica, false});
  pool_slots_.give_back(slot);
  if (config_.measure_to_completion == metrics_.totals.completed) close_window(now);
  if (config_.concurrency) accept_next_in_loop(now);
}

// A transfer occupies the NICs of both replicas, one after another in order of acceptance.
template <class Batch>
void ServingSystem<Batch>::begin_transfer(SlotId slot, Instant now) {
  const Sequence& s = pool_slots_[slot];
  Unit& from = units_[static_cast<std::size_t>(s.prefill_replica)];
  Unit& to = units_[static_cast<std::size_t>(s.decode_replica)];
  const double rate = std::min(pools_[0].link_bytes_per_ns, pools_[1].link_bytes_per_ns);
  const double bytes = pools_[0].kv_bytes_per_token * s.prompt_tokens;
  const Instant begin = std::max({now, from.link_free, to.link_free});
  const Instant end = begin + Span{static_cast<std::int64_t>(std::ceil(bytes / rate))};
  from.link_free = to.link_free = end;
  queue_.at(end + to_span(config_.transfer.latency), transfer_phase, {Kind::transferred, 0, slot});
}

template <class Batch>
void ServingSystem<Batch>::end_transfer(SlotId slot, Instant now) {
  const Sequence& s = pool_slots_[slot];
  Unit& from = units_[static_cast<std::size_t>(s.prefill_replica)];
  from.replica.release_held(slot, pool_slots_);
  if (from.replica.has_waiting()) wake(s.prefill_replica, now);
  Unit& to = units_[static_cast<std::size_t>(s.decode_replica)];
  to.replica.arrive(slot, s.rank);
  if (to.replica.is_running())
    shorten(s.decode_replica, to.replica.cut(now));
  else
    wake(s.decode_replica, now);
}

template class ServingSystem<MacroDecodeBatch>;
template class ServingSystem<SteppedDecodeBatch>;

}  // namespace jevons
