#include "models/llm/capability.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

// x with c / x^exponent = rest.
std::optional<double> amount_for(double rest, double c, double exponent) {
  if (rest <= 0) return {};
  return std::pow(c / rest, 1 / exponent);
}

int scaled(int n, double factor, int multiple) {
  return std::max(1, static_cast<int>(std::lround(n * factor / multiple))) * multiple;
}

double held_parameters(const ModelCard& card) {
  const ParameterCount n = parameters(card);
  return n.total() - n.other;
}

// Width of the dense FFN over the hidden size: that of the card's own dense layers, or that of
// Llama 3 (gated) and GPT-3.
double ffn_ratio(const ModelCard& card) {
  if (card.ffn_inner > 0) return static_cast<double>(card.ffn_inner) / card.hidden;
  return card.has_gated_ffn ? 3.5 : 4.0;
}

ModelCard dense_of_depth(const ModelCard& like, int layers) {
  constexpr int tile = 128;  // matrix units want multiples of it
  const double factor = static_cast<double>(layers) / like.layers;
  ModelCard c = like;
  c.moe.reset();
  c.layers_without_ffn = 0;
  c.expert_weights.reset();
  c.published = {};
  c.other_parameters = 0;
  c.layers = layers;
  c.hidden = scaled(like.hidden, factor, tile);
  c.ffn_inner = scaled(like.hidden, factor * ffn_ratio(like), tile);
  AttentionDims& a = c.attention;
  const bool is_multi_head = like.attention.kv_heads == like.attention.heads;
  const int group = is_multi_head ? 8 : std::max(8, like.attention.kv_heads);
  a.heads = scaled(like.attention.heads, factor, group);
  if (is_multi_head) a.kv_heads = a.heads;
  a.windowed_layers = like.attention.windowed_layers * layers / like.layers;
  a.linear_layers = like.attention.linear_layers * layers / like.layers;
  return c;
}

}  // namespace

double loss(const ScalingLaw& law, double parameters, double tokens) {
  ensure(parameters > 0 && tokens > 0, "a trained model has parameters and has seen tokens");
  return law.E + law.A / std::pow(parameters, law.alpha) + law.B / std::pow(tokens, law.beta);
}

std::optional<double> tokens_for(const ScalingLaw& law, double parameters, double wanted_loss) {
  const double rest = wanted_loss - law.E - law.A / std::pow(parameters, law.alpha);
  return amount_for(rest, law.B, law.beta);
}

std::optional<double> parameters_for(const ScalingLaw& law, double tokens, double wanted_loss) {
  const double rest = wanted_loss - law.E - law.B / std::pow(tokens, law.beta);
  return amount_for(rest, law.A, law.alpha);
}

// dL/dN = 0 along D = flop / (6 N).
ComputeOptimum compute_optimum(const ScalingLaw& law, double flop) {
  const double sum = law.alpha + law.beta;
  const double g = std::pow(law.alpha * law.A / (law.beta * law.B), 1 / sum);
  const double n = g * std::pow(flop / 6, law.beta / sum);
  return {n, flop / (6 * n)};
}

// Where both terms fall equally fast per FLOP: alpha A / N^alpha = beta B / D^beta.
double optimal_tokens(const ScalingLaw& law, double parameters) {
  const double ratio = law.beta * law.B / (law.alpha * law.A);
  return std::pow(ratio * std::pow(parameters, law.alpha), 1 / law.beta);
}

double visited_parameters(const ModelCard& card) {
  const double unvisited =
      card.moe ? 1 - static_cast<double>(card.moe->top_k) / card.moe->experts : 0.0;
  return held_parameters(card) - unvisited * parameters(card).routed_experts;
}

double effective_parameters(const ModelCard& card, double exponent) {
  return std::pow(held_parameters(card), exponent) *
         std::pow(visited_parameters(card), 1 - exponent);
}

ModelCard dense_twin(const ModelCard& card, double wanted_parameters) {
  constexpr int stages = 4, deepest = 4096;  // a depth that pipelines divide
  const auto distance = [&](const ModelCard& c) {
    return std::abs(std::log(held_parameters(c) / wanted_parameters));
  };
  ModelCard best = dense_of_depth(card, stages);
  for (int layers = 2 * stages; layers <= deepest; layers += stages) {
    ModelCard next = dense_of_depth(card, layers);
    if (distance(next) > distance(best)) break;
    best = std::move(next);
  }
  // Depth and width come in steps; the width of the FFN takes up the rest.
  const double ffn = parameters(best).dense_ffn;
  const double wanted_ffn = ffn + wanted_parameters - held_parameters(best);
  ensure(wanted_ffn > 0, "a dense twin has more parameters than its vocabulary");
  best.ffn_inner = scaled(best.ffn_inner, wanted_ffn / ffn, 16);
  best.id = card.id + "-dense-twin";
  best.name = card.name + " dense twin";
  return best;
}

}  // namespace jevons
