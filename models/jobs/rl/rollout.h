#pragma once
// The rollout phase of RL post-training: every prompt of a step is answered `samples` times by the
// serving model; all requests are there at the start, and the longest one ends the phase.
#include <cstdint>
#include <vector>

#include "models/jobs/inference/serving.h"
#include "sim/fields.h"
#include "sim/rng.h"

namespace jevons {

// Lengths of samples. Answers are lognormal, cut at the longest that is allowed, with a mean that
// grows by equal factors over training.
struct SampleLengths {
  int prompt = 200;
  double mean = 1000;      // of answers, at the start, as cut
  double mean_end = 1000;  // at the end of training
  // Deviation of the logarithm. Default: outputs of DeepSeek-R1 in production (ServeGen).
  double spread = 0.97;
  int longest = 8192;

  // The median before the cut that gives the mean at this stage of training, 0 to 1.
  double median_at(double progress) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("prompt", prompt, Range{1, 10'000'000}, "tokens of a prompt");
    field("mean", mean, Range{1.0, 1e7}, "mean tokens of an answer at the start of training");
    field("mean_end", mean_end, Range{1.0, 1e7}, "mean tokens of an answer at its end");
    field("spread", spread, Range{0.0, 5.0}, "deviation of the logarithm of an answer's tokens");
    field("longest", longest, Range{1, 10'000'000}, "answers are cut here");
  }
};

// E[min(X, cut)] of a lognormal X.
double mean_of_cut_lognormal(double median, double spread, double cut);

struct RolloutLoad {
  int prompts = 32, samples = 16;  // samples of each prompt
  SampleLengths lengths;
  double progress = 0;  // of training, 0 to 1
};

struct RolloutResult {
  double seconds = 0;
  double tail_seconds = 0;  // after nine in ten samples are done
  double utilization = 0;   // share of time that engines run
  std::int64_t samples = 0, refused = 0;
  double prompt_tokens = 0, output_tokens = 0;
  double squared_tokens = 0;          // sum of (prompt + output)^2
  std::vector<std::int32_t> lengths;  // prompt + output of each sample, in the order of prompts
  int longest_output = 0, gpus = 0;
  Energy gpu_energy, host_energy;
};

int rollout_gpus(const ServingConfig& fleet);
// How the fleet is driven and measured is set here: all at once, to the last sample.
RolloutResult rollout(const ServingConfig& fleet, const RolloutLoad& load, std::uint64_t seed);

}  // namespace jevons
