#pragma once
// What each pipeline stage holds. Layers are dealt out evenly; stages at the ends, which also hold
// the token table and the output matrix, are the ones with a layer fewer.
#include "models/jobs/training/training_setup.h"

namespace jevons {

struct StageContent {
  int dense_layers = 0, moe_layers = 0;
  bool has_embedding = false, has_head = false;
};

// GPU `stage` of the pipeline: all its chunks; under DualPipe one from each end.
StageContent stage_content(const TrainingSetup& setup, int stage);

// Parameters on one GPU of a stage: those that all DP x CP ranks hold, and those of its experts.
struct StageParameters {
  double shared = 0, experts = 0;
};
StageParameters stage_parameters(const TrainingSetup& setup, const StageContent& content);

// Ranks that hold the same shared and the same expert parameters.
int shared_copies(const TrainingLayout& layout);
int expert_copies(const TrainingLayout& layout);

// Useful FLOP of a token's forward: twice the parameters it is multiplied with, and causal
// attention over half the sequence.
double forward_flop_per_token(const ModelCard& card, int sequence);
// The same with all pairs of tokens, masked ones too, as utilisation was first defined and is often
// published. Source: PaLM (arXiv:2204.02311, appendix B).
double unmasked_flop_per_token(const ModelCard& card, int sequence);

}  // namespace jevons
