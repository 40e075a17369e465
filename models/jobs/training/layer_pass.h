#pragma once
// One micro-batch through one layer: the kernels of its forward, of the gradients of activations
// and of weights, of recomputation, and their price in time, energy and communication.
//
// A product y = x w of [m, k] and [k, n] comes back as dx = dy w' and dw = x' dy, the latter added
// to the accumulated gradient. Kernels that stream through memory move half as much again on the
// way back. Flash attention recomputes its scores: 5 products back for 2 forward.
#include <vector>

#include "models/jobs/training/training_setup.h"

namespace jevons {

enum class LayerPart { dense_layer, moe_layer, embedding, head };
inline constexpr std::size_t layer_part_count = 4;

struct TrainingKernel {
  Kernel kernel;
  double count = 1;      // times its work is done
  double slow_down = 1;  // time per unit of work, against the forward kernel of this shape
  double share = 1;      // of the layers of this part that run it; counted in `count`
};
using TrainingKernels = std::vector<TrainingKernel>;

struct LayerKernels {
  TrainingKernels forward, backward, weight, recompute;
};
LayerKernels layer_kernels(const TrainingSetup& setup, LayerPart part);

// Time and energy on one GPU.
struct PassCost {
  double seconds = 0;  // kernels, or their launches where those take longer
  double arithmetic_joules = 0, other_joules = 0;
  PassCost& operator+=(const PassCost& o);
  friend PassCost operator*(double k, const PassCost& c) {
    return {k * c.seconds, k * c.arithmetic_joules, k * c.other_joules};
  }
};

// Exposed and hidden alike; what runs beside computation is decided by the step.
struct CommSeconds {
  double tensor = 0, context = 0, expert = 0;
};

struct LayerCost {
  PassCost forward, backward, weight, recompute;
  CommSeconds forward_comm, backward_comm;  // the latter with that of recomputation
  double attention_seconds = 0;             // forward, what a ring of CP hides behind
  bool extrapolated = false;
};
LayerCost layer_cost(const TrainingSetup& setup, LayerPart part);

// Fewer bytes than bf16: products cast their inputs.
bool is_narrow(Precision precision);

// Tokens of a micro-batch on one rank: before and after the split of norms by sequence parallelism.
double tokens_of(const TrainingSetup& setup);
double norm_tokens_of(const TrainingSetup& setup);

}  // namespace jevons
