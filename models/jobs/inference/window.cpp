#include "models/jobs/inference/window.h"

#include <algorithm>
#include <cmath>

#include "models/jobs/request_sources.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

constexpr double warmup_share = 0.2;

ServingConfig plain(const ServingConfig& fleet) {
  ServingConfig c = fleet;
  c.concurrency.reset();
  c.autoscaling.reset();
  c.sample_every.reset();
  c.measure_begin = c.measure_end = c.stop_at = c.last_arrival = std::nullopt;
  c.measure_from_first_token = c.measure_to_completion = std::nullopt;
  return c;
}

ServingResult run(const ServingConfig& config, const WindowLoad& load, const Arrivals& arrivals,
                  const WindowEffort& effort, ServingObserver* observer = nullptr) {
  GeneratedRequests plain_source{
      {.arrivals = arrivals, .lengths = load.lengths, .requests = effort.requests}, effort.seed};
  if (!load.reasoning) return simulate(config, plain_source, observer);
  WithReasoning thinking{plain_source, *load.reasoning, effort.seed};
  return simulate(config, thinking, observer);
}

Time quantile(const QuantileSketch<std::int64_t>& sketch, double q) {
  return sketch.empty() ? Time{} : sketch.quantile(q) * unit::ns;
}

int gpus_of(const ServingConfig& fleet) {
  int gpus = 0;
  for (const PoolConfig& p : fleet.pools) gpus += p.replicas * p.model.parallelism.gpus();
  return gpus;
}

}  // namespace

WindowResult serve_window(const ServingConfig& fleet, const WindowLoad& load,
                          Money price_per_gpu_hour, const WindowEffort& effort,
                          ServingObserver* observer) {
  ensure(load.requests_per_s > 0, "a load is positive");
  ServingConfig c = plain(fleet);
  const double span = static_cast<double>(effort.requests) / load.requests_per_s;
  c.measure_begin = Instant{to_span(warmup_share * span * unit::s)};
  c.measure_end = Instant{to_span(span * unit::s)};
  const ServingResult r = run(c, load, PoissonArrivals{load.requests_per_s}, effort, observer);
  const double seconds = r.window_time().in(unit::s);
  const double tokens = std::max(r.window.generated_tokens, 1.0);
  const int gpus = gpus_of(fleet);
  WindowResult w;
  w.offered_requests_per_s = load.requests_per_s;
  w.completed_requests_per_s = static_cast<double>(r.window.completed) / seconds;
  w.output_tokens_per_s = r.window.generated_tokens / seconds;
  w.input_tokens_per_s = static_cast<double>(r.window.prompt_tokens) / seconds;
  w.ttft_p50 = quantile(r.latency.ttft, 0.5);
  w.ttft_p95 = quantile(r.latency.ttft, 0.95);
  w.tpot_p50 = quantile(r.latency.tpot, 0.5);
  w.tpot_p95 = quantile(r.latency.tpot, 0.95);
  w.e2e_p50 = quantile(r.latency.e2e, 0.5);
  w.slo_attainment = r.measured_requests > 0 ? static_cast<double>(r.measured_good) /
                                                   static_cast<double>(r.measured_requests)
                                             : 0.0;
  int replicas = 0;
  for (const PoolConfig& p : fleet.pools) replicas += p.replicas;
  w.utilization = to_double(r.window.busy_fs) * 1e-15 / seconds / replicas;
  w.mean_batch = to_double(r.window.decode_seq_fs) * 1e-15 / seconds / replicas;
  w.gpu_energy_per_token = r.window_gpu_energy() / tokens;
  w.node_energy_per_token = (r.window_gpu_energy() + r.window_energy(EnergyAccount::host)) / tokens;
  w.mean_gpu_power = r.window_gpu_energy() / r.window_time() / static_cast<double>(gpus);
  w.cost_per_million_tokens = price_per_gpu_hour * (gpus * seconds / 3600) / tokens * 1e6;
  // A growing queue shows in completions that fall behind arrivals and in a tail after the last
  // one.
  const auto arrived = static_cast<double>(r.measured_requests);
  w.is_stable = static_cast<double>(r.window.completed) > 0.95 * arrived && r.window.rejected == 0;
  return w;
}

double saturated_rate(const ServingConfig& fleet, const WindowLoad& load,
                      const WindowEffort& effort) {
  ServingConfig c = plain(fleet);
  int slots = 0;
  for (const PoolConfig& p : fleet.pools)
    slots += p.replicas * p.model.parallelism.dp * p.engine.max_num_seqs;
  c.concurrency = slots;
  WindowEffort more = effort;
  more.requests = std::max<std::int64_t>(effort.requests, 4 * std::int64_t{slots});
  c.measure_from_first_token = slots;
  c.measure_to_completion = more.requests - slots;
  const ServingResult r = run(c, load, ClosedLoop{}, more);
  return static_cast<double>(r.window.completed) / r.window_time().in(unit::s);
}

double max_load(const ServingConfig& fleet, const WindowLoad& load, double attainment,
                const WindowEffort& effort) {
  const auto holds = [&](double rate) {
    WindowLoad at = load;
    at.requests_per_s = rate;
    const WindowResult w = serve_window(fleet, at, Money{}, effort);
    return w.is_stable && w.slo_attainment >= attainment;
  };
  double fails = saturated_rate(fleet, load, effort);
  double good = fails / 1024;
  if (!holds(good)) return 0;
  while (fails / good > 1.01) {
    const double middle = good * std::sqrt(fails / good);
    (holds(middle) ? good : fails) = middle;
  }
  return good;
}

}  // namespace jevons
