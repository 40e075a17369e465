#pragma once
// Small tables about workloads, plain or gzip-compressed CSV with one header line. A broken row is
// refused with its file and line (ScenarioError).
#include <cstdint>
#include <string>
#include <vector>

#include "sim/time.h"

namespace jevons {

struct LengthPair {
  std::int32_t prompt_tokens = 1, output_tokens = 1;
};
// prompt_tokens,output_tokens: one row per request.
std::vector<LengthPair> read_length_pairs(const std::string& path);

struct WeightedValue {
  double value = 0, probability = 0;
};
// tokens,probability or share,probability: values rise, probabilities sum to 1 within 0.1 %.
std::vector<WeightedValue> read_histogram(const std::string& path);

struct RatePoint {
  Instant from{};
  double requests_per_s = 0;
};
// time_s,requests_per_s: the rate from this time on; times rise.
std::vector<RatePoint> read_rates(const std::string& path);

}  // namespace jevons
