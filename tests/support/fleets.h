#pragma once
// Tiny builders for serving tests: invented chips and models, small enough to reason about.
#include <vector>

#include "models/hardware/chip.h"
#include "models/jobs/inference/serving.h"
#include "models/jobs/request.h"
#include "models/llm/transformer.h"

namespace jevons::test {

inline ChipSpec a_chip() {
  ChipSpec chip;
  chip.id = "test";
  chip.name = "Test chip";
  chip.peak.bf16 = 1000 * unit::TFLOP / unit::s;
  chip.peak.fp8 = 2000 * unit::TFLOP / unit::s;
  chip.memory = 80 * unit::GB;
  chip.memory_bandwidth = 3 * unit::TB / unit::s;
  chip.link_bandwidth = 900 * unit::GB / unit::s;
  chip.tdp = 700 * unit::W;
  return chip;
}

inline ModelCard a_dense_model() {
  ModelCard m;
  m.id = "dense";
  m.layers = 32;
  m.hidden = 4096;
  m.vocabulary = 128'000;
  m.ffn_inner = 14'336;
  m.attention.heads = 32;
  m.attention.kv_heads = 8;
  m.attention.head_dim = 128;
  m.max_context = 131'072;
  return m;
}

inline ModelCard a_windowed_model() {
  ModelCard m = a_dense_model();
  m.id = "windowed";
  m.attention.window = 256;
  m.attention.windowed_layers = 24;
  return m;
}

inline ModelCard an_mla_moe_model() {
  ModelCard m;
  m.id = "mla-moe";
  m.layers = 16;
  m.hidden = 2048;
  m.vocabulary = 64'000;
  m.ffn_inner = 8192;
  m.attention.kind = AttentionKind::mla;
  m.attention.heads = 32;
  m.attention.mla =
      MlaDims{.q_rank = 768, .kv_rank = 512, .nope_dim = 128, .rope_dim = 64, .value_dim = 128};
  m.moe = MoeDims{};
  m.moe->experts = 64;
  m.moe->top_k = 6;
  m.moe->expert_inner = 1024;
  m.moe->shared_experts = 1;
  m.moe->shared_inner = 1024;
  m.moe->dense_layers = 1;
  m.weights = Precision::fp8;
  m.max_context = 131'072;
  return m;
}

inline PoolConfig a_pool(const ModelCard& card, int replicas = 1) {
  PoolConfig pool;
  pool.replicas = replicas;
  pool.model.card = card;
  pool.hardware = {assumed_profile(a_chip()), assumed_energy(a_chip())};
  pool.gpu_memory = *a_chip().memory;
  pool.host_power_per_node = 1500 * unit::W;
  return pool;
}

inline ServingConfig a_config(PoolConfig pool) {
  ServingConfig config;
  config.pools.push_back(std::move(pool));
  return config;
}

// Requests from a list.
class ListedRequests final : public RequestSource {
 public:
  explicit ListedRequests(std::vector<RequestSpec> list) : list_{std::move(list)} {}
  bool next(RequestSpec& out) override {
    if (at_ == list_.size()) return false;
    out = list_[at_++];
    return true;
  }

 private:
  std::vector<RequestSpec> list_;
  std::size_t at_ = 0;
};

class Recorder final : public ServingObserver {
 public:
  void finished(const RequestRecord& r) override { requests.push_back(r); }
  void sampled(const ReplicaSample& s) override { samples.push_back(s); }
  std::vector<RequestRecord> requests;
  std::vector<ReplicaSample> samples;
};

}  // namespace jevons::test
