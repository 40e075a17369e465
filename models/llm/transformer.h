#pragma once
// A model card: the dimensions of a decoder-only transformer, and what follows from them alone
// (parameters, KV bytes). No hardware here.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

  template <class Visitor>
  void fields(Visitor&& field);
};

struct AttentionDims {
  AttentionKind kind = AttentionKind::gqa;
  int heads = 0;
  int kv_heads = 0;  // mla: 0, one latent row serves all heads
  int head_dim = 0;  // mla: 0, see MlaDims
  bool has_qkv_bias = false;
  bool has_qk_norm = false;
  bool has_output_bias = false;
  bool has_sinks = false;        // one learned logit per head (gpt-oss)
  bool has_output_gate = false;  // a gate as wide as the queries (Qwen3.5)
  std::optional<MlaDims> mla{};
  int window = 0;           // tokens that a windowed layer sees; 0: none
  int windowed_layers = 0;  // how many of the layers are windowed
  bool is_chunked = false;  // the window does not slide but starts anew at its multiples (Llama 4)
  int linear_layers = 0;    // layers with a fixed-size state (gated delta net): no KV growth

  template <class Visitor>
  void fields(Visitor&& field);
};

// Layers with a fixed-size state: gated delta nets (Qwen3.5) and Mamba-2 (Nemotron 3), whose groups
// are key heads and whose state dimension is the key size. State per layer: value_heads x key_dim x
// value_dim.
struct LinearAttentionDims {
  int key_heads = 0, value_heads = 0, key_dim = 0, value_dim = 0, conv_width = 0;
  int gates = 2;  // that each value head takes from the input; Mamba-2: 1, its step

  template <class Visitor>
  void fields(Visitor&& field);
};

struct MoeDims {
  int experts = 0;       // routed experts per MoE layer
  int top_k = 0;         // experts each token visits
  int expert_inner = 0;  // intermediate size of one routed expert
  int shared_experts = 0;
  int shared_inner = 0;  // intermediate size of all shared experts together
  int latent = 0;  // width that routed experts work in, projected to and from; 0: the stream's
  int dense_layers = 0;  // leading layers whose FFN is dense (their size: ffn_inner)
  int moe_every = 1;     // after those, each moe_every-th layer is MoE, the others are dense
  bool has_router_bias = false;
  bool has_expert_bias = false;
  bool has_shared_gate = false;

  template <class Visitor>
  void fields(Visitor&& field);
};

// What the makers say, to hold our own count against; 0: nothing said.
struct PublishedParameters {
  double total = 0, active = 0;

  template <class Visitor>
  void fields(Visitor&& field);
};

struct ModelCard {
  static constexpr std::string_view catalogue = "models";
  std::string id;    // catalogue key, e.g. "deepseek-r1"; the name of its file
  std::string name;  // as printed
  int layers = 0;
  int hidden = 0;
  int vocabulary = 0;
  bool tied_embeddings = false;
  int ffn_inner = 0;           // intermediate size of dense layers
  bool has_gated_ffn = true;   // gate|up and down (SwiGLU); false: up and down
  int layers_without_ffn = 0;  // attention alone, spread evenly (hybrids such as Nemotron 3)
  int norms_per_layer = 2;
  AttentionDims attention;
  std::optional<LinearAttentionDims> linear_attention;
  std::optional<MoeDims> moe;
  double other_parameters = 0;          // vision encoder, position table: held, not decoded with
  Precision weights = Precision::bf16;  // native format of most matrix weights
  std::optional<Precision> expert_weights;  // of the routed experts, where it differs
  int max_context = 0;
  PublishedParameters published;
  std::string source;  // where the dimensions come from
  std::string as_of;   // date of that source

  template <class Visitor>
  void fields(Visitor&& field);
};

struct ParameterCount {
  double embedding = 0;    // input table; when tied, the output matrix too
  double unembedding = 0;  // output matrix, unless tied
  double attention = 0;
  double dense_ffn = 0;
  double routed_experts = 0;
  double shared_experts = 0;
  double router = 0;
  double norms = 0;
  double other = 0;
  double total() const {
    return embedding + unembedding + attention + dense_ffn + routed_experts + shared_experts +
           router + norms + other;
  }
};

ParameterCount parameters(const ModelCard& card);
// Parameters that one token is multiplied with: routed experts count top_k of experts; an untied
// input table is only looked up and does not count. Makers differ in that last point.
double active_parameters(const ModelCard& card);

int moe_layers(const ModelCard& card);
int dense_ffn_layers(const ModelCard& card);
// Of the layers without experts, how many have an FFN at all; 1 where there are no such layers.
double dense_ffn_share(const ModelCard& card);
// A routed expert as a gated one of as many weights: one of two matrices counts two thirds of its
// inner size.
struct ExpertShape {
  int hidden = 0, inner = 0;
};
ExpertShape expert_shape(const ModelCard& card);
// Layers whose KV grows with the whole context; windowed ones stop at the window.
int full_attention_layers(const ModelCard& card);

// Bytes of weights in memory: experts and matrices in their formats; embeddings, router, norms and
// all else in bf16.
Bytes weight_bytes(const ModelCard& card);

// KV-cache bytes that one token adds per attention layer that keeps it, before any split over GPUs.
Bytes kv_bytes_per_token_layer(const ModelCard& card, Precision kv);

template <class Visitor>
void MlaDims::fields(Visitor&& field) {
  field("q_rank", q_rank, Range{0, 100'000}, "rank of the compressed queries; 0: not compressed");
  field(required("kv_rank"), kv_rank, Range{1, 100'000}, "rank of the cached latent");
  field(required("nope_dim"), nope_dim, Range{1, 10'000}, "key size per head without position");
  field(required("rope_dim"), rope_dim, Range{0, 10'000}, "size of the shared rotary key");
  field(required("value_dim"), value_dim, Range{1, 10'000}, "value size per head");
}

template <class Visitor>
void AttentionDims::fields(Visitor&& field) {
  field("kind", kind, "gqa: grouped heads; mla: latent rows");
  field(required("heads"), heads, Range{1, 10'000}, "query heads");
  field("kv_heads", kv_heads, Range{0, 10'000}, "key and value heads (gqa)");
  field("head_dim", head_dim, Range{0, 10'000}, "size of one head (gqa)");
  field("has_qkv_bias", has_qkv_bias, "projections to query, key and value have a bias");
  field("has_qk_norm", has_qk_norm, "queries and keys are normalised per head");
  field("has_output_bias", has_output_bias, "the output projection has a bias");
  field("has_sinks", has_sinks, "one learned logit per head takes part in the softmax");
  field("has_output_gate", has_output_gate, "a gate as wide as the queries scales the output");
  field("mla", mla, "sizes of latent attention");
  field("window", window, Range{0, 100'000'000}, "tokens a windowed layer sees; 0: none");
  field("windowed_layers", windowed_layers, Range{0, 10'000}, "how many layers are windowed");
  field("is_chunked", is_chunked, "the window starts anew at its multiples instead of sliding");
  field("linear_layers", linear_layers, Range{0, 10'000},
        "how many layers keep a fixed-size state");
}

template <class Visitor>
void LinearAttentionDims::fields(Visitor&& field) {
  field(required("key_heads"), key_heads, Range{1, 10'000}, "query and key heads");
  field(required("value_heads"), value_heads, Range{1, 10'000}, "value heads");
  field(required("key_dim"), key_dim, Range{1, 10'000}, "size of one key head");
  field(required("value_dim"), value_dim, Range{1, 10'000}, "size of one value head");
  field(required("conv_width"), conv_width, Range{1, 100}, "taps of the causal convolution");
  field("gates", gates, Range{1, 2}, "gates of a value head: delta nets 2, Mamba-2 1");
}

template <class Visitor>
void MoeDims::fields(Visitor&& field) {
  field(required("experts"), experts, Range{1, 100'000}, "routed experts per MoE layer");
  field(required("top_k"), top_k, Range{1, 1000}, "experts each token visits");
  field(required("expert_inner"), expert_inner, Range{1, 1'000'000}, "inner size of one expert");
  field("shared_experts", shared_experts, Range{0, 1000}, "experts every token visits");
  field("shared_inner", shared_inner, Range{0, 1'000'000}, "inner size of all shared experts");
  field("latent", latent, Range{0, 1'000'000},
        "width that routed experts work in; 0: that of the residual stream");
  field("dense_layers", dense_layers, Range{0, 10'000}, "leading layers with a dense FFN");
  field("moe_every", moe_every, Range{1, 10'000}, "after those, each n-th layer is MoE");
  field("has_router_bias", has_router_bias, "the router has one bias per expert");
  field("has_expert_bias", has_expert_bias, "the projections of experts have a bias");
  field("has_shared_gate", has_shared_gate, "a gate scales the shared experts");
}

template <class Visitor>
void PublishedParameters::fields(Visitor&& field) {
  field("total", total, Range{0.0, 1e15}, "all parameters; 0: not published");
  field("active", active, Range{0.0, 1e15}, "parameters per token; 0: not published");
}

template <class Visitor>
void ModelCard::fields(Visitor&& field) {
  field(required("name"), name, "as printed");
  field(required("layers"), layers, Range{1, 10'000}, "decoder layers");
  field(required("hidden"), hidden, Range{1, 1'000'000}, "width of the residual stream");
  field(required("vocabulary"), vocabulary, Range{1, 10'000'000}, "rows of the token table");
  field("tied_embeddings", tied_embeddings, "input and output table are the same");
  field("ffn_inner", ffn_inner, Range{0, 10'000'000}, "inner size of a dense FFN");
  field("has_gated_ffn", has_gated_ffn, "gate, up and down (SwiGLU); false: up and down");
  field("layers_without_ffn", layers_without_ffn, Range{0, 10'000},
        "layers of attention alone, spread evenly");
  field("norms_per_layer", norms_per_layer, Range{0, 16}, "norms as wide as the residual stream");
  field(required("attention"), attention, "attention of a layer");
  field("linear_attention", linear_attention, "sizes of the gated delta net layers");
  field("moe", moe, "experts; absent: every layer is dense");
  field("other_parameters", other_parameters, Range{0.0, 1e12},
        "vision encoder, position table and the like: held in memory, not decoded with");
  field("weights", weights, "native format of most matrices");
  field("expert_weights", expert_weights, "native format of the routed experts, if another");
  field(required("max_context"), max_context, Range{1, 1'000'000'000}, "longest context, tokens");
  field("published", published, "parameter counts the makers state");
  field(required("source"), source, "where the dimensions come from");
  field(required("as_of"), as_of, "date of that source");
}

}  // namespace jevons
