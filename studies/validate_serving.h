#pragma once
// Published rates of large deployments of DeepSeek-V3, prefill and decode apart, against the
// serving model. What the source leaves open stands in the column filled_in.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "studies/comparison.h"
#include "studies/replay.h"

namespace jevons {

enum class RatePhase { prefill, decode };
template <>
inline constexpr std::array enum_names<RatePhase>{
    EnumName{RatePhase::prefill, "prefill"},
    EnumName{RatePhase::decode, "decode"},
};

// One replica with attention copied to every GPU and experts spread over all of them.
struct PublishedRate {
  std::string id, model, chip;
  RatePhase phase = RatePhase::prefill;
  int gpus = 8;
  int prompt_tokens = 1, output_tokens = 1;  // means
  double cached_share = 0;                   // of the prompt, found in a cache
  // Of decode: sequences on each GPU, or what a user gets; one of them is published.
  std::optional<int> batch_per_gpu;
  std::optional<double> user_tokens_per_s;
  int iteration_tokens = 8192;  // of each GPU, in prefill
  int redundant_experts = 0;
  bool is_sampled = false;
  double node_tokens_per_s = 0;  // prompt tokens, cached ones included, or output tokens
};

// Throws ScenarioError.
std::vector<PublishedRate> read_published_rates(const std::filesystem::path& file);

// Tokens per second and node of eight GPUs; 0 where the model does not fit.
double simulated_rate(const PublishedRate& rate, const EngineOverhead& overhead,
                      ReplayParts& parts);

// `calibration`: the folder of the project that holds serving/published_rates.csv.
std::vector<Comparison> validate_serving(const std::filesystem::path& calibration,
                                         const Catalogues& catalogues);

}  // namespace jevons
