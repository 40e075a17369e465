#include "scenarios/serve_build.h"

#include <algorithm>
#include <limits>

#include "models/jobs/request_sources.h"
#include "models/llm/captured_kernels.h"
#include "scenarios/engine_overheads.h"
#include "scenarios/profiles.h"
#include "scenarios/serve_sources.h"

namespace jevons {
namespace {

// Lengths that a table will replace.
constexpr FixedLengths to_be_replaced{.prompt = 1, .output = 1};

StepArrivals steps_of(const RecordedRates& recorded) {
  StepArrivals arrivals;
  const FilePath& file = recorded.rates.file;
  for (const RatePoint& point : read_rates(file.path.string()))
    arrivals.steps.push_back({since_start(point.from), point.requests_per_s * recorded.load});
  return arrivals;
}

Arrivals to_arrivals(const ServeArrivals& arrivals) {
  return std::visit(
      [](const auto& a) -> Arrivals {
        if constexpr (std::is_same_v<std::decay_t<decltype(a)>, RecordedRates>)
          return steps_of(a);
        else
          return a;
      },
      arrivals);
}

Lengths to_lengths(const ServeLengths& lengths) {
  return std::visit(
      [](const auto& l) -> Lengths {
        if constexpr (std::is_same_v<std::decay_t<decltype(l)>, MeasuredLengths>)
          return to_be_replaced;
        else
          return l;
      },
      lengths);
}

std::optional<Instant> instant(const std::optional<Span>& since_start) {
  return since_start ? std::optional{Instant{*since_start}} : std::nullopt;
}

}  // namespace

std::vector<NamedPool> pools_of(const ServeScenario& scenario) {
  if (const auto* all = std::get_if<ColocatedFleet>(&scenario.fleet))
    return {{Role::whole, &all->pool, "/fleet"}};
  const auto& apart = std::get<DisaggregatedFleet>(scenario.fleet);
  return {{Role::prefill, &apart.prefill, "/fleet/prefill"},
          {Role::decode, &apart.decode, "/fleet/decode"}};
}

PoolConfig without_hardware(const ServeScenario& scenario, const NamedPool& pool) {
  PoolConfig config;
  config.role = pool.role;
  config.replicas = pool.settings->replicas;
  config.engine = pool.settings->engine;
  if (const auto& software = pool.settings->software) {
    const EngineOverhead host = project_overheads().of(name_of(software->engine), software->year);
    config.engine.overhead_per_iteration = host.per_iteration;
    config.engine.overhead_per_sequence =
        host.sequence_time(scenario.model.vocabulary, software->is_sampled);
  }
  config.model.card = scenario.model;
  config.model.parallelism = pool.settings->parallelism;
  config.model.kv = config.engine.kv_precision;
  config.model.expert_skew = config.engine.expert_skew;
  config.model.redundant_experts = config.engine.redundant_experts;
  config.model.low_latency_exchange = pool.role == Role::decode;
  config.gpu_memory = *chip_of(scenario, *pool.settings).memory;
  config.host_power_per_node = scenario.host_power_per_node;
  return config;
}

ServingConfig serving_config(const ServeScenario& scenario) {
  ServingConfig config;
  config.seed = scenario.seed;
  config.stepping = scenario.stepping;
  for (const NamedPool& pool : pools_of(scenario)) {
    config.pools.push_back(without_hardware(scenario, pool));
    HardwareProfile hardware = profile_for(chip_of(scenario, *pool.settings));
    hardware.time = captured(std::move(hardware.time));
    config.pools.back().hardware = std::move(hardware);
  }
  config.router = scenario.router;
  if (const auto* all = std::get_if<ColocatedFleet>(&scenario.fleet))
    config.autoscaling = all->autoscaling;
  else
    config.transfer = std::get<DisaggregatedFleet>(scenario.fleet).kv_transfer;
  config.slo = scenario.slo;
  if (const auto* generated = std::get_if<GeneratedWorkload>(&scenario.workload))
    if (const auto* loop = std::get_if<ClosedLoop>(&generated->arrivals))
      config.concurrency = loop->concurrency;
  if (scenario.measure.begin > Span{}) config.measure_begin = Instant{scenario.measure.begin};
  config.measure_end = instant(scenario.measure.end);
  config.stop_at = instant(scenario.stop_at);
  return config;
}

ServeRequests::ServeRequests(const ServeScenario& scenario) {
  if (const auto* trace = std::get_if<TraceWorkload>(&scenario.workload)) {
    const FilePath& file = trace->trace.file;
    chain_.push_back(open_trace(file.path.string(), trace->trace.format));
    expected_ = trace->trace.requests;
    add_replay(trace->replay, scenario.seed);
  } else if (const auto* own = std::get_if<TraceFileWorkload>(&scenario.workload)) {
    chain_.push_back(open_trace(own->file.path.string(), own->format));
    add_replay(own->replay, scenario.seed);
  } else {
    add_generated(std::get<GeneratedWorkload>(scenario.workload), scenario.seed);
  }
  auto last = std::make_unique<WithinContext>(*chain_.back(), scenario.model.max_context);
  too_long_ = &last->too_long();
  cut_ = &last->cut();
  chain_.push_back(std::move(last));
}

void ServeRequests::add_replay(const Replay& replay, std::uint64_t seed) {
  if (replay.limit) {
    add<FirstRequests>(*chain_.back(), *replay.limit);
    expected_ = expected_ > 0 ? std::min(expected_, *replay.limit) : *replay.limit;
  }
  if (replay.load != 1) add<AtSpeed>(*chain_.back(), replay.load);
  if (replay.reasoning) add<WithReasoning>(*chain_.back(), *replay.reasoning, seed);
}

void ServeRequests::add_generated(const GeneratedWorkload& workload, std::uint64_t seed) {
  Generator generator{to_arrivals(workload.arrivals), to_lengths(workload.lengths)};
  if (workload.requests) generator.requests = expected_ = *workload.requests;
  if (workload.duration) generator.duration = to_time(*workload.duration);
  add<GeneratedRequests>(generator, seed);
  if (const auto* measured = std::get_if<MeasuredLengths>(&workload.lengths)) {
    const FilePath& file = measured->table.file;
    add<WithMeasuredLengths>(*chain_.back(), read_lengths(file.path.string()), seed);
  }
  if (workload.reasoning) add<WithReasoning>(*chain_.back(), *workload.reasoning, seed);
}

}  // namespace jevons
