#pragma once
// Which experts tokens choose in a case. The choice is data of the measurement, so it is drawn on
// the CPU from named seeds and is the same wherever it runs.
#include <cstdint>
#include <vector>

#include "calibration/kernels/kernel_case.h"

namespace jevons::calibration {

// Tokens per expert over all ranks: they sum to tokens x ep x top_k and none exceeds tokens x ep.
std::vector<std::int64_t> expert_counts(const MoeShape& moe, std::int64_t tokens);

// Those of the fullest rank's experts, experts / ep of them; rank r holds the experts from
// r experts / ep onwards. All ranks wait for the fullest one.
std::vector<std::int64_t> local_counts(const MoeShape& moe, std::int64_t tokens);

// Rows of the fullest rank and how many of its experts have any.
struct LocalLoad {
  std::int64_t rows = 0, active = 0;
};
LocalLoad local_load(const MoeShape& moe, std::int64_t tokens);

// One choice of top_k different experts per token, [tokens, top_k], with exactly these counts.
// Needs counts that sum to tokens x top_k with none above tokens.
std::vector<std::int32_t> choices_with(const std::vector<std::int64_t>& counts, std::int64_t tokens,
                                       int top_k);

}  // namespace jevons::calibration
