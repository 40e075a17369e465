#include "models/jobs/training/stage.h"

#include <algorithm>

namespace jevons {

namespace {

// MoE layers among the first `layers`; those without an FFN are spread evenly.
int moe_among(const ModelCard& card, int layers) {
  if (!card.moe) return 0;
  const int with_ffn = layers - layers * card.layers_without_ffn / card.layers;
  return std::max(0, with_ffn - card.moe->dense_layers) / card.moe->moe_every;
}

// First layer of virtual stage `j` of `count`. Those that the last is spared are dealt out with the
// rest.
int first_layer(const TrainingSetup& s, int j, int count) {
  if (j == count) return s.model.layers;
  const int layers = s.model.layers + s.last_stage_fewer;
  const int base = layers / count, rest = layers % count;
  const int lead = (count - rest) / 2;  // short stages before the long ones
  return j * base + std::clamp(j - lead, 0, rest);
}

void add_virtual_stage(const TrainingSetup& s, int j, int count, StageContent& content) {
  const ModelCard& card = s.model;
  const int begin = first_layer(s, j, count);
  const int end = first_layer(s, j + 1, count);
  const int moe = moe_among(card, end) - moe_among(card, begin);
  content.moe_layers += moe;
  content.dense_layers += end - begin - moe;
  content.has_embedding |= j == 0;
  content.has_head |= j == count - 1;
}

// Elements per token in each of the two products of scores, over all heads.
double attention_width(const AttentionDims& a) {
  return a.mla ? a.heads * (a.mla->nope_dim + a.mla->rope_dim + a.mla->value_dim) / 2.0
               : static_cast<double>(a.heads) * a.head_dim;
}

// State and output of each value head. Source: Mamba-2 (arXiv:2405.21060), section 6.
double scan_flop_per_token(const ModelCard& card) {
  if (!card.linear_attention) return 0;
  const LinearAttentionDims& d = *card.linear_attention;
  return 4.0 * card.attention.linear_layers * d.value_heads * d.value_dim * d.key_dim;
}

}  // namespace

StageContent stage_content(const TrainingSetup& s, int stage) {
  StageContent content;
  const int pp = s.layout.pp;
  if (s.schedule == PipelineSchedule::dual_pipe) {
    add_virtual_stage(s, stage, pp, content);
    add_virtual_stage(s, pp - 1 - stage, pp, content);
    return content;
  }
  const int chunks = s.schedule == PipelineSchedule::interleaved ? s.layout.chunks : 1;
  for (int c = 0; c < chunks; ++c) add_virtual_stage(s, c * pp + stage, pp * chunks, content);
  return content;
}

StageParameters stage_parameters(const TrainingSetup& s, const StageContent& c) {
  const ParameterCount n = parameters(s.model);
  const int layers = s.model.layers, moe = moe_layers(s.model);
  const double tp = s.layout.tp;
  const double here = c.dense_layers + c.moe_layers;
  StageParameters p;
  p.shared = here / layers * (n.attention / tp + n.norms);
  if (layers > moe) p.shared += n.dense_ffn / tp * c.dense_layers / (layers - moe);
  if (moe > 0) {
    p.shared += (n.shared_experts / tp + n.router) * c.moe_layers / moe;
    p.experts = n.routed_experts / s.layout.ep * c.moe_layers / moe;
  }
  const double output = s.model.tied_embeddings ? n.embedding : n.unembedding;
  const bool is_same = s.model.tied_embeddings && c.has_embedding;  // one table, held once
  if (c.has_embedding) p.shared += (n.embedding + n.other) / tp;
  if (c.has_head && !is_same) p.shared += output / tp;
  return p;
}

int shared_copies(const TrainingLayout& l) {
  return l.dp * l.cp;
}

int expert_copies(const TrainingLayout& l) {
  return l.tp * l.cp * l.dp / l.ep;
}

double forward_flop_per_token(const ModelCard& card, int sequence) {
  const AttentionDims& a = card.attention;
  const int full = card.layers - a.windowed_layers - a.linear_layers;
  const double pairs = full * attended_pairs(sequence, 0, 0) +
                       a.windowed_layers * attended_pairs(sequence, 0, a.window);
  return 2 * active_parameters(card) + scan_flop_per_token(card) +
         4 * attention_width(a) * pairs / sequence;
}

double unmasked_flop_per_token(const ModelCard& card, int sequence) {
  const AttentionDims& a = card.attention;
  const double layers = card.layers - a.linear_layers;
  return 2 * active_parameters(card) + scan_flop_per_token(card) +
         4 * attention_width(a) * layers * sequence;
}

}  // namespace jevons
