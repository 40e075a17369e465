#pragma once
// How many micro-batches the samples of a rollout fill. Samples differ in length and are not cut,
// so a micro-batch that holds whole samples is not full; and data-parallel ranks that were dealt
// longer samples have more of them, which the others wait for.
#include <cstdint>
#include <span>
#include <vector>

namespace jevons {

struct MicroBatches {
  int count = 1;     // of a rank, in one update
  double fill = 1;   // share of their room that samples take, over all ranks
  int capacity = 1;  // tokens of one
};

// Bins of this capacity that hold all lengths. Best fit, longest first: at most 11/9 of the least
// (Johnson et al. 1974, doi:10.1137/0203025). A length beyond the capacity has a bin of its own.
int bins_for(std::vector<std::int32_t> lengths, std::int32_t capacity);

// Samples are dealt to `updates` x `ranks` in turn.
MicroBatches micro_batches_for(std::span<const std::int32_t> lengths, int updates, int ranks,
                               std::int32_t capacity);

}  // namespace jevons
