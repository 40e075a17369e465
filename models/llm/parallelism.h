#pragma once
// How one replica of a model is spread over GPUs. Attention is split tp ways and copied dp times
// (each copy serves its own requests); experts are split ep ways over the same tp x dp GPUs, and
// each expert tp x dp / ep ways; layers are split into pp stages.
#include "models/hardware/precision.h"
#include "models/llm/kernel.h"
#include "sim/fields.h"

namespace jevons {

struct Parallelism {
  int tp = 1, pp = 1, dp = 1, ep = 1;
  int gpus_per_node = 8;

  int gpus() const { return tp * pp * dp; }
  int expert_tp() const { return tp * dp / ep; }

  template <class Visitor>
  void fields(Visitor&& field) {
    field("tp", tp, Range{1, 1024}, "tensor parallelism of attention and dense layers");
    field("pp", pp, Range{1, 1024}, "pipeline stages");
    field("dp", dp, Range{1, 4096}, "data-parallel attention: copies that share the experts");
    field("ep", ep, Range{1, 4096}, "expert parallelism, over the tp x dp GPUs of a stage");
    field("gpus_per_node", gpus_per_node, Range{1, 1024}, "GPUs that share a scale-up domain");
  }
};

}  // namespace jevons
