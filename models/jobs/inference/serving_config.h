#pragma once
// A serving deployment as plain values: pools of equal replicas, a router in front, and how the run
// is driven and measured.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/jobs/inference/engine_config.h"
#include "models/jobs/inference/iteration_costs.h"
#include "models/jobs/inference/rank.h"
#include "models/llm/layer_kernels.h"
#include "sim/fields.h"
#include "sim/time.h"

namespace jevons {

enum class RouterKind { round_robin, least_loaded, power_of_two, prefix_aware };
template <>
inline constexpr std::array enum_names<RouterKind>{
    EnumName{RouterKind::round_robin, "round_robin"},
    EnumName{RouterKind::least_loaded, "least_loaded"},
    EnumName{RouterKind::power_of_two, "power_of_two"},
    EnumName{RouterKind::prefix_aware, "prefix_aware"},
};

// Replicas follow the number of outstanding requests.
struct Autoscaling {
  int min_replicas = 1;
  double target_outstanding = 64;  // requests per replica that one more replica is started above
  Time interval = 30 * unit::s;
  Time startup = 5 * unit::min;  // from the decision until the replica serves: loading weights
  Time scale_down_after = 10 * unit::min;  // how long the load must have been low

  template <class Visitor>
  void fields(Visitor&& field) {
    field("min_replicas", min_replicas, Range{1, 1'000'000}, "replicas that always run");
    field("target_outstanding", target_outstanding, Range{0.01, 1e6},
          "outstanding requests per replica that the fleet is sized for");
    field("interval", interval, Range{1 * unit::ms, 1 * unit::day}, "time between decisions");
    field("startup", startup, Range{0 * unit::s, 1 * unit::day},
          "from the decision to start a replica until it serves");
    field("scale_down_after", scale_down_after, Range{0 * unit::s, 1 * unit::day},
          "how long the load must have been low before a replica is stopped");
  }
};

// Prefill and decode on separate replicas: the KV cache of a prompt crosses the network.
struct KvTransfer {
  Bandwidth bandwidth_per_gpu = 50 * unit::GB / unit::s;  // one 400 Gbit/s NIC for each GPU
  Time latency = 1 * unit::ms;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("bandwidth_per_gpu", bandwidth_per_gpu,
          Range{1 * unit::MB / unit::s, 100 * unit::TB / unit::s},
          "network bandwidth of each GPU of a replica, one direction");
    field("latency", latency, Range{0 * unit::s, 10 * unit::s}, "fixed time of one transfer");
  }
};

// Service-level objective of one request.
struct Slo {
  Time ttft = 2 * unit::s;
  Time tpot = 100 * unit::ms;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("ttft", ttft, Range{1 * unit::us, 1 * unit::day},
          "longest acceptable time to first token");
    field("tpot", tpot, Range{1 * unit::us, 1 * unit::day},
          "longest acceptable mean time per output token after the first");
  }
};

struct PoolConfig {
  Role role = Role::whole;
  int replicas = 1;
  ServedModel model;
  HardwareProfile hardware;
  EngineConfig engine;
  Bytes gpu_memory;
  Power host_power_per_node;  // CPUs, NICs, switches, fans: all but the GPUs
  int prefix_block_tokens = 512;
  // Prices of kernels found by earlier runs of the same model, hardware and engine, for runs one
  // after another; nothing: each run finds its own. They change nothing but the time it takes.
  std::shared_ptr<IterationCosts> prices{};
};

struct ServingConfig {
  std::uint64_t seed = 1;
  Stepping stepping = Stepping::macro;
  std::vector<PoolConfig> pools;  // one that does all, or prefill and decode
  RouterKind router = RouterKind::least_loaded;
  std::optional<Autoscaling> autoscaling;  // of the first pool
  KvTransfer transfer;
  Slo slo;
  // Closed loop: this many requests are always outstanding; arrival times of the source are
  // ignored.
  std::optional<int> concurrency;
  // Requests that arrive later are not taken; nothing: all of the source.
  std::optional<Instant> last_arrival;
  // Throughput, joules and inter-token latency are those of the time in [begin, end), other
  // latencies those of requests that arrive in it. Nothing: the whole run.
  std::optional<Instant> measure_begin, measure_end;
  // The same window given by counts, as closed-loop benchmarks do: from the first token of the n-th
  // request to the completion of the m-th.
  std::optional<std::int64_t> measure_from_first_token, measure_to_completion;
  // A run stops here even with requests outstanding.
  std::optional<Instant> stop_at;
  // Time between rows of the replica time series; nothing: no series.
  std::optional<Span> sample_every;
};

}  // namespace jevons
