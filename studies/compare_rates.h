#pragma once
// How fast and with how many joules a chip does a piece of work, and how both move when the
// coefficients of its profile are off.
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string>

#include "scenarios/compare_scenario.h"
#include "studies/profile_factors.h"
#include "studies/surface.h"

namespace jevons {

// A positive number near 1, 1, ... of the factors: value x product of factor^power.
struct Elastic {
  double value = 0;
  std::array<double, factor_count> power{};

  double at(const ProfileFactors& f) const;
};

// What limits a chip at a piece of work: the resource whose growth by a per cent helps most.
enum class Binding { compute, bandwidth, memory, interconnect, power, host };
template <>
inline constexpr std::array enum_names<Binding>{
    EnumName{Binding::compute, "compute"}, EnumName{Binding::bandwidth, "bandwidth"},
    EnumName{Binding::memory, "memory"},   EnumName{Binding::interconnect, "interconnect"},
    EnumName{Binding::power, "power"},     EnumName{Binding::host, "host"},
};

// A unit is a token of training, a step of post-training, an output token.
struct WorkRate {
  std::string why_not;                 // not empty: the chip cannot do this, and why
  Elastic per_gpu_s;                   // units a second and GPU
  Elastic joules;                      // of GPUs, a unit
  std::optional<LoadSurface> surface;  // of serving: asked in place of the two
  double tokens_per_request = 0, attainment = 0;
  int gpus = 0;                // of a replica, or of the job
  double flop = 0, bytes = 0;  // a unit: useful arithmetic; traffic of device memory
  Binding binding = Binding::compute;
  std::string how;  // parallelism and formats, in words
  bool extrapolated = false;

  struct Point {
    double per_gpu_s = 0, joules = 0;
  };
  Point at(const ProfileFactors& f) const;
};

// Kernels of one pass of a serving model: where a chip's joules per FLOP and per byte come from.
struct PhaseProbe {
  std::string what;
  double flop = 0, bytes = 0;                                       // of one GPU
  Elastic seconds, joules;                                          // of one GPU
  double static_share = 0, arithmetic_share = 0, memory_share = 0;  // of the joules
};
struct ChipPhases {
  PhaseProbe prefill, decode;
};

// Rate and joules at factors near one, as a function of the profile.
using Measure = std::function<WorkRate::Point(const ProfileFactors&)>;
// Fills rate and joules by central differences of their logarithms; `is_quick`: from one side,
// where a measure is dear.
void learn(const Measure& measure, WorkRate& rate, bool is_quick);

WorkRate work_rate(const ChipSpec& chip, const TrainWork& work);
WorkRate work_rate(const ChipSpec& chip, const PostTrainWork& work, std::uint64_t seed);
WorkRate work_rate(const ChipSpec& chip, const ServeWork& work, int requests, std::uint64_t seed);

// The same without what follows from wrong coefficients: units a second and GPU; 0: it cannot.
double quick_rate(const ChipSpec& chip, const TrainWork& work);
double quick_rate(const ChipSpec& chip, const ServeWork& work, int requests, std::uint64_t seed);

// Nothing where the model does not fit on the chip.
std::optional<ChipPhases> chip_phases(const ChipSpec& chip, const ServeWork& work);

// Integer formats stand in for 8-bit floats on chips that have only those.
ModelCard in_formats_of(ModelCard model, const ChipSpec& chip);

}  // namespace jevons
