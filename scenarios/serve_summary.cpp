// summary.json of a serving run. Each key is defined in docs/outputs.md.
#include <utility>

#include "scenarios/json_members.h"
#include "scenarios/serve_answer.h"

namespace jevons {
namespace {

JsonValue::Object latency_members(const std::vector<LatencyFigures>& latency) {
  Members all;
  for (const LatencyFigures& l : latency) {
    Members one;
    one.add("count", static_cast<std::int64_t>(l.count));
    one.add("mean_s", l.mean);
    constexpr std::array<std::string_view, shown_quantiles.size()> names{"p50_s", "p90_s", "p95_s",
                                                                         "p99_s"};
    for (std::size_t q = 0; q < names.size(); ++q) one.add(names[q], l.quantile[q]);
    one.add("max_s", l.max);
    std::string key{l.name};
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    all.put(key, one.take());
  }
  return all.take();
}

JsonValue::List pool_list(const ServeScenario& scenario, const ServeOutcome& outcome) {
  constexpr std::array<std::string_view, 3> roles{"whole", "prefill", "decode"};
  const std::vector<NamedPool> named = pools_of(scenario);
  JsonValue::List list;
  for (std::size_t p = 0; p < named.size(); ++p) {
    const PoolResult& pool = outcome.result.pools[p];
    const HardwareProfile& hardware = outcome.config.pools[p].hardware;
    Members one;
    one.add("role", roles[static_cast<std::size_t>(pool.role)]);
    one.add("chip", std::string_view{chip_of(scenario, *named[p].settings).name});
    one.add("replicas", pool.replicas);
    one.add("gpus", pool.gpus);
    one.add("nodes", pool.nodes);
    one.add("weights_per_gpu_bytes", pool.weights_per_gpu.in(unit::B));
    one.add("kv_per_gpu_bytes", pool.kv_per_gpu.in(unit::B));
    one.add("kv_blocks_per_rank", pool.kv_blocks_per_rank);
    one.add("preemptions", pool.preemptions);
    one.add("replica_time_on_s", pool.replica_seconds_on);
    one.add("time_profile", name_of(hardware.time.source));
    one.add("energy_profile", name_of(hardware.energy.source));
    list.push_back({one.take(), {}});
  }
  return list;
}

JsonValue::Object request_members(const ServeOutcome& outcome) {
  const ServingTotals& t = outcome.result.whole;
  Members out;
  out.add("arrived", t.arrived);
  out.add("completed", t.completed);
  out.add("rejected", t.rejected);
  out.add("outstanding", outcome.result.outstanding);
  out.add("too_long", outcome.left_out.too_long);
  out.add("cut_to_context", outcome.left_out.cut);
  out.add("prompt_tokens", t.prompt_tokens);
  out.add("cached_tokens", t.cached_tokens);
  out.add("output_tokens", t.output_tokens);
  out.add("thinking_tokens", t.thinking_tokens);
  return out.take();
}

JsonValue::Object energy_members(const ServeFigures& f) {
  Members out;
  out.add("gpu_prefill_j", f.prefill_j);
  out.add("gpu_decode_j", f.decode_j);
  out.add("gpu_idle_j", f.idle_j);
  out.add("gpu_j", f.gpu_j());
  out.add("host_j", f.host_j);
  out.add("node_j", f.node_j());
  out.add("gpu_j_per_output_token", f.gpu_j_per_output_token);
  out.add("node_j_per_output_token", f.node_j_per_output_token);
  out.add("gpu_j_per_output_token_low", f.gpu_range()[0]);
  out.add("gpu_j_per_output_token_high", f.gpu_range()[1]);
  out.add("node_j_per_output_token_low", f.node_range()[0]);
  out.add("node_j_per_output_token_high", f.node_range()[1]);
  out.add("mean_gpu_power_w", f.mean_gpu_w);
  return out.take();
}

}  // namespace

JsonValue answer_summary(const ServeScenario& scenario, const ServeOutcome& outcome) {
  const ServeFigures f = figures_of(outcome);
  const ServingResult& r = outcome.result;
  Members out;
  out.add("name", std::string_view{scenario.title});
  out.add("model", std::string_view{scenario.model.name});
  out.put("pools", pool_list(scenario, outcome));
  out.put("requests", request_members(outcome));
  out.add("window_begin_s", since_start(r.window_begin).in(unit::s));
  out.add("window_end_s", since_start(r.window_end).in(unit::s));
  out.put("latency", latency_members(f.latency));
  out.add("requests_per_s", f.requests_per_s);
  out.add("good_requests_per_s", f.good_requests_per_s);
  out.add("good_share", f.good_share);
  out.add("input_tokens_per_s", f.input_tokens_per_s);
  out.add("output_tokens_per_s", f.output_tokens_per_s);
  out.add("output_tokens_per_s_per_node", f.output_tokens_per_s / f.nodes);
  out.add("output_tokens_per_s_per_gpu", f.output_tokens_per_s / f.gpus);
  out.add("mean_decoding_per_replica", f.mean_decoding);
  out.add("peak_batch", r.peak_batch);
  out.add("busy_share", f.busy_share);
  out.add("peak_kv_share", r.peak_kv_share);
  out.add("cache_hit_share", f.cache_hit_share);
  out.add("preemptions", f.preemptions);
  out.put("energy", energy_members(f));
  JsonValue::List remarks;
  for (std::string& caveat : caveats(scenario, outcome)) remarks.push_back({std::move(caveat), {}});
  out.put("caveats", std::move(remarks));
  return {out.take(), {}};
}

}  // namespace jevons
