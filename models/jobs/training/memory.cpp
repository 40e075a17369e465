#include "models/jobs/training/memory.h"

#include <algorithm>

#include "models/jobs/training/layer_pass.h"
#include "models/jobs/training/stage.h"

namespace jevons {

namespace {

constexpr double bf16 = 2.0;
constexpr double assumed_bucket_bytes = 0.5e9;  // gradients on their way, parameters gathered early
constexpr double assumed_context_bytes = 2.0e9;  // driver context, communication, GEMM workspace

bool drops_cheap(Recompute recompute) {
  return recompute == Recompute::selective || recompute == Recompute::experts;
}

// Inputs of the products of a layer with a fixed-size state, gate and output of its scan; states of
// chunks are computed again.
double linear_elements(const TrainingSetup& s) {
  const LinearAttentionDims& d = *s.model.linear_attention;
  return (2.0 * d.key_heads * d.key_dim + 3.0 * d.value_heads * d.value_dim) / s.layout.tp;
}

// Elements per token that attention keeps: inputs of its products and of the kernel itself.
double softmax_elements(const TrainingSetup& s, Recompute recompute) {
  const AttentionDims& a = s.model.attention;
  const double tp = s.layout.tp;
  if (a.mla) {
    const MlaDims& d = *a.mla;
    const double heads = a.heads / tp;
    const double expanded =
        drops_cheap(recompute) ? 0 : 2.0 * (d.nope_dim + d.rope_dim) + d.value_dim;
    return d.q_rank + d.kv_rank + d.rope_dim + heads * (expanded + d.value_dim);
  }
  const double width = a.head_dim / tp;
  return 2 * a.heads * width + 2 * a.kv_heads * width;
}

double attention_elements(const TrainingSetup& s, Recompute recompute) {
  const double linear = static_cast<double>(s.model.attention.linear_layers) / s.model.layers;
  const double softmax = (1 - linear) * softmax_elements(s, recompute);
  return linear > 0 ? softmax + linear * linear_elements(s) : softmax;
}

// What the activation reads, in bf16 unless the cache is narrow, and what it writes, in the format
// of the products; selective recomputation writes that again.
double ffn_bytes(const TrainingSetup& s, Recompute recompute, double inner) {
  const double narrow = bytes_per_element(s.precision);
  const double read = s.has_narrow_cache ? narrow : bf16;
  const double written = drops_cheap(recompute) ? 0 : narrow;
  return inner * ((s.model.has_gated_ffn ? 2 : 1) * read + written);
}

double layer_bytes(const TrainingSetup& s, Recompute recompute, bool is_moe) {
  if (is_moe && !s.model.moe) return 0;  // a model without experts has no such layer
  const double tokens = tokens_of(s), normed = norm_tokens_of(s);
  const double h = s.model.hidden, tp = s.layout.tp;
  if (recompute == Recompute::full) return normed * h * bf16;
  // Inputs of both norms, and what they write as the inputs of both first products.
  const double written = drops_cheap(recompute) ? 0 : bytes_per_element(s.precision);
  double bytes =
      normed * h * 2 * (bf16 + written) + tokens * attention_elements(s, recompute) * bf16;
  if (s.attention == AttentionMethod::unfused && recompute == Recompute::none)
    bytes += tokens * s.model.attention.heads / tp * s.sequence * 5;
  if (is_moe) {
    const MoeDims& moe = *s.model.moe;
    const double pairs = normed * moe.top_k * s.hottest_expert_rank;
    const double width = expert_shape(s.model).hidden;
    if (recompute == Recompute::experts) return bytes;  // the input of the layer is kept already
    bytes += normed * moe.latent * bytes_per_element(s.precision);
    bytes += pairs *
             (width * bytes_per_element(s.precision) + ffn_bytes(s, recompute, moe.expert_inner));
    bytes += tokens * ffn_bytes(s, recompute, moe.shared_inner / tp);
  } else {
    bytes += dense_ffn_share(s.model) * tokens * ffn_bytes(s, recompute, s.model.ffn_inner / tp);
  }
  return bytes;
}

double micro_batches_in_flight(const TrainingSetup& s, int stage) {
  const double p = s.layout.pp, m = s.micro_batches();
  switch (s.schedule) {
    case PipelineSchedule::interleaved:
      return std::min(m, p - stage + (p - 1) / s.layout.chunks);
    case PipelineSchedule::dual_pipe:
      return std::min(m, p + 1) / 2;  // of two chunks' layers each
    case PipelineSchedule::one_f_one_b:
    case PipelineSchedule::zero_bubble:
      break;
  }
  return std::min(m, p - stage);
}

TrainingMemory of_stage(const TrainingSetup& s, int stage) {
  const StageContent content = stage_content(s, stage);
  const StageParameters n = stage_parameters(s, content);
  const double shared = shared_copies(s.layout), experts = expert_copies(s.layout);
  const auto held = [&](Sharding from) {
    return s.sharding >= from ? n.shared / shared + n.experts / experts : n.shared + n.experts;
  };
  TrainingMemory m;
  const double copy = s.precision == Precision::bf16 || s.precision == Precision::fp16
                          ? 0.0
                          : bytes_per_element(s.precision);
  m.weights = held(Sharding::parameters) * (bf16 + copy);
  const double learns = s.adapters_only ? 0 : 1;
  m.gradients = learns * held(Sharding::gradients) * s.optimizer.gradient;
  m.optimizer = learns * held(Sharding::optimizer) * (s.optimizer.master + s.optimizer.moments);
  const double per_micro_batch = content.dense_layers * activation_bytes_per_layer(s, false) +
                                 content.moe_layers * activation_bytes_per_layer(s, true);
  m.activations = micro_batches_in_flight(s, stage) * per_micro_batch;
  const double layers = content.dense_layers + content.moe_layers;
  if (s.recompute == Recompute::full) {  // one layer at a time is rebuilt in full
    m.activations += layer_bytes(s, Recompute::none, content.moe_layers > 0);
  }
  if (shared * experts > 1) m.buffers = assumed_bucket_bytes;
  if (s.sharding == Sharding::parameters) m.buffers += 2 * bf16 * (n.shared + n.experts) / layers;
  m.workspace = assumed_context_bytes;
  if (content.has_head)
    m.workspace += tokens_of(s) * s.model.vocabulary / s.layout.tp * (bf16 + 4.0);
  return m;
}

}  // namespace

double activation_bytes_per_layer(const TrainingSetup& s, bool is_moe) {
  return layer_bytes(s, s.recompute, is_moe);
}

TrainingMemory training_memory(const TrainingSetup& s) {
  TrainingMemory fullest = of_stage(s, 0);
  if (s.layout.pp == 1) return fullest;
  const TrainingMemory last = of_stage(s, s.layout.pp - 1);
  return last.total() > fullest.total() ? last : fullest;
}

double usable_bytes(const ChipSpec& chip) {
  return assumed_usable_memory * chip.memory->in(unit::B);
}

}  // namespace jevons
