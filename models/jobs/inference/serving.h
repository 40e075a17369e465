#pragma once
// Serving requests on a fleet: arrivals, router, replicas, KV transfers, autoscaling, measurement.
// One event per change of a batch, not per token. All state is plain values: a copy of a running
// simulation goes on exactly as the original would.
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/jobs/inference/replica.h"
#include "models/jobs/inference/router.h"
#include "models/jobs/inference/serving_config.h"
#include "models/jobs/inference/serving_metrics.h"
#include "models/jobs/request.h"
#include "models/ledger/energy_ledger.h"
#include "sim/event_queue.h"

namespace jevons {

// One finished (or refused) request, as requests.csv shows it.
struct RequestRecord {
  std::int64_t id = 0;
  Instant arrival{}, first_scheduled{}, first_token{}, completion{};
  std::int32_t prompt_tokens = 0, output_tokens = 0, thinking_tokens = 0, cached_tokens = 0;
  std::int32_t preemptions = 0, replica = -1, decode_replica = -1;
  bool was_rejected = false;  // could never fit into the KV cache of a replica
};

// The state of one replica at one instant, as replicas.csv shows it.
struct ReplicaSample {
  Instant at{};
  int pool = 0, replica = 0;
  bool is_serving = true;
  std::int64_t outstanding = 0;
  int decoding = 0, prefilling = 0;
  std::int64_t kv_blocks = 0, kv_blocks_total = 0, cached_blocks = 0, preemptions = 0;
  Energy gpu_energy;  // since the start of the run, host not included
};

// Receives rows while the run goes on, so that results of any length need no memory.
class ServingObserver {
 public:
  ServingObserver() = default;
  ServingObserver(const ServingObserver&) = delete;
  ServingObserver& operator=(const ServingObserver&) = delete;
  ServingObserver(ServingObserver&&) = delete;
  ServingObserver& operator=(ServingObserver&&) = delete;
  virtual ~ServingObserver() = default;
  virtual void finished(const RequestRecord&) {}
  virtual void sampled(const ReplicaSample&) {}
  // Called now and then; false asks the run to stop where it is.
  virtual bool go_on() { return true; }
};

struct PoolResult {
  Role role = Role::whole;
  int replicas = 0, gpus = 0, nodes = 0;
  std::int64_t kv_blocks_per_rank = 0;
  Bytes weights_per_gpu, kv_per_gpu;
  std::int64_t preemptions = 0;
  double replica_seconds_on = 0;
};

struct ServingResult {
  ServingTotals window;  // the measured window; `at` is its length
  ServingTotals whole;
  Instant window_begin{}, window_end{}, end{};
  LatencySketches latency;
  std::int64_t measured_requests = 0, measured_good = 0;  // good: within the objective
  int peak_batch = 0;
  double peak_kv_share = 0;
  std::vector<PoolResult> pools;
  bool was_stopped = false;  // with requests outstanding
  std::int64_t outstanding = 0;
  std::int64_t events = 0;

  Energy window_energy(EnergyAccount a) const {
    return from_attojoules(window.aj[static_cast<std::size_t>(a)]);
  }
  Energy window_gpu_energy() const {
    return window_energy(EnergyAccount::prefill) + window_energy(EnergyAccount::decode) +
           window_energy(EnergyAccount::idle);
  }
  Time window_time() const { return to_time(window_end - window_begin); }
};

// KV cache of one DP rank: what is left of GPU memory after weights and workspace.
struct KvCapacity {
  Bytes weights_per_gpu, workspace_per_gpu, kv_per_gpu;
  Bytes missing;  // > 0: the model does not fit
  std::int64_t blocks = 0;
};
KvCapacity kv_capacity(const PoolConfig& pool);

// What PoolConfig::prices may hold of this pool: nothing priced yet.
std::shared_ptr<IterationCosts> prices_of(const PoolConfig& pool);

template <class Batch>
class ServingSystem {
 public:
  ServingSystem(const ServingConfig& config, RequestSource& source, ServingObserver* observer);

  // Handles events until `until` or until there are none. True while something is left to do.
  bool run(Instant until = Instant::max());
  ServingResult result();

 private:
  enum class Kind : std::uint8_t { boundary, wake, transferred, tick, started, sample, window };
  struct Event {
    Kind kind = Kind::boundary;
    std::int32_t replica = 0;
    SlotId slot = no_slot;
  };
  // Order within one instant: KV that arrives and boundaries free room before anybody asks for it.
  enum Phase : int { transfer_phase, boundary_phase, decision_phase, measure_phase };
  enum class Power : std::uint8_t { off, starting, serving, draining };
  struct Unit {
    Replica<Batch> replica;
    int pool = 0;
    Power power = Power::serving;
    EventHandle boundary{};
    bool has_boundary = false, has_wake = false;
    Instant link_free{};  // when its NICs are done with the transfers accepted so far
    Instant on_since{};
    double seconds_on = 0;
  };
  struct Pool {
    std::size_t first = 0;  // index of its first replica
    std::shared_ptr<IterationCosts> costs;
    Router router;
    double kv_bytes_per_token = 0;
    double link_bytes_per_ns = 0;
    std::vector<int> serving;
  };

  void add_pool(const PoolConfig& config);
  ServingContext context(const Unit& unit);
  // Moves the clock and watches for a stall: events without end at one instant or without progress.
  void advance(Instant at, bool moves);
  void handle(const Event& event, Instant now);
  void pull_next();
  // False if the request was refused.
  bool accept(const RequestSpec& spec, Instant now);
  void accept_next_in_loop(Instant now);
  void reject(const RequestSpec& spec, Instant now);
  void route(SlotId slot, std::size_t pool, Instant now);
  void on_boundary(std::int32_t index, Instant now);
  void start(std::int32_t index, Instant now);
  void wake(std::int32_t index, Instant now);
  void shorten(std::int32_t index, std::optional<Instant> end);
  void complete(SlotId slot, Instant now);
  void begin_transfer(SlotId slot, Instant now);
  void end_transfer(SlotId slot, Instant now);
  void autoscale(Instant now);
  void start_replica(std::int32_t index, Instant now);
  void stop_if_drained(std::int32_t index, Instant now);
  void refresh_serving(std::size_t pool);
  void sample(Instant now);
  void open_window(Instant now);
  void close_window(Instant now);
  ServingTotals totals_at(Instant now) const;
  bool has_work() const { return has_next_ || pool_slots_.live() > 0; }

  ServingConfig config_;
  RequestSource* source_;
  ServingObserver* observer_;
  EventQueue<Event> queue_;
  SequencePool pool_slots_;
  std::vector<Pool> pools_;
  std::vector<Unit> units_;
  std::vector<std::int64_t> load_;  // outstanding requests per replica
  ServingMetrics metrics_;
  EnergyLedger ledger_;
  RankEvents events_;
  RequestSpec next_;
  bool has_next_ = false;
  std::int64_t next_id_ = 0;
  Instant now_{};
  std::int64_t handled_ = 0, at_this_instant_ = 0;
  std::int64_t idle_events_ = 0;  // handled in a row without a request moving
  std::optional<ServingTotals> opened_, closed_;
  Instant low_since_{};
  bool was_low_ = false;
  std::int64_t first_tokens_ = 0;
};

// Runs a whole simulation in the stepping that the configuration names.
ServingResult simulate(const ServingConfig& config, RequestSource& source,
                       ServingObserver* observer = nullptr);

}  // namespace jevons
