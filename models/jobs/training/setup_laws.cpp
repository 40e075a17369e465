#include "models/jobs/training/setup_laws.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/jobs/training/memory.h"

namespace jevons {

namespace {

// Divisor of `of` nearest to `wanted`; the smaller one of two.
int nearest_divisor(int of, int wanted) {
  for (int distance = 0;; ++distance) {
    const int below = wanted - distance, above = wanted + distance;
    if (below >= 1 && of % below == 0) return below;
    if (above <= of && of % above == 0) return above;
    if (below < 1 && above > of) return 1;
  }
}

// Multiple of `of` nearest to `wanted`, at least one.
int nearest_multiple(int of, int wanted) {
  return std::max(1, static_cast<int>(std::lround(static_cast<double>(wanted) / of))) * of;
}

class Checker {
 public:
  explicit Checker(const TrainingSetup& s) : s_{s}, l_{s.layout} {}
  std::vector<SetupMistake> check();

 private:
  void at_least_one(std::string_view field, int value) {
    if (value < 1) refuse(field, "at least 1", value, 1);
  }
  void divides(std::string_view field, std::string_view expected, int value, int of) {
    if (value >= 1 && of % value != 0)
      refuse(field, expected, value, nearest_divisor(of, value), of);
  }
  void refuse(std::string_view field, std::string_view expected, double got, double nearest,
              double of = 0) {
    out_.push_back({field, expected, got, nearest, of});
  }
  void layout();
  void pipeline();
  void experts();
  void batch();
  void chip();

  const TrainingSetup& s_;
  const TrainingLayout& l_;
  std::vector<SetupMistake> out_;
};

void Checker::layout() {
  divides("layout.tp", "a divisor of the attention heads", l_.tp, s_.model.attention.heads);
  if (s_.schedule == PipelineSchedule::dual_pipe && l_.pp % 2 != 0)
    refuse("layout.pp", "an even number of stages for DualPipe", l_.pp, l_.pp + 1);
  divides("layout.cp", "a divisor of the sequence", l_.cp, s_.sequence);
}

// Layers of the last of the stages, or of its chunks.
int last_stage_layers(const TrainingSetup& s) {
  const int chunks = s.schedule == PipelineSchedule::interleaved ? s.layout.chunks : 1;
  return std::max(1, s.model.layers / (s.layout.pp * chunks));
}

void Checker::pipeline() {
  if (l_.pp > s_.model.layers)
    refuse("layout.pp", "at most as many stages as layers", l_.pp, s_.model.layers,
           s_.model.layers);
  const bool is_interleaved = s_.schedule == PipelineSchedule::interleaved;
  const int most = std::max(1, s_.model.layers / l_.pp);
  if (is_interleaved && l_.pp <= s_.model.layers && l_.chunks > most)
    refuse("layout.chunks", "at most as many chunks as a stage has layers", l_.chunks, most, most);
  const int spared = last_stage_layers(s_);
  if (s_.last_stage_fewer < 0 || s_.last_stage_fewer > spared)
    refuse("last_stage_fewer", "at most as many layers as an even share", s_.last_stage_fewer,
           std::clamp(s_.last_stage_fewer, 0, spared));
}

void Checker::experts() {
  if (!s_.model.moe) {
    if (l_.ep > 1) refuse("layout.ep", "1 for a model without experts", l_.ep, 1);
    return;
  }
  divides("layout.ep", "a divisor of the experts", l_.ep, s_.model.moe->experts);
  const int ranks = l_.tp * l_.cp * l_.dp;
  if (s_.model.moe->experts % l_.ep == 0)
    divides("layout.ep", "a divisor of the tp x cp x dp ranks of a stage", l_.ep, ranks);
  if (s_.hottest_expert_rank < 1)
    refuse("hottest_expert_rank", "at least 1", s_.hottest_expert_rank, 1);
}

void Checker::batch() {
  const int at_once = s_.micro_batch * l_.dp;
  if (s_.global_batch % at_once != 0)
    return refuse("global_batch", "a multiple of micro-batch x dp", s_.global_batch,
                  nearest_multiple(at_once, s_.global_batch), at_once);
  if (s_.schedule != PipelineSchedule::dual_pipe) return;
  const int least = 2 * l_.pp, m = s_.micro_batches();
  if (m < least || m % 2 != 0)
    refuse("global_batch", "an even number of micro-batches, two per stage or more",
           s_.global_batch, static_cast<double>(at_once) * std::max(least, m + m % 2));
}

void Checker::chip() {
  if (peak_rate(s_.chip, s_.precision)) return;
  refuse("precision", "a number format that the chip has units for",
         static_cast<double>(s_.precision), static_cast<double>(Precision::bf16));
}

std::vector<SetupMistake> Checker::check() {
  const std::array sizes{
      std::pair{std::string_view{"layout.tp"}, l_.tp},
      std::pair{std::string_view{"layout.pp"}, l_.pp},
      std::pair{std::string_view{"layout.cp"}, l_.cp},
      std::pair{std::string_view{"layout.ep"}, l_.ep},
      std::pair{std::string_view{"layout.dp"}, l_.dp},
      std::pair{std::string_view{"layout.chunks"}, l_.chunks},
      std::pair{std::string_view{"micro_batch"}, s_.micro_batch},
      std::pair{std::string_view{"global_batch"}, s_.global_batch},
      std::pair{std::string_view{"sequence"}, s_.sequence},
  };
  for (const auto& [field, value] : sizes) at_least_one(field, value);
  chip();
  if (!out_.empty()) return std::move(out_);  // the rest would divide by what is wrong
  layout();
  pipeline();
  experts();
  batch();
  return std::move(out_);
}

bool fits(const TrainingSetup& s) {
  return setup_mistakes(s).empty() && missing_bytes(s) == 0;
}

// Moves a factor of two from DP to another way of splitting.
bool halve_data_parallelism(TrainingSetup& s, int TrainingLayout::*to) {
  if (s.layout.dp % 2 != 0) return false;
  s.layout.dp /= 2;
  s.layout.*to *= 2;
  return true;
}

}  // namespace

std::vector<SetupMistake> setup_mistakes(const TrainingSetup& setup) {
  return Checker{setup}.check();
}

double missing_bytes(const TrainingSetup& s) {
  return std::max(0.0, training_memory(s).total() - usable_bytes(s.chip));
}

NearestFit nearest_that_fits(const TrainingSetup& given) {
  TrainingSetup s = given;
  if (fits(s)) return {true, s};
  for (; s.recompute != Recompute::full;) {
    s.recompute = s.recompute == Recompute::none ? Recompute::selective : Recompute::full;
    if (fits(s)) return {true, s};
  }
  while (s.sharding != Sharding::parameters) {
    s.sharding = static_cast<Sharding>(static_cast<int>(s.sharding) + 1);
    if (fits(s)) return {true, s};
  }
  for (int TrainingLayout::*to : {&TrainingLayout::pp, &TrainingLayout::tp})
    while (halve_data_parallelism(s, to)) {
      if (fits(s)) return {true, s};
      if (!setup_mistakes(s).empty()) break;
    }
  return {false, given};
}

}  // namespace jevons
