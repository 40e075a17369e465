#pragma once
// Bytes on the fullest GPU of a training step, by kind.
//   weights      bf16; an 8-bit copy besides where products run in 8 bits; sharded by ZeRO-3
//   gradients    accumulated, sharded from ZeRO-2
//   optimizer    master copy and moments, sharded from ZeRO-1
//   activations  what backward needs, for the micro-batches in flight: 1F1B p, interleaved
//                p (1 + (p - 1)/(p v)), DualPipe p + 1; full recomputation keeps a layer's input
//   buffers      gathered layers of ZeRO-3, buckets of gradients, tokens in exchange
//   workspace    logits of the last stage, libraries and the context
// Activations after Korthikanti et al. 2022 (arXiv:2205.05198), counted from the shapes.
#include "models/jobs/training/training_setup.h"

namespace jevons {

TrainingMemory training_memory(const TrainingSetup& setup);

// Bytes of a micro-batch that a layer keeps until its backward.
double activation_bytes_per_layer(const TrainingSetup& setup, bool is_moe);

// Share of the chip's memory that a step can use; the rest is lost to fragmentation.
inline constexpr double assumed_usable_memory = 0.96;
double usable_bytes(const ChipSpec& chip);

}  // namespace jevons
