#pragma once
// The schedule of DualPipe, op by op, since ranks that hold more than others (the output matrix, a
// layer more) hold up all: a closed form knows equal ranks only.
//
// Micro-batches enter at both ends. Rank r holds chunk r of the layers and chunk p-1-r, and its
// mirror p-1-r does the same work at the same time for the other direction: one half of the ranks
// stands for all. Each rank runs a fixed order of forwards, backwards with or without the gradients
// of weights, those alone, and forwards beside backwards; an op starts when the neighbour's result
// has arrived.
// Source: DeepSeek-V3 report (arXiv:2412.19437, section 3.2.1, figure 5) and the order that
// github.com/deepseek-ai/DualPipe states.
#include <span>

namespace jevons {

// Seconds of one micro-batch on one rank, through one of its two chunks.
struct DualPipeRank {
  double f = 0, b = 0, w = 0;  // forward, backward without and gradients of weights, alone
  double fb = 0;               // a forward beside a whole backward
};

// Time until the last of the ranks 0 to p/2 - 1 is done; `micro_batches` is even, p or more of
// each direction; `send` between neighbours. Cost: some nanoseconds per rank and micro-batch.
double dual_pipe_seconds(std::span<const DualPipeRank> ranks, int micro_batches, double send);

// How often rank r of a DualPipe of p stages runs what, of m micro-batches.
struct DualPipeCounts {
  int alone = 0;         // forwards alone; as many backwards
  int weight_alone = 0;  // backwards alone whose weight gradients come later
  int overlapped = 0;    // a forward and a backward side by side
};
DualPipeCounts dual_pipe_counts(int stages, int rank, int micro_batches);

}  // namespace jevons
