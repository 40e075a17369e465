#pragma once
// Capability as an equation: what a model and its training tokens give, so that efficiency is a
// result of the simulation and not an input.
//
//   N_eff = N_total^a N_active^(1-a)        L(N, D) = E + A / N^alpha + B / D^beta
//
// L: loss in nats per token. A dense model has N_eff = N. The exponent a says how much a parameter
// is worth that a token does not visit; nobody has measured it over the range of today's models.
// DeepSeekMoE 16B (2.8B active) does as well as dense 7B models trained on as many tokens
// (arXiv:2401.06066): a = 0.52. DeepSeek-V2 (236B, 21B) does better than their dense 67B
// (arXiv:2405.04434), but on four times the tokens; at equal tokens that would be a > 0.48.
#include <optional>

#include "models/llm/transformer.h"

namespace jevons {

struct ScalingLaw {
  double E = 0, A = 0, B = 0, alpha = 0, beta = 0;
};
// Besiroglu et al. 2024, arXiv:2404.10102: the data of Hoffmann et al. fitted again, since the
// published numbers do not fit them.
inline constexpr ScalingLaw besiroglu_2024{1.8172, 482.01, 2085.43, 0.3478, 0.3658};
// Hoffmann et al. 2022, arXiv:2203.15556, approach 3, as published.
inline constexpr ScalingLaw hoffmann_2022{1.69, 406.4, 410.7, 0.34, 0.28};

inline constexpr double assumed_sparsity_exponent = 0.5;
inline constexpr double assumed_sparsity_exponent_low = 0.3, assumed_sparsity_exponent_high = 0.7;

double loss(const ScalingLaw& law, double parameters, double tokens);
// What reaches a loss; nothing if no amount does.
std::optional<double> tokens_for(const ScalingLaw& law, double parameters, double wanted_loss);
std::optional<double> parameters_for(const ScalingLaw& law, double tokens, double wanted_loss);

struct ComputeOptimum {
  double parameters = 0, tokens = 0;
};
// Least loss for 6 N D = flop.
ComputeOptimum compute_optimum(const ScalingLaw& law, double flop);

// Tokens at which `parameters` are the optimum of their compute.
double optimal_tokens(const ScalingLaw& law, double parameters);

// Parameters that a token passes, embeddings included, so that a dense model has all of them.
double visited_parameters(const ModelCard& card);
double effective_parameters(const ModelCard& card, double exponent = assumed_sparsity_exponent);

// A dense model of `parameters` in the image of `card`: same vocabulary, head sizes, kind of
// attention and ratio of width to depth; heads come in eights and layers in fours, so that tensor
// and pipeline parallelism divide them. Of equal capability at equal tokens when `parameters` are
// the effective ones of the card. They are met within 1 %; `wanted` beyond what its vocabulary
// alone takes.
ModelCard dense_twin(const ModelCard& card, double wanted_parameters);

}  // namespace jevons
