// What a reader must know before he believes a serving answer.
#include <algorithm>

#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/serve_answer.h"
#include "scenarios/source_text.h"

namespace jevons {
namespace {

// Names of the kernels that this pool runs and whose law is such.
template <class Holds>
std::vector<std::string> kernels_whose(const PoolConfig& pool, Holds&& holds) {
  const ServedModel& m = pool.model;
  std::vector<std::string> names;
  const auto add = [&](const KernelList& list) {
    for (const NamedKernel& k : list) {
      const auto kind = static_cast<std::size_t>(kind_of(k.kernel));
      const auto precision = static_cast<std::size_t>(precision_of(k.kernel));
      const bool is_new = std::find(names.begin(), names.end(), k.name) == names.end();
      if (is_new && holds(pool.hardware.time.costs[kind][precision])) names.emplace_back(k.name);
    }
  };
  add(dense_kernels(m, 1));
  add(expert_kernels(m, 1, m.parallelism.dp));
  add(head_kernels(m, 1));
  if (pool.role != Role::prefill) add(decode_attention_kernels(m, 1, 1, 1));
  if (pool.role != Role::decode) add(prefill_attention_kernels(m, 1, 0));
  return names;
}

// Kernels whose times are worth less than the chip's profile as a whole.
void add_weaker_kernels(const PoolConfig& pool, const std::string& chip,
                        std::vector<std::string>& out) {
  for (const ProfileSource source : {ProfileSource::transferred, ProfileSource::assumed}) {
    if (source <= pool.hardware.time.source) continue;
    const std::vector<std::string> names =
        kernels_whose(pool, [&](const KernelCost& law) { return law.source == source; });
    if (!names.empty())
      out.push_back("on " + chip + " all or part of the time of " + joined(names) + " is " +
                    source_text(source));
  }
  const std::vector<std::string> weak =
      kernels_whose(pool, [](const KernelCost& law) { return law.is_weak_instrument; });
  if (!weak.empty())
    out.push_back("on " + chip + " the time of " + joined(weak) +
                  " was measured with kernels slower than good ones are");
}

void add_text(std::string text, std::vector<std::string>& out) {
  if (!text.empty()) out.push_back(std::move(text));
}

void add_sources(const ServeScenario& scenario, const ServeOutcome& outcome,
                 std::vector<std::string>& out) {
  std::vector<std::string> seen;
  const std::vector<NamedPool> pools = pools_of(scenario);
  for (std::size_t p = 0; p < pools.size(); ++p) {
    const std::string& chip = chip_of(scenario, *pools[p].settings).name;
    if (std::find(seen.begin(), seen.end(), chip) != seen.end()) continue;
    seen.push_back(chip);
    const HardwareProfile& hardware = outcome.config.pools[p].hardware;
    const std::string time = source_text(hardware.time.source);
    const std::string energy = source_text(hardware.energy.source);
    if (time == energy)
      out.push_back("time and energy of kernels on " + chip + " are " + time);
    else
      out.push_back("on " + chip + " time of kernels is " + time + ", their energy " + energy);
    add_text(changed_rates_text(chip_of(scenario, *pools[p].settings)), out);
    add_weaker_kernels(outcome.config.pools[p], chip, out);
  }
}

void add_requests(const ServeOutcome& outcome, std::vector<std::string>& out) {
  const ServingResult& r = outcome.result;
  const auto [too_long, cut] = outcome.left_out;
  if (too_long > 0)
    out.push_back(grouped(too_long) + " requests left out: their prompt fills the model's context");
  if (cut > 0) out.push_back(grouped(cut) + " outputs cut where the model's context ends");
  if (r.whole.rejected > 0)
    out.push_back(grouped(r.whole.rejected) +
                  " requests rejected: prompt and output exceed the KV cache of a rank");
  if (r.was_stopped)
    out.push_back("stopped with " + grouped(r.outstanding) +
                  " requests outstanding: latencies are those of requests that finished");
}

std::string origin_of_host(const ServeScenario& scenario) {
  const auto& software = pools_of(scenario).back().settings->software;
  if (!software) return "assumed";
  return "that fitted to " + std::string{name_of(software->engine)} + " of " +
         std::to_string(software->year);
}

}  // namespace

std::vector<std::string> caveats(const ServeScenario& scenario, const ServeOutcome& outcome) {
  std::vector<std::string> out;
  add_sources(scenario, outcome, out);
  const EngineConfig& engine = outcome.config.pools.back().engine;
  out.push_back("host time of an iteration, during which GPUs wait, is " +
                origin_of_host(scenario) + ": " +
                figure(engine.overhead_per_iteration.in(unit::us)) + " us and " +
                figure(engine.overhead_per_sequence.in(unit::us)) + " us a sequence");
  if (scenario.host_power_per_node == assumed_host_power)
    out.push_back("host power is assumed: " + figure(assumed_host_power.in(unit::W)) + " W a node");
  if (scenario.model.moe && engine.expert_skew == 0)
    out.emplace_back("experts are equally popular: skew would make the fullest GPU slower");
  out.emplace_back("not counted: cooling, power conversion, switches between nodes, storage");
  out.emplace_back("not modelled: failures, and requests that users abandon");
  add_requests(outcome, out);
  return out;
}

}  // namespace jevons
