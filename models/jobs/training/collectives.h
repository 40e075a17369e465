#pragma once
// Collectives in closed form over the tiers of a network. A group is `size` ranks, `stride` GPUs
// apart. Inside tier i it has m_i members; what must enter a block of m_(i-1) members from outside
// passes the links of all of them, and the slowest tier sets the pace:
//
//   gather, scatter  t = max_i V (1 - m_(i-1)/g) / (m_(i-1) r_i)        V: the whole vector
//   all-reduce       twice that; once through tiers whose switches add up
//   all-to-all       t = max_i S (1 - m_(i-1)/g) / r_i                  S: sent by one rank
//   all              + sum_i ceil(log2(m_i/m_(i-1))) latency_i
//
// Source: ring algorithms (Patarasuk and Yuan 2009, doi:10.1016/j.jpdc.2008.09.002), logarithmic
// latency as in the trees and PAT of NCCL.
#include "models/hardware/fabric_tiers.h"
#include "models/llm/kernel.h"

namespace jevons {

struct RankGroup {
  int size = 1, stride = 1;
};

double collective_seconds(const FabricTiers& fabric, CollectiveKind kind, double bytes,
                          RankGroup group);

// Tokens of one rank to their experts and back are two of these. A token crosses to a node or to a
// rank once, however many of its experts are there, or once for each of them.
struct TokenExchange {
  double tokens = 0, row_bytes = 0;
  int top_k = 1;
  int max_nodes = 0;   // nodes a token may be sent to; 0: no limit
  double hottest = 1;  // load of the fullest rank over the mean
  bool deduplicates = true;
};
double exchange_seconds(const FabricTiers& fabric, const TokenExchange& exchange, RankGroup group);

// Between neighbours of a pipeline whose stages are `stride` GPUs apart.
double send_seconds(const FabricTiers& fabric, double bytes, int stride);

}  // namespace jevons
