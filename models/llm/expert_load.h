#pragma once
// How unevenly expert routing loads the ranks of an expert-parallel group. All ranks wait for the
// fullest one, so an expert layer is as slow as that rank.
#include <array>

#include "models/llm/kernel.h"

namespace jevons {

struct ExpertLayout {
  int experts = 1, top_k = 1, ep = 1;
  double skew = 1;    // exponent: density of expert loads falls as load^-skew
  int redundant = 0;  // extra expert slots of the group, given to the most loaded experts
};

// Loads of the fullest rank by number of tokens, averaged over seeded draws of a power law. An
// expert's load is drawn with density x^-skew from [1, 0.8 tokens] ([0.01, 2] where there are fewer
// choices than experts), loads are scaled to tokens x top_k choices, and none exceeds the tokens.
// This is the routing of the measured skewed rows. Without redundant slots rank r holds the experts
// r experts/ep onwards; with them, slots are placed greedily on the least loaded rank.
// Cost: construction some 10 ms, at() 20 ns. Under two-batch overlap ask for half of the tokens.
class ExpertLoadTable {
 public:
  explicit ExpertLoadTable(const ExpertLayout& layout);

  ExpertLoad at(double tokens) const;
  // Pairs of the fullest rank over those of the mean rank.
  double hottest_over_mean(double tokens) const;

 private:
  static constexpr int nodes = 18;  // tokens 2^0 .. 2^17
  ExpertLayout layout_;
  std::array<double, nodes> hottest_{};  // over the mean rank
  std::array<double, nodes> active_{};   // experts with work on it
};

}  // namespace jevons
