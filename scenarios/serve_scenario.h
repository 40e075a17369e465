#pragma once
// kind "serve": a workload served by a fleet of replicas of one model.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "models/hardware/chip.h"
#include "models/jobs/inference/serving_config.h"
#include "models/llm/transformer.h"
#include "scenarios/kinds.h"
#include "scenarios/serve_workload.h"
#include "sim/fields.h"

namespace jevons {

// A serving engine of a year whose host time has been fitted to measured deployments.
enum class EngineName { vllm, sglang, trtllm };
template <>
inline constexpr std::array enum_names<EngineName>{
    EnumName{EngineName::vllm, "vllm"},
    EnumName{EngineName::sglang, "sglang"},
    EnumName{EngineName::trtllm, "trtllm"},
};
struct EngineSoftware {
  EngineName engine = EngineName::vllm;
  int year = 2025;
  bool is_sampled = true;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("engine", engine, "serving engine");
    field("year", year, Range{2023, 2100}, "year of its release; the nearest fitted one is taken");
    field("is_sampled", is_sampled, "tokens are drawn, not the likeliest taken");
  }
};

// Equal replicas.
struct PoolSettings {
  int replicas = 1;
  Parallelism parallelism;
  EngineConfig engine;
  std::optional<EngineSoftware> software;
  std::optional<ChipSpec> chip;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("replicas", replicas, Range{1, 100'000}, "engines that serve side by side");
    field("parallelism", parallelism, "how a replica is spread over GPUs");
    field("engine", engine, "batching, KV cache, speculation, overheads");
    field("software", software,
          "take overheads of the engine from those fitted to this software; absent: as they stand "
          "in engine");
    field("chip", chip, "accelerator of these replicas; absent: that of the scenario");
  }
};

struct ColocatedFleet {
  static constexpr std::string_view name = "colocated";
  PoolSettings pool;
  std::optional<Autoscaling> autoscaling;

  template <class Visitor>
  void fields(Visitor&& field) {
    pool.fields(field);
    field("autoscaling", autoscaling,
          "replicas follow the load, at most `replicas` of them; absent: all always run");
  }
};

struct DisaggregatedFleet {
  static constexpr std::string_view name = "disaggregated";
  PoolSettings prefill, decode;
  KvTransfer kv_transfer;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("prefill"), prefill, "replicas that compute prompts");
    field(required("decode"), decode, "replicas that generate outputs");
    field("kv_transfer", kv_transfer, "how the KV cache of a prompt moves to decode");
  }
};

using Fleet = std::variant<ColocatedFleet, DisaggregatedFleet>;

struct MeasureWindow {
  Span begin{};
  std::optional<Span> end;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range range{0 * unit::s, 100 * unit::year};
    field("begin", begin, range, "from this time on");
    field("end", end, range, "until this time; absent: until the last completion");
  }
};

// CPUs, NICs, switches and fans of a node. An idle 8-GPU node draws 2.3 to 2.9 kW, of which eight
// GPUs are 0.6 to 0.9 kW.
inline constexpr Power assumed_host_power = 1700 * unit::W;

struct ServeScenario {
  static constexpr std::string_view name = "serve";
  static constexpr std::string_view help = "requests served by a fleet of replicas of one model";
  std::string title;
  std::string note;
  std::uint64_t seed = 1;
  ModelCard model;
  ChipSpec chip;
  Fleet fleet;
  RouterKind router = RouterKind::least_loaded;
  Workload workload;
  Slo slo;
  Power host_power_per_node = assumed_host_power;
  MeasureWindow measure;
  std::optional<Span> stop_at;
  Span sample_interval = std::chrono::seconds{10};
  Stepping stepping = Stepping::macro;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", title, "as printed");
    field("note", note, "remark for readers");
    field("seed", seed, "seed of every random stream");
    field(required("model"), model, "what is served");
    field(required("chip"), chip, "accelerator");
    field(required("fleet"), fleet, "replicas that do all, or prefill and decode apart");
    field("router", router, "which replica gets a request");
    field(required("workload"), workload, "requests");
    field("slo", slo, "objective of a request, for goodput");
    field("host_power_per_node", host_power_per_node, Range{0 * unit::W, 100 * unit::kW},
          "all of a node but its GPUs, drawn whether it is busy or not");
    field("measure", measure, "time that is measured");
    field("stop_at", stop_at, Range{1 * unit::ms, 100 * unit::year},
          "the run ends here even with requests outstanding; absent: when all are served");
    field("sample_interval", sample_interval, Range{1 * unit::ms, 1 * unit::year},
          "time between rows of replicas.csv");
    field("stepping", stepping, "macro: closed form between changes; iteration: reference");
  }
};

Mistakes laws(const ServeScenario& scenario, const JsonDocument& document);
Answer run(const ServeScenario& scenario, RunContext& context);

// The pools of a fleet in the order of ServingConfig::pools, each with its JSON pointer.
struct NamedPool {
  Role role = Role::whole;
  const PoolSettings* settings = nullptr;
  std::string_view pointer;
};
std::vector<NamedPool> pools_of(const ServeScenario& scenario);
inline const ChipSpec& chip_of(const ServeScenario& scenario, const PoolSettings& pool) {
  return pool.chip ? *pool.chip : scenario.chip;
}

}  // namespace jevons
