#pragma once
// Choice of experts: for every token the top_k experts by score, highest first, the smaller number
// where scores are equal, and their weights.
//   softmax: score = logit; weight = softmax over all experts, divided by its sum over the chosen.
//   grouped_sigmoid (DeepSeek-V3, arXiv:2412.19437): s = sigmoid(logit), score = s + bias. The
//   experts are in 8 groups; a group's score is the sum of its two best; 4 groups are kept. weight
//   = 2.5 s over the sum of the chosen s.
// Runs on sm_80 and newer. At most 512 experts, top_k at most 32; grouped_sigmoid: 256 experts.
#include <cstdint>

#include "calibration/kernels/definitions.h"
#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

struct RouterTopK {
  const float* logits;   // [tokens, experts]
  const float* bias;     // [experts], grouped_sigmoid alone
  std::int32_t* expert;  // [tokens, top_k]
  float* weight;         // [tokens, top_k]
  std::int64_t tokens;
  int experts, top_k;
  RouterRule rule;
};
// Throws CaseUnavailable for shapes beyond the limits above.
void launch(const RouterTopK& router, Stream stream);

}  // namespace jevons::calibration
