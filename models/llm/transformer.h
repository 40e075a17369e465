#pragma once
// A model card: the dimensions of a decoder-only transformer, and what follows from them alone
// (parameters, KV bytes). No hardware here.
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "models/hardware/precision.h"
#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

enum class AttentionKind { gqa, mla };
template <>
inline constexpr std::array enum_names<AttentionKind>{
    EnumName{AttentionKind::gqa, "gqa"},  // multi-head and multi-query are its special cases
    EnumName{AttentionKind::mla, "mla"},  // multi-head latent attention (DeepSeek)
};

// Multi-head latent attention: what is cached per token is kv_rank + rope_dim elements per layer.
struct MlaDims {
  int q_rank = 0;  // 0: queries are not compressed
  int kv_rank = 0;
  int nope_dim = 0;  // per head, without position
  int rope_dim = 0;  // per head, shared key
  int value_dim = 0;
};

struct AttentionDims {
  AttentionKind kind = AttentionKind::gqa;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  bool has_qkv_bias = false;
  bool has_qk_norm = false;
  bool has_output_bias = false;
  bool has_sinks = false;        // one learned logit per head (gpt-oss)
  bool has_output_gate = false;  // a gate as wide as the queries (Qwen3.5)
  std::optional<MlaDims> mla;
  int window = 0;          // sliding window in tokens of the windowed layers; 0: none
  int windowed_layers = 0; // how many of the layers are windowed
  int linear_layers = 0;   // layers with a fixed-size state (gated delta net): no KV growth
};

// Gated delta net layers (Qwen3.5): state size per layer is value_heads x key_dim x value_dim.
struct LinearAttentionDims {
  int key_heads = 0, value_heads = 0, key_dim = 0, value_dim = 0, conv_width = 0;
};

struct MoeDims {
  int experts = 0;         // routed experts per MoE layer
  int top_k = 0;           // experts each token visits
  int expert_inner = 0;    // intermediate size of one routed expert
  int shared_experts = 0;
  int shared_inner = 0;    // intermediate size of all shared experts together
  int dense_layers = 0;    // layers whose FFN is dense (their size: ffn_inner)
  bool has_router_bias = false;
  bool has_expert_bias = false;
  bool has_shared_gate = false;
};

struct ModelCard {
  std::string id;    // catalogue key, e.g. "deepseek-r1"
  std::string name;  // as printed
  int layers = 0;
  int hidden = 0;
  int vocabulary = 0;
  bool tied_embeddings = false;
  int ffn_inner = 0;       // intermediate size of dense layers
  bool has_gated_ffn = true;  // gate|up and down (SwiGLU); false: up and down
  int norms_per_layer = 2;
  AttentionDims attention;
  std::optional<LinearAttentionDims> linear_attention;
  std::optional<MoeDims> moe;
  Precision weights = Precision::bf16;          // native format of most matrix weights
  std::optional<Precision> expert_weights;      // of the routed experts, where it differs
  int max_context = 0;
};

struct ParameterCount {
  double embedding = 0;  // input and, unless tied, output embedding
  double attention = 0;
  double dense_ffn = 0;
  double routed_experts = 0;
  double shared_experts = 0;
  double router = 0;
  double norms = 0;
  double total() const {
    return embedding + attention + dense_ffn + routed_experts + shared_experts + router + norms;
  }
};

ParameterCount parameters(const ModelCard& card);
// Parameters that one token touches: routed experts count top_k of experts.
double active_parameters(const ModelCard& card);

int moe_layers(const ModelCard& card);
// Layers whose KV grows with the whole context; windowed ones stop at the window.
int full_attention_layers(const ModelCard& card);

// Bytes of weights in memory: experts and matrices in their formats, embeddings, router and norms
// in bf16.
Bytes weight_bytes(const ModelCard& card);

// KV-cache bytes that one token adds per full-attention layer, before any split over GPUs.
Bytes kv_bytes_per_token_layer(const ModelCard& card, Precision kv);

}  // namespace jevons
