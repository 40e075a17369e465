#include "models/llm/layer_kernels.h"

#include <algorithm>
#include <cmath>

namespace jevons {

namespace {

constexpr double bf16_bytes = 2.0;
// Buffers of the low-latency exchange are sized for this many tokens of a GPU by default (DeepEP,
// github.com/deepseek-ai/DeepEP, num_max_dispatch_tokens_per_rank).
constexpr double low_latency_tokens = 128;

// Engines reduce small vectors themselves, over the peers' memory, and leave large ones to the
// communication library. Source: max_size of vLLM's and SGLang's custom all-reduce, 8 MiB.
constexpr double largest_peer_reduce = 8.0 * 1024 * 1024;

// Heads one GPU keeps; fewer heads than GPUs are copied, not split.
int split(int heads, int tp) {
  return std::max(1, (heads + tp - 1) / tp);
}

// Adds kernels with a count and splits sizes by TP; one instance describes one list.
class Lister {
 public:
  explicit Lister(const ServedModel& m) : m_{m}, card_{m.card}, tp_{m.parallelism.tp} {}

  void add(std::string_view name, const Kernel& kernel, double count) {
    if (count > 0) list_.push_back({name, kernel, count});
  }
  void gemm(std::string_view name, double m, double n, double k, double count) {
    add(name, Gemm{card_.weights, m, n, k}, count);
  }
  void elementwise(std::string_view name, double bytes, double count) {
    add(name, Elementwise{bytes}, count);
  }
  void all_reduce(double tokens, double count) {
    if (tp_ == 1) return;
    const double bytes = tokens * card_.hidden * bf16_bytes;
    const int per_node = m_.parallelism.gpus_per_node;
    const bool is_peer = tp_ <= per_node && bytes <= largest_peer_reduce;
    add("all-reduce",
        Collective{is_peer ? CollectiveKind::peer_all_reduce : CollectiveKind::all_reduce, bytes,
                   tp_, per_node},
        count);
  }

  void projections(double n);
  void linear_attention_projections(double n);
  void dense_ffn(double n);
  KernelList take() { return std::move(list_); }

 private:
  const ServedModel& m_;
  const ModelCard& card_;
  int tp_;
  KernelList list_;
};

void Lister::projections(double n) {
  const AttentionDims& a = card_.attention;
  const double layers = card_.layers - a.linear_layers;
  if (a.mla) {
    const MlaDims& d = *a.mla;
    const double heads = split(a.heads, tp_);
    const double q_in = d.q_rank > 0 ? d.q_rank : card_.hidden;
    gemm("attention projections", n, d.q_rank + d.kv_rank + d.rope_dim, card_.hidden, layers);
    gemm("attention projections", n, heads * (d.nope_dim + d.rope_dim), q_in, layers);
    add("absorbed projections",
        HeadGemm{Precision::bf16, n, split(a.heads, tp_), d.nope_dim, d.kv_rank}, layers);
    add("absorbed projections",
        HeadGemm{Precision::bf16, n, split(a.heads, tp_), d.kv_rank, d.value_dim}, layers);
    gemm("attention projections", n, card_.hidden, heads * d.value_dim, layers);
    return;
  }
  const double q = split(a.heads, tp_) * a.head_dim * (a.has_output_gate ? 2.0 : 1.0);
  const double kv = 2.0 * split(a.kv_heads, tp_) * a.head_dim;
  gemm("attention projections", n, q + kv, card_.hidden, layers);
  gemm("attention projections", n, card_.hidden, split(a.heads, tp_) * a.head_dim, layers);
}

void Lister::linear_attention_projections(double n) {
  if (!card_.linear_attention) return;
  const LinearAttentionDims& d = *card_.linear_attention;
  const double keys = 2.0 * split(d.key_heads, tp_) * d.key_dim;
  const double values = static_cast<double>(split(d.value_heads, tp_)) * d.value_dim;
  const double layers = card_.attention.linear_layers;
  const double gates = static_cast<double>(d.gates) * split(d.value_heads, tp_);
  gemm("attention projections", n, keys + 2 * values + gates, card_.hidden, layers);
  gemm("attention projections", n, card_.hidden, values, layers);
}

void Lister::dense_ffn(double n) {
  const double layers = dense_ffn_layers(card_);
  const double inner = std::ceil(static_cast<double>(card_.ffn_inner) / tp_);
  const double up = card_.has_gated_ffn ? 2 * inner : inner;
  gemm("dense FFN", n, up, card_.hidden, layers);
  elementwise("dense FFN", n * (up + inner) * bf16_bytes, layers);
  gemm("dense FFN", n, card_.hidden, inner, layers);
  all_reduce(n, layers);
}

bool exchanges_tokens(const Parallelism& p) {
  return p.dp > 1 && p.ep > 1;
}

// The state of a linear-attention layer, fp32, one GPU's share.
double linear_state_bytes(const ServedModel& m) {
  if (!m.card.linear_attention) return 0;
  const LinearAttentionDims& d = *m.card.linear_attention;
  return 4.0 * split(d.value_heads, m.parallelism.tp) * d.key_dim * d.value_dim;
}

int kv_layers(const ModelCard& card) {
  return card.layers - card.attention.linear_layers - card.attention.windowed_layers;
}

}  // namespace

ServedModel with_loads(ServedModel m) {
  if (!m.card.moe || (m.expert_skew == 0 && m.redundant_experts == 0)) return m;
  const MoeDims& moe = *m.card.moe;
  m.expert_load.emplace(
      ExpertLayout{moe.experts, moe.top_k, m.parallelism.ep, m.expert_skew, m.redundant_experts});
  return m;
}

KernelList dense_kernels(const ServedModel& m, double n) {
  Lister list{m};
  const ModelCard& card = m.card;
  list.projections(n);
  list.linear_attention_projections(n);
  list.all_reduce(n, card.layers);
  list.dense_ffn(n);
  // Each norm reads the stream and the residual and writes both; rotary and KV write are as large
  // as about one more pass over queries and keys.
  list.elementwise("norms and residuals", n * card.hidden * bf16_bytes * 4,
                   static_cast<double>(card.layers) * card.norms_per_layer);
  list.elementwise("embedding", n * card.hidden * bf16_bytes * 2, 1);
  if (m.parallelism.pp > 1)
    list.add("pipeline transfer",
             PointToPoint{n * card.hidden * bf16_bytes,
                          m.parallelism.tp * m.parallelism.dp >= m.parallelism.gpus_per_node},
             m.parallelism.pp - 1);
  return list.take();
}

KernelList expert_kernels(const ServedModel& m, double rank_tokens, double all_tokens) {
  Lister list{m};
  if (!m.card.moe) return list.take();
  const MoeDims& moe = *m.card.moe;
  const Parallelism& p = m.parallelism;
  const double layers = moe_layers(m.card);
  const Precision precision = m.card.expert_weights.value_or(m.card.weights);
  list.add("router",
           Gemm{Precision::bf16, rank_tokens, static_cast<double>(moe.experts),
                static_cast<double>(m.card.hidden)},
           layers);
  const ExpertShape shape = expert_shape(m.card);
  MoeLayer routed{precision,   all_tokens,    shape.hidden, shape.inner,  moe.top_k,
                  moe.experts, p.expert_tp(), p.ep,         m.expert_skew};
  if (m.expert_load)
    routed.load = m.expert_load->at(all_tokens);
  else if (m.expert_skew > 0 || m.redundant_experts > 0)
    routed.load = with_loads(m).expert_load->at(all_tokens);
  list.add("routed experts", routed, layers);
  if (moe.latent > 0) {
    list.gemm("latent of experts", rank_tokens, moe.latent, m.card.hidden, layers);
    list.gemm("latent of experts", rank_tokens, m.card.hidden, moe.latent, layers);
  }
  if (moe.shared_inner > 0) {
    const double inner = std::ceil(static_cast<double>(moe.shared_inner) / p.tp);
    const double up = m.card.has_gated_ffn ? 2 * inner : inner;
    list.gemm("shared experts", rank_tokens, up, m.card.hidden, layers);
    list.elementwise("shared experts", rank_tokens * (up + inner) * bf16_bytes, layers);
    list.gemm("shared experts", rank_tokens, m.card.hidden, inner, layers);
  }
  if (exchanges_tokens(p)) {
    ExpertExchange x{ExchangePhase::dispatch,
                     precision,
                     rank_tokens / p.tp,
                     shape.hidden,
                     moe.top_k,
                     moe.experts,
                     p.tp * p.dp,
                     p.gpus_per_node,
                     m.low_latency_exchange || rank_tokens / p.tp <= low_latency_tokens};
    list.add("expert dispatch", x, layers);
    x.phase = ExchangePhase::combine;
    x.precision = Precision::bf16;
    list.add("expert combine", x, layers);
  } else {
    list.all_reduce(rank_tokens, layers);
  }
  return list.take();
}

KernelList head_kernels(const ServedModel& m, double sequences) {
  Lister list{m};
  const double vocabulary = std::ceil(static_cast<double>(m.card.vocabulary) / m.parallelism.tp);
  list.add("output matrix",
           Gemm{Precision::bf16, sequences, vocabulary, static_cast<double>(m.card.hidden)}, 1);
  list.elementwise("output matrix", sequences * vocabulary * 4.0 * 2, 1);
  return list.take();
}

KernelList decode_attention_kernels(const ServedModel& m, double batch, double kv_tokens,
                                    int queries) {
  Lister list{m};
  const AttentionDims& a = m.card.attention;
  const int tp = m.parallelism.tp;
  // Several queries per sequence read the KV once and raise arithmetic as more heads would.
  const int heads = split(a.heads, tp) * queries;
  if (a.mla)
    list.add("attention", MlaDecode{m.kv, batch, kv_tokens, heads, a.mla->kv_rank, a.mla->rope_dim},
             kv_layers(m.card));
  else
    list.add("attention",
             DecodeAttention{m.kv, batch, kv_tokens, heads, split(a.kv_heads, tp), a.head_dim},
             kv_layers(m.card));
  list.elementwise("linear attention", batch * 2 * linear_state_bytes(m), a.linear_layers);
  return list.take();
}

KernelList window_attention_kernels(const ServedModel& m, double batch, double window_tokens,
                                    int queries) {
  Lister list{m};
  const AttentionDims& a = m.card.attention;
  const int tp = m.parallelism.tp;
  list.add("attention (window)",
           DecodeAttention{m.kv, batch, window_tokens, split(a.heads, tp) * queries,
                           split(a.kv_heads, tp), a.head_dim, true},
           a.windowed_layers);
  return list.take();
}

KernelList prefill_attention_kernels(const ServedModel& m, double chunk, double prefix) {
  Lister list{m};
  const AttentionDims& a = m.card.attention;
  const int tp = m.parallelism.tp;
  if (a.mla) {
    const MlaDims& d = *a.mla;
    list.add(
        "attention",
        MlaPrefill{m.kv, 1, chunk, prefix, split(a.heads, tp), d.nope_dim, d.rope_dim, d.value_dim},
        kv_layers(m.card));
    return list.take();
  }
  PrefillAttention kernel{m.kv,       1, chunk, prefix, split(a.heads, tp), split(a.kv_heads, tp),
                          a.head_dim, 0};
  list.add("attention", kernel, kv_layers(m.card));
  kernel.window = a.window;
  list.add("attention (window)", kernel, a.windowed_layers);
  // The chunked scan of a linear layer reads and writes its state once per 64 tokens.
  list.elementwise("linear attention",
                   chunk * m.card.hidden * bf16_bytes + chunk / 64 * 2 * linear_state_bytes(m),
                   a.linear_layers);
  return list.take();
}

Bytes weight_bytes_per_gpu(const ServedModel& m) {
  const ParameterCount n = parameters(m.card);
  const Parallelism& p = m.parallelism;
  const double matrix = bytes_per_element(m.card.weights);
  const double expert = bytes_per_element(m.card.expert_weights.value_or(m.card.weights));
  const double per_stage = 1.0 / p.pp;
  const double split_tp = (n.attention + n.dense_ffn + n.shared_experts) / p.tp * matrix;
  const double experts = n.routed_experts / (p.ep * p.expert_tp()) * expert;
  const double copied = (n.router + n.norms) * bf16_bytes;
  // The first and the last stage hold one token table each; with one stage a GPU holds both.
  const double tables = (n.embedding + n.unembedding) / p.tp * bf16_bytes / std::min(p.pp, 2);
  return Bytes::from_base((split_tp + experts + copied) * per_stage + tables +
                          n.other * bf16_bytes / p.tp);
}

Bytes kv_bytes_per_token(const ServedModel& m) {
  return kv_bytes_per_token_layer(m.card, m.kv) *
         static_cast<double>(m.card.layers - m.card.attention.linear_layers);
}

Bytes kv_bytes_per_token_per_gpu(const ServedModel& m) {
  const AttentionDims& a = m.card.attention;
  const double row = a.mla ? a.mla->kv_rank + a.mla->rope_dim
                           : 2.0 * split(a.kv_heads, m.parallelism.tp) * a.head_dim;
  return Bytes::from_base(row * bytes_per_element(m.kv) * kv_layers(m.card) / m.parallelism.pp);
}

Bytes fixed_bytes_per_sequence_per_gpu(const ServedModel& m, double tokens) {
  const AttentionDims& a = m.card.attention;
  const double row = 2.0 * split(a.kv_heads, m.parallelism.tp) * a.head_dim;
  const double windows =
      a.windowed_layers * std::min<double>(tokens, a.window) * row * bytes_per_element(m.kv);
  return Bytes::from_base((windows + a.linear_layers * linear_state_bytes(m)) / m.parallelism.pp);
}

}  // namespace jevons
