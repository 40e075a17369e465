#pragma once
// The network of a cluster as a training step sees it: nested tiers, each with what one GPU can
// send through it. A cluster's graph reduces to this; so does a datasheet.
#include <vector>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

// GPUs with neighbouring ranks that reach one another without leaving the tier.
struct FabricTier {
  int gpus = 8;
  Bandwidth rate;           // one GPU, one direction, when all send at once
  double efficiency = 0.8;  // share of the rate that large messages reach
  Time latency;             // one hop of a collective
  bool reduces = false;     // switches add up as data pass (SHARP): an all-reduce crosses once

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("gpus"), gpus, Range{1, 10'000'000}, "GPUs that this tier joins");
    field(required("rate"), rate, Range{0.01 * unit::GB / unit::s, 1e5 * unit::GB / unit::s},
          "what one GPU can send through the tier, one direction");
    field("efficiency", efficiency, Range{0.01, 1.0}, "share of it that large messages reach");
    field("latency", latency, Range{0 * unit::s, 0.1 * unit::s}, "one hop of a collective");
    field("reduces", reduces, "switches add up as data pass (SHARP)");
  }
};

// From the scale-up domain (NVLink) outwards: node, leaf, spine. Oversubscription is a lower rate
// further out.
struct FabricTiers {
  std::vector<FabricTier> tiers;

  int domain() const { return tiers.empty() ? 1 : tiers.front().gpus; }

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("tiers"), tiers, "from the scale-up domain outwards");
  }
};

}  // namespace jevons
