#pragma once
// Small tables about workloads, plain or gzip-compressed CSV with one header line. A broken row is
// refused with its file and line (ScenarioError).
#include <string>
#include <vector>

#include "models/jobs/lengths.h"
#include "sim/time.h"

namespace jevons {

struct WeightedValue {
  double value = 0, weight = 0;
};

// Measured lengths: pairs keep prompt and output of a request together; histograms do not.
struct LengthTable {
  std::vector<LengthPair> pairs;
  std::vector<WeightedValue> prompt, output;
  std::vector<WeightedValue> thinking_share;  // of the output, 0..1; may be empty
};

// Either prompt_tokens,output_tokens with a row per request, or kind,value,weight where kind is
// prompt, output (both needed) or thinking_share.
LengthTable read_lengths(const std::string& path, const std::string& shown = "");

struct RatePoint {
  Instant from{};
  double requests_per_s = 0;
};
// time_s,requests_per_s: the rate from this time on; times rise.
std::vector<RatePoint> read_rates(const std::string& path, const std::string& shown = "");

}  // namespace jevons
