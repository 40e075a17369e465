#pragma once
// Whether a GPU is fit to be measured, before anything runs on it.
#include <span>

#include "calibration/meter/nvml.h"

namespace jevons::calibration {

// `capabilities`: those the kernels were built for (90: compute capability 9.0); empty: any from
// 8.0. Throws Refusal: split by MIG, another architecture, another process, no energy counter, held
// back by heat or by its power supply.
void ensure_fit(const BoardFacts& board, const Reading& at_rest, std::span<const int> capabilities);

}  // namespace jevons::calibration
