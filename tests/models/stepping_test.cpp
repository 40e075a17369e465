// The closed form between changes of a batch against the reference that steps every iteration of
// every sequence: the same times to the nanosecond, the same joules to the attojoule.
#include <string>

#include <doctest/doctest.h>

#include "models/jobs/inference/serving.h"
#include "models/jobs/request_sources.h"
#include "tests/support/fleets.h"

namespace jevons {

namespace {

struct Case {
  ServingConfig config;
  std::vector<RequestSpec> requests;
  std::vector<std::vector<std::uint64_t>> hashes;
  std::string label;
};

std::int64_t draw(Rng& rng, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(high - low + 1)));
}
bool coin(Rng& rng, double chance) {
  return rng.uniform() < chance;
}

ModelCard draw_model(Rng& rng, std::string& label) {
  const auto which = draw(rng, 0, 2);
  if (which == 0) return label += " dense", test::a_dense_model();
  if (which == 1) return label += " window", test::a_windowed_model();
  return label += " mla-moe", test::an_mla_moe_model();
}

PoolConfig draw_pool(Rng& rng, std::string& label) {
  PoolConfig pool = test::a_pool(draw_model(rng, label), static_cast<int>(draw(rng, 1, 3)));
  Parallelism& p = pool.model.parallelism;
  p.tp = coin(rng, 0.5) ? 1 : 2;
  if (coin(rng, 0.2)) p.pp = 2, label += " pp";
  if (coin(rng, 0.4)) {
    p.dp = static_cast<int>(draw(rng, 2, 4));
    if (pool.model.card.moe) p.ep = p.tp * p.dp;
    label += " dp";
  }
  EngineConfig& e = pool.engine;
  e.max_num_seqs = static_cast<int>(draw(rng, 1, 40));
  e.max_batched_tokens = static_cast<int>(draw(rng, 64, 4096));
  if (coin(rng, 0.2)) e.chunked_prefill = false, label += " unchunked";
  e.block_tokens = coin(rng, 0.7) ? 16 : static_cast<int>(draw(rng, 1, 64));
  if (coin(rng, 0.2)) e.admission = Admission::whole, label += " whole";
  if (coin(rng, 0.3)) {
    e.speculation = Speculation{};
    e.speculation->draft_tokens = static_cast<int>(draw(rng, 1, 4));
    label += " speculation";
  }
  if (pool.model.card.moe && pool.model.card.moe->experts % p.ep == 0 && coin(rng, 0.3)) {
    e.expert_skew = 1.2;
    label += " skewed";
  }
  if (coin(rng, 0.2)) {
    e.power_cap = static_cast<double>(draw(rng, 150, 600)) * unit::W;
    label += " capped";
  }
  // Sometimes just enough memory for a few requests, so that growth preempts.
  if (coin(rng, 0.6)) {
    const KvCapacity all = kv_capacity(pool);
    const double tokens = static_cast<double>(draw(rng, 4000, 30'000));
    const double spare = (kv_bytes_per_token_per_gpu(pool.model) * tokens).in(unit::GB);
    const double used = (all.weights_per_gpu + all.workspace_per_gpu).in(unit::GB);
    pool.engine.memory_utilization = (used + spare) / pool.gpu_memory.in(unit::GB);
    label += " tight";
  }
  return pool;
}

Case draw_case(std::uint64_t number) {
  Rng rng{number, "stepping"};
  Case c;
  const PoolConfig pool = draw_pool(rng, c.label);
  c.config = test::a_config(pool);
  c.config.seed = number;
  c.config.router = static_cast<RouterKind>(draw(rng, 0, 3));
  if (coin(rng, 0.3)) c.config.pools.front().engine.prefix_cache = true, c.label += " prefix";
  if (coin(rng, 0.3)) {
    PoolConfig decode = pool;
    decode.replicas = static_cast<int>(draw(rng, 1, 2));
    c.config.pools.front().role = Role::prefill;
    c.config.pools.front().engine.speculation.reset();
    decode.role = Role::decode;
    c.config.pools.push_back(decode);
    c.config.transfer.bandwidth_per_gpu = (coin(rng, 0.5) ? 0.2 : 50.0) * unit::GB / unit::s;
    c.label += " disaggregated";
  } else if (coin(rng, 0.2)) {
    c.config.autoscaling = Autoscaling{};
    c.config.autoscaling->target_outstanding = 4;
    c.config.autoscaling->interval = 1 * unit::s;
    c.config.autoscaling->startup = 2 * unit::s;
    c.config.autoscaling->scale_down_after = 3 * unit::s;
    c.label += " autoscaled";
  }
  if (coin(rng, 0.25))
    c.config.concurrency = static_cast<int>(draw(rng, 1, 30)), c.label += " closed";
  if (coin(rng, 0.5)) c.config.sample_every = to_span(0.7 * unit::s);
  if (coin(rng, 0.3)) {
    c.config.measure_begin = Instant{to_span(2 * unit::s)};
    c.config.measure_end = Instant{to_span(5 * unit::s)};
  }
  const auto count = static_cast<std::size_t>(draw(rng, 5, 120));
  const double rate = coin(rng, 0.5) ? 5.0 : 60.0;
  double t = 0;
  c.hashes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    t += Exponential{1 / rate}.sample(rng);
    if (coin(rng, 0.1)) t = static_cast<double>(static_cast<std::int64_t>(t)) + 1;  // ties
    RequestSpec r;
    r.arrival = Instant{to_span(t * unit::s)};
    r.prompt_tokens = static_cast<std::int32_t>(draw(rng, 1, coin(rng, 0.2) ? 9000 : 1200));
    r.output_tokens = static_cast<std::int32_t>(draw(rng, 1, coin(rng, 0.2) ? 1500 : 200));
    std::vector<std::uint64_t> hashes;
    const auto family = static_cast<std::uint64_t>(draw(rng, 1, 4));
    for (int b = 0; b <= r.prompt_tokens / 512; ++b)
      hashes.push_back(family * 1000 + static_cast<std::uint64_t>(b));
    if (hashes.size() > 2 && coin(rng, 0.5)) hashes.back() += 7'000'000 + i;
    c.hashes.push_back(hashes);
    c.requests.push_back(r);
    c.requests.back().prefix_blocks = c.hashes.back();
  }
  return c;
}

std::string show(Instant t) {
  return std::to_string(t.time_since_epoch().count());
}
std::string show(bool b) {
  return b ? "true" : "false";
}
std::string show(std::int64_t n) {
  return std::to_string(n);
}
std::string show(std::int32_t n) {
  return std::to_string(n);
}
std::string show(double x) {
  return std::to_string(x);
}
std::string show(Int128 n) {
  return std::to_string(to_double(n));
}

// Remembers the first value in which two runs differ.
class Comparison {
 public:
  template <class T>
  void same(const std::string& what, const T& a, const T& b) {
    if (difference_.empty() && !(a == b)) difference_ = what + ": " + show(a) + " and " + show(b);
  }
  const std::string& difference() const { return difference_; }

 private:
  std::string difference_;
};

void compare(Comparison& c, const RequestRecord& a, const RequestRecord& b) {
  const std::string who = "request " + show(a.id) + " ";
  c.same(who + "id", a.id, b.id);
  c.same(who + "first scheduled", a.first_scheduled, b.first_scheduled);
  c.same(who + "first token", a.first_token, b.first_token);
  c.same(who + "completion", a.completion, b.completion);
  c.same(who + "cached tokens", a.cached_tokens, b.cached_tokens);
  c.same(who + "preemptions", a.preemptions, b.preemptions);
  c.same(who + "replica", a.replica, b.replica);
  c.same(who + "decode replica", a.decode_replica, b.decode_replica);
  c.same(who + "rejected", a.was_rejected, b.was_rejected);
}

void compare(Comparison& c, const ReplicaSample& a, const ReplicaSample& b) {
  const std::string who = "sample at " + show(a.at) + " ";
  c.same(who + "time", a.at, b.at);
  c.same(who + "outstanding", a.outstanding, b.outstanding);
  c.same(who + "decoding", a.decoding, b.decoding);
  c.same(who + "prefilling", a.prefilling, b.prefilling);
  c.same(who + "kv blocks", a.kv_blocks, b.kv_blocks);
  c.same(who + "preemptions", a.preemptions, b.preemptions);
  c.same(who + "joules", a.gpu_energy.base(), b.gpu_energy.base());
}

void compare(Comparison& c, const ServingResult& a, const ServingResult& b) {
  c.same("end", a.end, b.end);
  c.same("completed", a.whole.completed, b.whole.completed);
  c.same("iterations", a.whole.iterations, b.whole.iterations);
  c.same("busy time", a.whole.busy_fs, b.whole.busy_fs);
  c.same("decoding time", a.whole.decode_seq_fs, b.whole.decode_seq_fs);
  for (std::size_t i = 0; i < a.whole.aj.size(); ++i) {
    c.same("attojoules of account " + std::to_string(i), a.whole.aj[i], b.whole.aj[i]);
    c.same("attojoules of window " + std::to_string(i), a.window.aj[i], b.window.aj[i]);
  }
  c.same("ITL count", static_cast<std::int64_t>(a.latency.itl.count()),
         static_cast<std::int64_t>(b.latency.itl.count()));
  if (!a.latency.itl.empty())
    c.same("ITL p90", a.latency.itl.quantile(0.9), b.latency.itl.quantile(0.9));
  c.same("peak batch", a.peak_batch, b.peak_batch);
  c.same("peak KV", a.peak_kv_share, b.peak_kv_share);
}

struct Outcome {
  std::string difference;
  std::int64_t preemptions = 0, cached_tokens = 0, events_macro = 0, events_reference = 0;
};

Outcome run_both(Case& c) {
  Outcome out;
  Comparison same;
  test::Recorder macro;
  test::Recorder reference;
  test::ListedRequests first{c.requests};
  test::ListedRequests second{c.requests};
  c.config.stepping = Stepping::macro;
  const ServingResult a = simulate(c.config, first, &macro);
  c.config.stepping = Stepping::iteration;
  const ServingResult b = simulate(c.config, second, &reference);
  same.same("requests", static_cast<std::int64_t>(macro.requests.size()),
            static_cast<std::int64_t>(reference.requests.size()));
  same.same("samples", static_cast<std::int64_t>(macro.samples.size()),
            static_cast<std::int64_t>(reference.samples.size()));
  if (same.difference().empty()) {
    for (std::size_t i = 0; i < macro.requests.size(); ++i)
      compare(same, macro.requests[i], reference.requests[i]);
    for (std::size_t i = 0; i < macro.samples.size(); ++i)
      compare(same, macro.samples[i], reference.samples[i]);
    compare(same, a, b);
  }
  out.difference = same.difference();
  for (const RequestRecord& r : macro.requests) {
    out.preemptions += r.preemptions;
    out.cached_tokens += r.cached_tokens;
  }
  out.events_macro = a.events;
  out.events_reference = b.events;
  return out;
}

}  // namespace

TEST_CASE("closed-form spans and single iterations give the same run to the nanosecond") {
  Outcome sum;
  for (std::uint64_t number = 0; number < 600; ++number) {
    Case c = draw_case(number);
    const Outcome o = run_both(c);
    INFO("case ", number, c.label);
    CHECK(o.difference == "");
    sum.preemptions += o.preemptions;
    sum.cached_tokens += o.cached_tokens;
    sum.events_macro += o.events_macro;
    sum.events_reference += o.events_reference;
  }
  // The cases do reach what they are meant to reach.
  CHECK(sum.preemptions > 100);
  CHECK(sum.cached_tokens > 10'000);
  CHECK(sum.events_macro * 2 < sum.events_reference);
}

}  // namespace jevons
