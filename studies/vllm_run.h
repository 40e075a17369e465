#pragma once
// A recorded run of one vLLM engine, request by request, and the same requests through the model.
#include <filesystem>
#include <vector>

#include "studies/replay.h"

namespace jevons {

// Seconds since the first arrival.
struct ServedRequest {
  double arrival = 0, first_token = 0, last_token = 0;
  int prompt_tokens = 0, output_tokens = 0;
};

struct VllmRun {
  MeasuredDeployment row;               // what ran; `measured` is empty
  std::vector<ServedRequest> requests;  // in order of arrival
  std::vector<double> tokens_per_s;     // generated, second by second
};

// `folder` is named <chip>-<model> and holds meta.json, requests.jsonl and timeseries.csv. Throws
// ScenarioError.
VllmRun read_vllm_run(const std::filesystem::path& folder, const Catalogues& catalogues);

// The requests of `run` as the model serves them, in the same order.
std::vector<ServedRequest> replay_run(const VllmRun& run, const EngineOverhead& overhead,
                                      ReplayParts& parts);

// Generated tokens per second: each request's spread evenly from its first to its last.
std::vector<double> tokens_per_second(const std::vector<ServedRequest>& requests,
                                      std::size_t seconds);

}  // namespace jevons
