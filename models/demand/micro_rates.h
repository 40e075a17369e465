#pragma once
// What the serving and training models say about a chip, as the years need it: how much one GPU
// does and what it draws. Whoever runs the years fills these in from simulated serving windows and
// training steps.
#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace jevons {

// One GPU serving one segment's requests with the segment's reference model.
struct ServingRate {
  static constexpr std::size_t steps = 8;
  double tokens_per_s = 0;                // output tokens at the highest load within the SLO
  std::array<double, steps + 1> watts{};  // at 0, 1/8, ..., 1 of that load, GPU board only

  double watts_at(double load) const {
    const double place = std::clamp(load, 0.0, 1.0) * static_cast<double>(steps);
    const auto below = std::min(static_cast<std::size_t>(place), steps - 1);
    return watts[below] + (place - static_cast<double>(below)) * (watts[below + 1] - watts[below]);
  }
};

// One GPU in a large training run.
struct TrainingRate {
  double flop_per_s = 0;  // model FLOP, goodput included
  double watts = 0;
};

struct ChipRates {
  std::vector<ServingRate> serving;  // [segment]
  TrainingRate training;
};

}  // namespace jevons
