#include "models/llm/transformer.h"

#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

// One grouped-query layer: q (and its gate), k, v, o.
double gqa_layer(const ModelCard& card) {
  const AttentionDims& a = card.attention;
  const double hidden = card.hidden;
  const double q = static_cast<double>(a.heads) * a.head_dim;
  const double kv = 2.0 * a.kv_heads * a.head_dim;
  const double q_and_gate = a.has_output_gate ? 2 * q : q;
  double n = hidden * (q_and_gate + kv) + q * hidden;
  if (a.has_qkv_bias) n += q_and_gate + kv;
  if (a.has_output_bias) n += hidden;
  if (a.has_qk_norm) n += 2.0 * a.head_dim;
  if (a.has_sinks) n += a.heads;
  return n;
}

// One latent layer: down and up to queries, down to latent and rotary key, up to keys and values,
// out; with a norm on either latent. Source: DeepSeek-V2, arXiv:2405.04434, section 2.1.
double mla_layer(const ModelCard& card) {
  ensure(card.attention.mla.has_value(), "a latent attention card states its ranks");
  const MlaDims& m = *card.attention.mla;
  const double hidden = card.hidden;
  const double heads = card.attention.heads;
  const double q_out = heads * (m.nope_dim + m.rope_dim);
  const double q = m.q_rank > 0 ? m.q_rank * (hidden + q_out + 1) : hidden * q_out;
  const double kv =
      hidden * (m.kv_rank + m.rope_dim) + m.kv_rank * (heads * (m.nope_dim + m.value_dim) + 1);
  return q + kv + heads * m.value_dim * hidden;
}

// One layer with a fixed-size state: q, k, v and output gate, gates per value head, short
// convolution over q, k, v, decay and its bias per value head, norm, out. Source: Qwen3-Next and
// Mamba-2 as published in huggingface/transformers, models/qwen3_next and models/mamba2.
double linear_layer(const ModelCard& card) {
  ensure(card.linear_attention.has_value(), "linear layers state their sizes");
  const LinearAttentionDims& l = *card.linear_attention;
  const double hidden = card.hidden;
  const double qk = 2.0 * l.key_heads * l.key_dim;
  const double v = static_cast<double>(l.value_heads) * l.value_dim;
  const double in = hidden * (qk + 2 * v + static_cast<double>(l.gates) * l.value_heads);
  return in + (qk + v) * l.conv_width + 2.0 * l.value_heads + l.value_dim + v * hidden;
}

double attention_parameters(const ModelCard& card) {
  const int linear = card.attention.linear_layers;
  const double softmax_layer =
      card.attention.kind == AttentionKind::mla ? mla_layer(card) : gqa_layer(card);
  const double of_linear = linear > 0 ? linear * linear_layer(card) : 0.0;
  return (card.layers - linear) * softmax_layer + of_linear;
}

double matrices_of_ffn(const ModelCard& card) {
  return card.has_gated_ffn ? 3.0 : 2.0;
}

// Matrices of one FFN: gate, up, down, or up and down.
double ffn(const ModelCard& card, int inner) {
  return matrices_of_ffn(card) * card.hidden * inner;
}

double expert(const ModelCard& card, const MoeDims& moe) {
  const double bias =
      moe.has_expert_bias ? (card.has_gated_ffn ? 2.0 : 1.0) * moe.expert_inner + card.hidden : 0.0;
  const double width = moe.latent > 0 ? moe.latent : card.hidden;
  return matrices_of_ffn(card) * width * moe.expert_inner + bias;
}

}  // namespace

int moe_layers(const ModelCard& card) {
  const int with_ffn = card.layers - card.layers_without_ffn;
  return card.moe ? (with_ffn - card.moe->dense_layers) / card.moe->moe_every : 0;
}

int dense_ffn_layers(const ModelCard& card) {
  return card.layers - card.layers_without_ffn - moe_layers(card);
}

double dense_ffn_share(const ModelCard& card) {
  const int without_experts = card.layers - moe_layers(card);
  return without_experts > 0 ? static_cast<double>(dense_ffn_layers(card)) / without_experts : 1;
}

ExpertShape expert_shape(const ModelCard& card) {
  const MoeDims& moe = *card.moe;
  constexpr double share_of_gated = 2.0 / 3.0;
  const int inner = card.has_gated_ffn
                        ? moe.expert_inner
                        : static_cast<int>(std::lround(share_of_gated * moe.expert_inner));
  return {moe.latent > 0 ? moe.latent : card.hidden, inner};
}

int full_attention_layers(const ModelCard& card) {
  return card.layers - card.attention.windowed_layers - card.attention.linear_layers;
}

ParameterCount parameters(const ModelCard& card) {
  const double hidden = card.hidden;
  const double table = hidden * card.vocabulary;
  const int sparse = moe_layers(card);
  ParameterCount n;
  n.embedding = table;
  n.unembedding = card.tied_embeddings ? 0.0 : table;
  n.attention = attention_parameters(card);
  n.dense_ffn = dense_ffn_layers(card) * ffn(card, card.ffn_inner);
  n.norms = hidden * (card.norms_per_layer * card.layers + 1.0);
  n.other = card.other_parameters;
  if (card.moe) {
    const MoeDims& moe = *card.moe;
    const double shared_gate = moe.has_shared_gate ? hidden : 0.0;
    n.routed_experts = static_cast<double>(sparse) * moe.experts * expert(card, moe);
    const double latent = 2.0 * hidden * moe.latent;
    n.shared_experts = sparse * (ffn(card, moe.shared_inner) + shared_gate + latent);
    n.router = sparse * (hidden + (moe.has_router_bias ? 1.0 : 0.0)) * moe.experts;
  }
  return n;
}

double active_parameters(const ModelCard& card) {
  const ParameterCount n = parameters(card);
  const double looked_up = card.tied_embeddings ? 0.0 : n.embedding;
  const double visited =
      card.moe ? n.routed_experts * card.moe->top_k / card.moe->experts : n.routed_experts;
  return n.total() - n.other - looked_up - n.routed_experts + visited;
}

Bytes weight_bytes(const ModelCard& card) {
  const ParameterCount n = parameters(card);
  const double matrices = n.attention + n.dense_ffn + n.shared_experts;
  const double plain = n.embedding + n.unembedding + n.router + n.norms + n.other;
  const Precision experts = card.expert_weights.value_or(card.weights);
  return (matrices * bytes_per_element(card.weights) +
          n.routed_experts * bytes_per_element(experts) +
          plain * bytes_per_element(Precision::bf16)) *
         unit::B;
}

Bytes kv_bytes_per_token_layer(const ModelCard& card, Precision kv) {
  const AttentionDims& a = card.attention;
  const double elements = a.kind == AttentionKind::mla
                              ? static_cast<double>(a.mla->kv_rank) + a.mla->rope_dim
                              : 2.0 * a.kv_heads * a.head_dim;
  return elements * bytes_per_element(kv) * unit::B;
}

}  // namespace jevons
