#include "scenarios/serve_explain.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "scenarios/page.h"
#include "scenarios/serve_answer.h"
#include "scenarios/serve_build.h"

namespace jevons {
namespace {

// Adds lists of kernels to shares, by name.
class Shares {
 public:
  // `ways`: how often all GPUs of a replica together run this list.
  void add(const HardwareProfile& hardware, const KernelList& kernels, double ways) {
    for (const NamedKernel& k : kernels) {
      KernelShare& share = of(k.name);
      const KernelTime time = kernel_time(hardware.time, k.kernel);
      share.seconds += k.count * time.seconds;
      const DynamicJoules joules = dynamic_joules(hardware.energy, k.kernel);
      share.joules += k.count * ways * joules.total();
      share.arithmetic_joules += k.count * ways * joules.arithmetic;
      share.extrapolated |= time.extrapolated;
    }
  }
  std::vector<KernelShare> take() {
    std::stable_sort(list_.begin(), list_.end(), [](const KernelShare& a, const KernelShare& b) {
      return a.seconds > b.seconds;
    });
    return std::move(list_);
  }

 private:
  KernelShare& of(std::string_view name) {
    for (KernelShare& share : list_)
      if (share.name == name) return share;
    return list_.emplace_back(KernelShare{.name = name});
  }
  std::vector<KernelShare> list_;
};

// Where the work would draw more than the board's limit the clock is lower, and with it the joules
// of arithmetic; kernel times were measured under that limit.
void limit_power(IterationShares& shares, const PoolConfig& pool) {
  double arithmetic = 0;
  double other = 0;
  for (const KernelShare& k : shares.kernels) {
    arithmetic += k.arithmetic_joules;
    other += k.joules - k.arithmetic_joules;
  }
  EngineConfig uncapped = pool.engine;
  uncapped.power_cap.reset();
  const IterationCosts costs{pool.model, pool.hardware, uncapped};
  const auto scaled = [](double value, double grain) { return std::llround(value * grain); };
  const Clock clock = costs.clock_for(
      {scaled(shares.seconds(), 1e15), 0, scaled(other, 1e12), scaled(arithmetic, 1e12)},
      pool.model.parallelism.gpus());
  const double kept = static_cast<double>(clock.arithmetic) / (1 << 20);
  for (KernelShare& k : shares.kernels) {
    k.joules -= (1 - kept) * k.arithmetic_joules;
    k.arithmetic_joules *= kept;
  }
}

JsonValue to_json(const IterationShares& shares, const IterationLoad& load) {
  const auto number = [](double value) { return JsonValue{json_number(value), {}}; };
  JsonValue::List kernels;
  for (const KernelShare& k : shares.kernels)
    kernels.push_back({JsonValue::Object{{"name", {std::string{k.name}, {}}, {}},
                                         {"time_s", number(k.seconds), {}},
                                         {"dynamic_j", number(k.joules), {}},
                                         {"extrapolated", {k.extrapolated, {}}, {}}},
                       {}});
  return {JsonValue::Object{{"iteration", {load.is_prefill ? "prefill" : "decode", {}}, {}},
                            {"sequences_per_rank", number(load.sequences), {}},
                            {"tokens_per_sequence", number(load.context), {}},
                            {"time_s", number(shares.seconds()), {}},
                            {"host_s", number(shares.host_seconds), {}},
                            {"gpu_j", number(shares.joules()), {}},
                            {"static_j", number(shares.static_joules), {}},
                            {"kernels", {std::move(kernels), {}}, {}}},
          {}};
}

std::string whole(double count) {
  return grouped(std::llround(count));
}

std::string bar(double share) {
  constexpr double widest = 30;
  std::string text(static_cast<std::size_t>(std::lround(widest * share)), '#');
  text.resize(static_cast<std::size_t>(widest), ' ');
  return text;
}

std::string text_of(const IterationShares& shares, const IterationLoad& load, int gpus) {
  std::string title = load.is_prefill
                          ? "one prefill chunk of " + whole(load.context) + " tokens"
                          : "one decode iteration of " + whole(load.sequences) +
                                (load.sequences == 1 ? " sequence with " : " sequences with ") +
                                whole(load.context) + " tokens of KV each";
  title += ", on each rank: " + figure(shares.seconds() * 1e3) + " ms and " +
           figure(shares.joules()) + " J on " + std::to_string(gpus) + " GPUs\n";
  TextTable table{{{"  kernel", "ms", "of time", bar(0), "J", "of energy"}}};
  const auto row = [&](std::string name, double seconds, double joules) {
    const double of_time = seconds / shares.seconds();
    table.rows.push_back({"  " + std::move(name), figure(seconds * 1e3), percent(of_time),
                          bar(of_time), figure(joules), percent(joules / shares.joules())});
  };
  for (const KernelShare& k : shares.kernels)
    row(std::string{k.name} + (k.extrapolated ? " *" : ""), k.seconds, k.joules);
  row("host, GPUs waiting", shares.host_seconds, 0);
  table.rows.push_back({"  static power", "", "", "", figure(shares.static_joules),
                        percent(shares.static_joules / shares.joules())});
  return title + table.to_text(0);
}

// What the engines did on average, to take apart.
IterationLoad mean_load(const ServeOutcome& outcome, Role role, int dp) {
  const ServingResult& r = outcome.result;
  const auto per = [](double sum, double count) { return count > 0 ? sum / count : 0; };
  const auto requests = static_cast<double>(r.whole.completed);
  const double prompt = per(static_cast<double>(r.whole.prompt_tokens), requests);
  if (role == Role::prefill)
    return {true, 1,
            std::min<double>(std::max(1.0, std::round(prompt)),
                             outcome.config.pools.front().engine.max_batched_tokens)};
  const double output = per(static_cast<double>(r.whole.output_tokens), requests);
  const double decoding = figures_of(outcome).mean_decoding;
  return {false, std::max(1.0, std::round(decoding / dp)), std::round(prompt + output / 2)};
}

}  // namespace

double IterationShares::seconds() const {
  return std::accumulate(kernels.begin(), kernels.end(), host_seconds,
                         [](double sum, const KernelShare& k) { return sum + k.seconds; });
}

double IterationShares::joules() const {
  return std::accumulate(kernels.begin(), kernels.end(), static_joules,
                         [](double sum, const KernelShare& k) { return sum + k.joules; });
}

IterationShares shares_of(const PoolConfig& pool, const IterationLoad& load) {
  const ServedModel& m = pool.model;
  const Parallelism& p = m.parallelism;
  const int queries = pool.engine.speculation ? 1 + pool.engine.speculation->draft_tokens : 1;
  const double tokens = load.sequences * (load.is_prefill ? load.context : queries);
  const double micro = std::clamp(load.sequences, 1.0, static_cast<double>(p.pp));
  const double ways = micro * p.tp * p.dp;
  Shares shares;
  const auto add = [&](const KernelList& list) { shares.add(pool.hardware, list, ways); };
  add(dense_kernels(m, tokens / micro));
  add(expert_kernels(m, tokens / micro, tokens * p.dp / micro));
  add(head_kernels(m, load.sequences / micro));
  if (load.is_prefill) {
    add(prefill_attention_kernels(m, load.context, 0));
  } else {
    const double kv = load.sequences * load.context / micro;
    const double window =
        load.sequences / micro * std::min<double>(load.context, m.card.attention.window);
    add(decode_attention_kernels(m, load.sequences / micro, kv, queries));
    if (window > 0) add(window_attention_kernels(m, load.sequences / micro, window, queries));
  }
  IterationShares out{shares.take()};
  const EngineConfig& e = pool.engine;
  const Time host = e.overhead_per_iteration + load.sequences * e.overhead_per_sequence;
  out.host_seconds = host.in(unit::s);
  out.static_joules = out.seconds() * p.gpus() * pool.hardware.energy.busy_static.in(unit::W);
  limit_power(out, pool);
  return out;
}

Answer explain(const ServeScenario& scenario, RunContext& context) {
  const ServeOutcome outcome = serve(scenario, context);
  Answer answer;
  JsonValue::List iterations;
  answer.text = (scenario.title.empty() ? scenario.model.name : scenario.title) + "\n";
  const auto show = [&](const PoolConfig& pool, Role role) {
    const Parallelism& p = pool.model.parallelism;
    const IterationLoad load = mean_load(outcome, role, p.dp);
    const IterationShares shares = shares_of(pool, load);
    answer.text += "\n" + text_of(shares, load, p.gpus());
    iterations.push_back(to_json(shares, load));
  };
  for (const PoolConfig& pool : outcome.config.pools) {
    if (pool.role != Role::decode) show(pool, Role::prefill);
    if (pool.role != Role::prefill) show(pool, Role::decode);
  }
  answer.text +=
      "\n  * outside of what was measured\n"
      "  J of a kernel are those of its work; static power is drawn all the time, whatever runs.\n";
  answer.summary = {JsonValue::Object{{"iterations", {std::move(iterations), {}}, {}}}, {}};
  return answer;
}

}  // namespace jevons
