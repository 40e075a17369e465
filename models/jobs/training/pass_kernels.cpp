// Which kernels one micro-batch runs in a layer.
#include <algorithm>
#include <cmath>

#include "models/jobs/training/layer_pass.h"

namespace jevons {

namespace {

constexpr double bf16 = 2.0;  // bytes of an element
// Backward of flash attention against its forward, FLOP for FLOP. Source: FlashAttention-3
// (arXiv:2407.08608, figures 5 and 6): 640 TFLOP/s forward, 550 backward, causal, head size 128.
constexpr double flash_backward_slow_down = 1.16;
constexpr double flash_backward_products = 2.5;
// A streaming kernel reads dy and x and writes dx where it read x and wrote y.
constexpr double stream_backward = 1.5;

class PassLister {
 public:
  explicit PassLister(const TrainingSetup& s)
      : s_{s},
        card_{s.model},
        tp_{static_cast<double>(s.layout.tp)},
        tokens_{tokens_of(s)},
        norm_tokens_{norm_tokens_of(s)} {}

  // Of the layers of this part, those that run what is listed from here on.
  void only_for(double share) { share_ = share; }

  void product(double m, double n, double k, Precision p);
  void product(double m, double n, double k) { product(m, n, k, s_.precision); }
  void stream(double bytes, double count = 1);
  void norm() {
    const double bytes = norm_tokens_ * card_.hidden * bf16 * 2;
    stream(bytes);
    put_cheap(Elementwise{bytes});
  }
  void residual() { stream(norm_tokens_ * card_.hidden * bf16 * 3); }

  // Moves as much back as forward.
  void stream_both_ways(double bytes, double count) {
    put(k_.forward, Elementwise{bytes}, count);
    put(k_.backward, Elementwise{bytes}, count);
  }
  void permute(double pairs);

  void mixer();
  void dense_ffn(double inner, bool gated);
  void moe_ffn();
  void embedding();
  void head();
  LayerKernels take(Recompute recompute);

 private:
  void put(TrainingKernels& list, const Kernel& kernel, double count = 1, double slow_down = 1) {
    if (share_ > 0) list.push_back({kernel, count * share_, slow_down, share_});
  }
  void put_cheap(const Kernel& kernel) { put(cheap_, kernel); }
  void attention();
  void linear_attention();
  void scan(double heads, double groups);
  void projections();
  void latent_projections(const MlaDims& d);
  void scores();
  void flash(const Kernel& kernel, double share);
  void unfused();

  const TrainingSetup& s_;
  const ModelCard& card_;
  double tp_, tokens_, norm_tokens_;
  double share_ = 1;
  LayerKernels k_;
  TrainingKernels cheap_;    // what selective recomputation runs again
  TrainingKernels experts_;  // the forward of a layer of experts
};

void PassLister::product(double m, double n, double k, Precision p) {
  if (n == 0 || k == 0) return;
  put(k_.forward, Gemm{p, m, n, k});
  put(k_.backward, Gemm{p, m, k, n});
  put(k_.weight, Gemm{p, k, n, m});
  // The gradient is added to what earlier micro-batches left: read and written once more.
  put(k_.weight, Elementwise{k * n * (2 * s_.optimizer.gradient - bf16)});
  if (!is_narrow(p)) return;
  // Inputs are cast, and cast again transposed for the gradients of weights.
  const double cast = bf16 + 2 * bytes_per_element(p);
  put(k_.forward, Elementwise{m * k * cast});
  put(k_.backward, Elementwise{m * n * cast});
}

void PassLister::stream(double bytes, double count) {
  if (bytes == 0) return;
  put(k_.forward, Elementwise{bytes}, count);
  put(k_.backward, Elementwise{bytes * stream_backward}, count);
}

void PassLister::latent_projections(const MlaDims& d) {
  const double h = card_.hidden;
  const double heads = std::ceil(card_.attention.heads / tp_);
  product(norm_tokens_, d.q_rank + d.kv_rank + d.rope_dim, h);
  stream(norm_tokens_ * (d.q_rank + d.kv_rank) * bf16 * 2);
  const std::size_t up = k_.forward.size();
  product(tokens_, heads * (d.nope_dim + d.rope_dim), d.q_rank > 0 ? d.q_rank : h);
  product(tokens_, heads * (d.nope_dim + d.value_dim), d.kv_rank);
  cheap_.insert(cheap_.end(), k_.forward.begin() + static_cast<std::ptrdiff_t>(up),
                k_.forward.end());
  stream(tokens_ * heads * (d.nope_dim + d.rope_dim) * 2 * bf16 * 2);  // rotary, concatenation
}

void PassLister::projections() {
  const AttentionDims& a = card_.attention;
  const double q = std::ceil(a.heads / tp_) * a.head_dim;
  const double kv = std::ceil(a.kv_heads / tp_) * a.head_dim;
  product(tokens_, q * (a.has_output_gate ? 2 : 1) + 2 * kv, card_.hidden);
  stream(tokens_ * (q + kv) * bf16 * (a.has_qk_norm ? 4 : 2));
}

void PassLister::flash(const Kernel& kernel, double share) {
  only_for(share);
  put(k_.forward, kernel);
  put(k_.backward, kernel, flash_backward_products, flash_backward_slow_down);
}

// Two products over all pairs of tokens, scores through memory in bf16: scale, mask and softmax,
// then dropout with its mask of one byte. Back: four products.
void PassLister::unfused() {
  const AttentionDims& a = card_.attention;
  const double heads = s_.micro_batch * std::ceil(a.heads / tp_);
  const double query = static_cast<double>(s_.sequence) / s_.layout.cp;
  const double pairs = heads * query * s_.sequence;
  const HeadGemm score{Precision::bf16, query, static_cast<int>(heads), a.head_dim, s_.sequence};
  const HeadGemm value{Precision::bf16, query, static_cast<int>(heads), s_.sequence, a.head_dim};
  for (TrainingKernels* list : {&k_.forward, &cheap_}) {
    put(*list, score);
    put(*list, Elementwise{pairs * 4});
    put(*list, Elementwise{pairs * 5});
    put(*list, value);
  }
  put(k_.backward, score, 2);
  put(k_.backward, value, 2);
  put(k_.backward, Elementwise{pairs * 5});
  put(k_.backward, Elementwise{pairs * 6});
}

void PassLister::scores() {
  const AttentionDims& a = card_.attention;
  const double layers = card_.layers;
  const double windowed = a.windowed_layers / layers;
  const double full = 1 - windowed - a.linear_layers / layers;
  const double query = static_cast<double>(s_.sequence) / s_.layout.cp;
  // Ranks of CP get an early and a late piece of the sequence each, so that all see as many pairs.
  const double prefix = (s_.sequence - query) / 2;
  const int heads = static_cast<int>(std::ceil(a.heads / tp_));
  const double batch = s_.micro_batch;
  if (a.mla) {
    const MlaDims& d = *a.mla;
    flash(MlaPrefill{Precision::bf16, batch, query, prefix, heads, d.nope_dim, d.rope_dim,
                     d.value_dim},
          full);
    return;
  }
  only_for(full + windowed);
  if (s_.attention == AttentionMethod::unfused) return unfused();
  PrefillAttention kernel{Precision::bf16, batch, query,
                          prefix,          heads, static_cast<int>(std::ceil(a.kv_heads / tp_)),
                          a.head_dim,      0};
  flash(kernel, full);
  kernel.window = a.window;
  flash(kernel, windowed);
}

// The mean of the kinds of attention that the layers of the model have.
void PassLister::mixer() {
  const double linear = static_cast<double>(card_.attention.linear_layers) / card_.layers;
  norm();
  only_for(1 - linear);
  if (linear < 1) attention();
  only_for(linear);
  if (linear > 0) linear_attention();
  only_for(1);
  residual();
}

// A layer with a fixed-size state: projections, short convolution, scan, gated norm, output.
void PassLister::linear_attention() {
  const LinearAttentionDims& d = *card_.linear_attention;
  const double heads = std::ceil(d.value_heads / tp_), groups = std::ceil(d.key_heads / tp_);
  const double keys = 2 * groups * d.key_dim, values = heads * d.value_dim;
  product(tokens_, keys + 2 * values + d.gates * heads, card_.hidden);
  stream(tokens_ * (keys + values) * bf16 * 2);  // convolution
  scan(heads, groups);
  stream(tokens_ * values * bf16 * 3);  // norm of the output under its gate
  product(tokens_, card_.hidden, values);
}

// The chunked scan: products within chunks, states of chunks written in fp32, passed on from chunk
// to chunk and read again. Its backward runs the forward once more and has twice its products.
// Source: state-spaces/mamba, ssd_combined.py, and its chunk of 128 in Nemotron 3.
void PassLister::scan(double heads, double groups) {
  constexpr int chunk = 128;
  constexpr double fp32 = 4, passes_of_states = 4, backward_passes = 3;
  const LinearAttentionDims& d = *card_.linear_attention;
  const double row = heads * d.value_dim, keys = 2 * groups * d.key_dim;
  const double states = row * d.key_dim * fp32 / chunk;
  const int all_heads = static_cast<int>(heads);
  const Elementwise traffic{tokens_ * (passes_of_states * states + (3 * row + 2 * keys) * bf16)};
  const HeadGemm within{Precision::bf16, tokens_, all_heads, chunk, d.value_dim};
  const HeadGemm scores{Precision::bf16, tokens_, static_cast<int>(groups), d.key_dim, chunk};
  const HeadGemm state{Precision::bf16, tokens_, all_heads, d.value_dim, d.key_dim};
  for (const auto& [list, passes] :
       {std::pair{&k_.forward, 1.0}, std::pair{&k_.backward, backward_passes}}) {
    put(*list, traffic, passes);
    put(*list, within, passes);
    put(*list, scores, passes);
    put(*list, state, 2 * passes);
  }
}

void PassLister::attention() {
  const AttentionDims& a = card_.attention;
  const double share = share_;
  if (a.mla)
    latent_projections(*a.mla);
  else
    projections();
  scores();
  only_for(share);
  const double out = a.mla ? a.mla->value_dim : a.head_dim;
  product(tokens_, card_.hidden, std::ceil(a.heads / tp_) * out);
}

void PassLister::dense_ffn(double inner, bool gated) {
  const double up = gated ? 2 * inner : inner;
  product(tokens_, up, card_.hidden);
  stream(tokens_ * (up + inner) * bf16);
  put_cheap(Elementwise{tokens_ * (up + inner) * bf16});
  product(tokens_, card_.hidden, inner);
}

void PassLister::moe_ffn() {
  const MoeDims& moe = *card_.moe;
  const ExpertShape shape = expert_shape(card_);
  const std::size_t before = k_.forward.size();
  product(norm_tokens_, moe.experts, card_.hidden, Precision::bf16);
  product(norm_tokens_, moe.latent, card_.hidden);
  product(norm_tokens_, card_.hidden, moe.latent);
  const int ep = s_.layout.ep;
  // Large batches reach every expert; the fullest rank sets the pace.
  MoeLayer layer{
      s_.precision, norm_tokens_ * ep, shape.hidden, shape.inner, moe.top_k, moe.experts, 1, ep};
  layer.load = {norm_tokens_ * moe.top_k * s_.hottest_expert_rank,
                static_cast<double>(moe.experts) / ep};
  layer.kernel = MoeKernel::throughput;
  put(k_.forward, layer);
  put(k_.backward, layer);
  put(k_.weight, layer);
  const double weights = 3.0 * shape.hidden * shape.inner * static_cast<double>(moe.experts) / ep;
  put(k_.weight, Elementwise{weights * (2 * s_.optimizer.gradient - bf16)});
  if (is_narrow(s_.precision)) {
    const double rows = layer.load.pairs * (shape.hidden + moe.expert_inner);
    const double cast = bf16 + 2 * bytes_per_element(s_.precision);
    put(k_.forward, Elementwise{rows * cast});
    put(k_.backward, Elementwise{rows * cast});
  }
  permute(layer.load.pairs);
  if (moe.shared_inner > 0) dense_ffn(std::ceil(moe.shared_inner / tp_), card_.has_gated_ffn);
  experts_.assign(k_.forward.begin() + static_cast<std::ptrdiff_t>(before), k_.forward.end());
}

// The layer as serving runs it sorts tokens by expert once, where they arrive. An all-to-all has
// them sorted before they leave too, and back after they return. In training the activation is a
// kernel of its own whose gradient writes two inputs.
void PassLister::permute(double pairs) {
  if (s_.layout.ep > 1 && !s_.dispatch.deduplicates)
    stream_both_ways(pairs * expert_shape(card_).hidden * bf16 * 2, 2);
  const double inner = pairs * card_.moe->expert_inner * bf16;
  const double inputs = card_.has_gated_ffn ? 2 : 1;
  put(k_.backward, Elementwise{inner * inputs});
  put_cheap(Elementwise{inner * (inputs + 1)});
}

void PassLister::embedding() {
  const double row = norm_tokens_ * card_.hidden * bf16;
  put(k_.forward, Elementwise{2 * row});
  put(k_.weight, Elementwise{row * (1 + s_.optimizer.gradient)});
}

// Output matrix, and cross entropy over logits in bf16 and fp32.
void PassLister::head() {
  const double vocabulary = std::ceil(card_.vocabulary / tp_);
  norm();
  product(tokens_, vocabulary, card_.hidden, Precision::bf16);
  put(k_.forward, Elementwise{tokens_ * vocabulary * (bf16 + 4 + 4)});
  put(k_.backward, Elementwise{tokens_ * vocabulary * (4 + bf16)});
}

LayerKernels PassLister::take(Recompute recompute) {
  if (recompute == Recompute::full) k_.recompute = k_.forward;
  if (recompute == Recompute::selective || recompute == Recompute::experts) k_.recompute = cheap_;
  if (recompute == Recompute::experts)
    k_.recompute.insert(k_.recompute.end(), experts_.begin(), experts_.end());
  return std::move(k_);
}

}  // namespace

bool is_narrow(Precision precision) {
  return bytes_per_element(precision) < bf16;
}

double tokens_of(const TrainingSetup& s) {
  return static_cast<double>(s.micro_batch) * s.sequence / s.layout.cp;
}

double norm_tokens_of(const TrainingSetup& s) {
  return tokens_of(s) / (s.sequence_parallel ? s.layout.tp : 1);
}

LayerKernels layer_kernels(const TrainingSetup& s, LayerPart part) {
  PassLister list{s};
  switch (part) {
    case LayerPart::embedding:
      list.embedding();
      return list.take(Recompute::none);
    case LayerPart::head:
      list.head();
      return list.take(Recompute::none);
    case LayerPart::dense_layer:
    case LayerPart::moe_layer:
      break;
  }
  list.mixer();
  if (part == LayerPart::dense_layer) list.only_for(dense_ffn_share(s.model));
  list.norm();
  if (part == LayerPart::moe_layer)
    list.moe_ffn();
  else
    list.dense_ffn(std::ceil(static_cast<double>(s.model.ffn_inner) / s.layout.tp),
                   s.model.has_gated_ffn);
  list.residual();
  return list.take(s.recompute);
}

}  // namespace jevons
