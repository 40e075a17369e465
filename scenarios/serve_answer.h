#pragma once
// What a serving run found, as a page for people and as summary.json for programs. Both are made
// from the same figures, each defined in docs/outputs.md.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/jobs/inference/serving.h"
#include "scenarios/kinds.h"
#include "scenarios/serve_scenario.h"

namespace jevons {

// What went through the chain of sources beside the engine.
struct LeftOut {
  std::int64_t too_long = 0;  // prompts that leave no room in the context
  std::int64_t cut = 0;       // outputs cut to fit into the context
};

struct ServeOutcome {
  ServingConfig config;
  ServingResult result{};
  LeftOut left_out{};
};

// Runs the scenario; rows go to the context's directory.
ServeOutcome serve(const ServeScenario& scenario, RunContext& context);

inline constexpr std::array<double, 4> shown_quantiles{0.50, 0.90, 0.95, 0.99};

// Seconds: mean, the shown quantiles and the greatest; nothing measured: count 0.
struct LatencyFigures {
  std::string_view name, meaning;
  std::uint64_t count = 0;
  double mean = 0;
  std::array<double, shown_quantiles.size()> quantile{};
  double max = 0;
};

struct ServeFigures {
  std::vector<LatencyFigures> latency;  // TTFT, TPOT, ITL, e2e, queueing
  double window_s = 0;
  int gpus = 0, nodes = 0, replicas = 0;
  double input_tokens_per_s = 0, output_tokens_per_s = 0, requests_per_s = 0;
  double good_requests_per_s = 0, good_share = 0;  // of the requests completed
  double busy_share = 0;                           // of the replicas' time
  double mean_decoding = 0;    // sequences per decoding replica, over the window
  double cache_hit_share = 0;  // of prompt tokens
  std::int64_t preemptions = 0;
  double prefill_j = 0, decode_j = 0, idle_j = 0, host_j = 0;
  double gpu_j() const { return prefill_j + decode_j + idle_j; }
  double node_j() const { return gpu_j() + host_j; }
  double gpu_j_per_output_token = 0, node_j_per_output_token = 0;
  // Nine times in ten true GPU joules lie between `low` and `high` times these; host power is taken
  // as said.
  double low = 1, high = 1;
  std::array<double, 2> gpu_range() const {
    return {low * gpu_j_per_output_token, high * gpu_j_per_output_token};
  }
  std::array<double, 2> node_range() const {
    const double host = node_j_per_output_token - gpu_j_per_output_token;
    return {gpu_range()[0] + host, gpu_range()[1] + host};
  }
  double mean_gpu_w = 0;
};
ServeFigures figures_of(const ServeOutcome& outcome);

// One sentence each: where the numbers come from, and what they leave out.
std::vector<std::string> caveats(const ServeScenario& scenario, const ServeOutcome& outcome);

std::string answer_text(const ServeScenario& scenario, const ServeOutcome& outcome);
JsonValue answer_summary(const ServeScenario& scenario, const ServeOutcome& outcome);

}  // namespace jevons
