// The page that a serving run prints.
#include "scenarios/serve_answer.h"

#include <utility>

#include "scenarios/page.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

constexpr double joules_per_kwh = 3.6e6;

std::string line(std::string_view label, const std::string& text) {
  std::string out = "  " + std::string{label};
  out.resize(13, ' ');
  return out + text + "\n";
}

std::string model_text(const ModelCard& card) {
  const auto billions = [](double count) { return figure(count / 1e9) + " billion"; };
  std::string text = card.name + ": " + billions(parameters(card).total()) + " parameters, ";
  if (card.moe) text += billions(active_parameters(card)) + " active per token, ";
  return text + "weights in " + std::string{name_of(card.weights)};
}

std::string parallelism_text(const Parallelism& p) {
  std::string text = "tp " + std::to_string(p.tp);
  const auto add = [&text](std::string_view name, int ways) {
    if (ways > 1) text += ", " + std::string{name} + " " + std::to_string(ways);
  };
  add("pp", p.pp);
  add("dp", p.dp);
  add("ep", p.ep);
  return text;
}

std::string_view role_text(Role role) {
  if (role == Role::whole) return "fleet";
  return role == Role::prefill ? "prefill" : "decode";
}

std::string pool_text(const ServeScenario& scenario, const ServeOutcome& outcome, std::size_t p) {
  const PoolSettings& settings = *pools_of(scenario)[p].settings;
  const PoolResult& pool = outcome.result.pools[p];
  const Parallelism& spread = settings.parallelism;
  const std::int64_t tokens = pool.kv_blocks_per_rank * settings.engine.block_tokens;
  const auto count = [](int n, const std::string& what) {
    return grouped(n) + " " + what + (n == 1 ? "" : "s");
  };
  return line(role_text(pool.role),
              count(pool.replicas, "replica") + " of " + std::to_string(spread.gpus()) + " " +
                  chip_of(scenario, settings).name + " (" + parallelism_text(spread) +
                  "): " + count(pool.gpus, "GPU") + ", " + count(pool.nodes, "node")) +
         line("", "on each GPU " + figure(pool.weights_per_gpu.in(unit::GB)) + " GB of weights, " +
                      figure(pool.kv_per_gpu.in(unit::GB)) +
                      " GB for KV: " + grouped(tokens * spread.dp) + " tokens a replica, " +
                      std::string{name_of(settings.engine.kv_precision)});
}

std::string arrivals_text(const ServeArrivals& arrivals) {
  return std::visit(
      [](const auto& a) {
        using A = std::decay_t<decltype(a)>;
        std::string text{A::name};
        if constexpr (requires { a.requests_per_s; })
          text += " arrivals, " + figure(a.requests_per_s) + " requests/s";
        else if constexpr (std::is_same_v<A, ClosedLoop>)
          text = grouped(a.concurrency) + " requests always outstanding";
        else if constexpr (std::is_same_v<A, RecordedRates>)
          text = a.rates.name + ", rates x " + figure(a.load);
        else
          text += " arrivals";
        return text;
      },
      arrivals);
}

std::string lengths_text(const ServeLengths& lengths) {
  if (const auto* measured = std::get_if<MeasuredLengths>(&lengths))
    return "lengths: " + measured->table.name;
  return std::string{std::visit([](const auto& l) { return l.name; }, lengths)} + " lengths";
}

std::string requests_text(const Workload& workload) {
  const auto replay = [](const std::string& name, const Replay& r) {
    return name + ", load x " + figure(r.load);
  };
  if (const auto* trace = std::get_if<TraceWorkload>(&workload))
    return replay(trace->trace.name, trace->replay);
  if (const auto* own = std::get_if<TraceFileWorkload>(&workload))
    return replay(own->file.written, own->replay);
  const auto& generated = std::get<GeneratedWorkload>(workload);
  return arrivals_text(generated.arrivals) + "; " + lengths_text(generated.lengths);
}

std::string reasoning_text(const Workload& workload, const ServingTotals& t) {
  const auto added = [](const auto& w) -> const std::optional<Reasoning>& {
    if constexpr (requires { w.replay; })
      return w.replay.reasoning;
    else
      return w.reasoning;
  };
  const std::optional<Reasoning> reasoning =
      std::visit([&](const auto& w) { return added(w); }, workload);
  const double share = t.output_tokens > 0 ? static_cast<double>(t.thinking_tokens) /
                                                 static_cast<double>(t.output_tokens)
                                           : 0;
  if (reasoning)
    return "chain of thought ADDED to " + percent(reasoning->share) + " of requests, median " +
           figure(reasoning->median_tokens) + " tokens: " + percent(share) + " of the output";
  if (t.thinking_tokens > 0)
    return "chain of thought is " + percent(share) + " of the output, as the lengths say";
  if (std::holds_alternative<GeneratedWorkload>(workload)) return "no chain of thought";
  return "no chain of thought added: a trace says nothing about reasoning";
}

std::string workload_text(const ServeScenario& scenario, const ServingResult& r) {
  const ServingTotals& t = r.whole;
  const auto mean = [](std::int64_t sum, std::int64_t count) {
    return figure(count > 0 ? static_cast<double>(sum) / static_cast<double>(count) : 0);
  };
  return line("workload", requests_text(scenario.workload)) +
         line("", grouped(t.arrived) + (t.arrived == 1 ? " request in " : " requests in ") +
                      figure(since_start(r.end).in(unit::s)) + " s; " +
                      mean(t.prompt_tokens, t.completed) + " prompt and " +
                      mean(t.output_tokens, t.completed) + " output tokens a request") +
         line("", reasoning_text(scenario.workload, t));
}

std::string latency_text(const ServeFigures& f) {
  TextTable table{{{"latency", "", "mean", "p50", "p90", "p95", "p99", "max"}}};
  for (const LatencyFigures& l : f.latency) {
    const bool in_seconds = l.mean >= 1;
    const auto shown = [&](double seconds) { return figure(in_seconds ? seconds : seconds * 1e3); };
    std::vector<std::string> row{"  " + std::string{l.name}, in_seconds ? "s" : "ms",
                                 shown(l.mean)};
    for (const double q : l.quantile) row.push_back(shown(q));
    row.push_back(shown(l.max));
    if (l.count == 0) row = {"  " + std::string{l.name}, "", "none"};
    table.rows.push_back(std::move(row));
  }
  return table.to_text(2);
}

std::string throughput_text(const ServeFigures& f) {
  TextTable table{{{"throughput", "total", "per node", "per GPU"}}};
  const auto row = [&](std::string_view name, double rate) {
    table.rows.push_back(
        {"  " + std::string{name}, figure(rate), figure(rate / f.nodes), figure(rate / f.gpus)});
  };
  row("input tokens/s", f.input_tokens_per_s);
  row("output tokens/s", f.output_tokens_per_s);
  return table.to_text(2);
}

std::string service_text(const ServeScenario& scenario, const ServeFigures& f,
                         const ServingResult& r) {
  return line("goodput", figure(f.good_requests_per_s) + " of " + figure(f.requests_per_s) +
                             " requests/s (" + percent(f.good_share) + ") within TTFT " +
                             print(scenario.slo.ttft) + " and TPOT " + print(scenario.slo.tpot)) +
         line("batch", figure(f.mean_decoding) + " sequences decode on a replica on average, " +
                           grouped(r.peak_batch) + " run at most; engines busy " +
                           percent(f.busy_share)) +
         line("KV cache", "fullest rank " + percent(r.peak_kv_share) + "; prefix hits " +
                              percent(f.cache_hit_share) + " of prompt tokens; " +
                              grouped(f.preemptions) + " preemptions; " +
                              grouped(r.whole.rejected) + " requests rejected");
}

std::string energy_text(const ServeScenario& scenario, const ServeFigures& f, double tokens) {
  const bool has_range = f.low < f.high;
  TextTable table{{{"energy", "kWh", "J/output token", has_range ? "nine times in ten" : ""}}};
  const auto row = [&](std::string_view name, double joules, std::array<double, 2> range = {}) {
    table.rows.push_back(
        {"  " + std::string{name}, figure(joules / joules_per_kwh),
         figure(tokens > 0 ? joules / tokens : 0),
         has_range && range[1] > 0 ? figure(range[0]) + " to " + figure(range[1]) : ""});
  };
  row("GPU, prefill", f.prefill_j);
  row("GPU, decode", f.decode_j);
  row("GPU, idle", f.idle_j);
  row("GPU, all", f.gpu_j(), f.gpu_range());
  row("host", f.host_j);
  row("node = GPU + host", f.node_j(), f.node_range());
  std::string power = "mean GPU power " + figure(f.mean_gpu_w) + " W";
  if (!scenario.chip.tdp) return table.to_text(2);
  power += " (TDP " + figure(scenario.chip.tdp->in(unit::W)) + " W)";
  return table.to_text(2) + "    " + power + "\n";
}

}  // namespace

std::string answer_text(const ServeScenario& scenario, const ServeOutcome& outcome) {
  const ServeFigures f = figures_of(outcome);
  const ServingResult& r = outcome.result;
  std::string page = scenario.title.empty() ? scenario.model.name : scenario.title;
  page += "\n" + line("model", model_text(scenario.model));
  for (std::size_t p = 0; p < r.pools.size(); ++p) page += pool_text(scenario, outcome, p);
  page += workload_text(scenario, r);
  if (outcome.config.measure_begin || outcome.config.measure_end)
    page += line("measured", "from " + figure(since_start(r.window_begin).in(unit::s)) + " s to " +
                                 figure(since_start(r.window_end).in(unit::s)) + " s");
  page += "\n" + latency_text(f) + "\n" + throughput_text(f) + "\n";
  page += service_text(scenario, f, r) + "\n";
  page += energy_text(scenario, f, r.window.generated_tokens) + "\n";
  page += "  caveats\n";
  for (const std::string& caveat : caveats(scenario, outcome)) page += "  - " + caveat + "\n";
  return page;
}

}  // namespace jevons
