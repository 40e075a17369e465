#include <algorithm>

#include "scenarios/serve_answer.h"

namespace jevons {
namespace {

// `unit_s`: seconds in one unit of the sketch.
LatencyFigures figures(std::string_view name, std::string_view meaning,
                       const QuantileSketch<std::int64_t>& sketch, double unit_s) {
  LatencyFigures f{name, meaning};
  f.count = sketch.count();
  if (sketch.empty()) return f;
  f.mean = sketch.mean() * unit_s;
  for (std::size_t q = 0; q < shown_quantiles.size(); ++q)
    f.quantile[q] = sketch.quantile(shown_quantiles[q]) * unit_s;
  f.max = static_cast<double>(sketch.max()) * unit_s;
  return f;
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

void set_energy(ServeFigures& f, const ServingResult& r, double gpu_seconds) {
  const auto joules = [&r](EnergyAccount a) { return r.window_energy(a).in(unit::J); };
  f.prefill_j = joules(EnergyAccount::prefill);
  f.decode_j = joules(EnergyAccount::decode);
  f.idle_j = joules(EnergyAccount::idle);
  f.host_j = joules(EnergyAccount::host);
  f.gpu_j_per_output_token = ratio(f.gpu_j(), r.window.generated_tokens);
  f.node_j_per_output_token = ratio(f.node_j(), r.window.generated_tokens);
  f.mean_gpu_w = ratio(f.gpu_j(), gpu_seconds);
}

}  // namespace

ServeFigures figures_of(const ServeOutcome& outcome) {
  const ServingResult& r = outcome.result;
  const LatencySketches& l = r.latency;
  constexpr double ns = 1e-9, fs = 1e-15;
  ServeFigures f;
  f.latency = {figures("TTFT", "arrival to first token", l.ttft, ns),
               figures("TPOT", "mean per output token after the first", l.tpot, ns),
               figures("ITL", "between two tokens", l.itl, fs),
               figures("e2e", "arrival to last token", l.e2e, ns),
               figures("queueing", "arrival to first work", l.queueing, ns)};
  f.window_s = r.window_time().in(unit::s);
  int decoding_replicas = 0;
  for (const PoolResult& pool : r.pools) {
    f.gpus += pool.gpus;
    f.nodes += pool.nodes;
    f.replicas += pool.replicas;
    f.preemptions += pool.preemptions;
    if (pool.role != Role::prefill) decoding_replicas += pool.replicas;
  }
  const auto per_s = [&f](auto count) { return ratio(static_cast<double>(count), f.window_s); };
  f.input_tokens_per_s = per_s(r.window.prompt_tokens);
  f.output_tokens_per_s = per_s(r.window.generated_tokens);
  f.requests_per_s = per_s(r.window.completed);
  f.good_requests_per_s = per_s(r.window.good);
  f.good_share = ratio(static_cast<double>(r.window.good), static_cast<double>(r.window.completed));
  f.busy_share = ratio(to_double(r.window.busy_fs) * fs, f.window_s * f.replicas);
  f.mean_decoding = ratio(to_double(r.window.decode_seq_fs) * fs, f.window_s * decoding_replicas);
  f.cache_hit_share = ratio(static_cast<double>(r.window.cached_tokens),
                            static_cast<double>(r.window.prompt_tokens));
  set_energy(f, r, f.window_s * f.gpus);
  for (const PoolConfig& pool : outcome.config.pools) {
    f.low = std::min(f.low, pool.hardware.energy.low);
    f.high = std::max(f.high, pool.hardware.energy.high);
  }
  return f;
}

}  // namespace jevons
