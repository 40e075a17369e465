#pragma once
// A fleet under a steady load, as a function: what it delivers, how long requests take, what it
// consumes and costs. No files, no clock; the same arguments give the same numbers.
#include <cstdint>
#include <optional>

#include "models/jobs/inference/serving.h"
#include "models/jobs/lengths.h"
#include "sim/quantity.h"

namespace jevons {

struct WindowLoad {
  double requests_per_s = 1;  // Poisson
  Lengths lengths = LognormalLengths{};
  std::optional<Reasoning> reasoning;
};

struct WindowEffort {
  std::int64_t requests = 4000;  // simulated; the first fifth is warm-up and not measured
  std::uint64_t seed = 1;
};

struct WindowResult {
  double offered_requests_per_s = 0, completed_requests_per_s = 0;
  double output_tokens_per_s = 0, input_tokens_per_s = 0;
  Time ttft_p50, ttft_p95, tpot_p50, tpot_p95, e2e_p50;
  double slo_attainment = 0;  // share of requests within the objective of the fleet
  double utilization = 0;     // share of time that engines run
  double mean_batch = 0;
  Energy gpu_energy_per_token, node_energy_per_token;  // per output token; node: with host
  Power mean_gpu_power;                                // of one GPU
  Money cost_per_million_tokens;                       // output tokens, at `price` per GPU-hour
  bool is_stable = false;  // what arrives is served: no queue grows without end
};

// The window of `fleet` (its concurrency, autoscaling and measured window are not used). `price`:
// USD per GPU and hour. The observer sees every request, those of the warm-up included.
WindowResult serve_window(const ServingConfig& fleet, const WindowLoad& load,
                          Money price_per_gpu_hour, const WindowEffort& effort = {},
                          ServingObserver* observer = nullptr);

// Requests per second that the fleet completes while every sequence slot is asked for: a closed
// loop, measured between its filling and its draining.
double saturated_rate(const ServingConfig& fleet, const WindowLoad& load,
                      const WindowEffort& effort = {});

// The highest Poisson rate at which at least `attainment` of the requests meet the objective of the
// fleet and the queue is stable, within 1 %; 0 when not even a single request at a time does.
double max_load(const ServingConfig& fleet, const WindowLoad& load, double attainment = 0.95,
                const WindowEffort& effort = {});

}  // namespace jevons
