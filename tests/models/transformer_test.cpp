#include "models/llm/transformer.h"

#include <doctest/doctest.h>

namespace jevons {

namespace {

ModelCard deepseek_v3() {
  ModelCard card;
  card.layers = 61;
  card.hidden = 7168;
  card.vocabulary = 129280;
  card.ffn_inner = 18432;
  card.attention = {.kind = AttentionKind::mla, .heads = 128};
  card.attention.mla =
      MlaDims{.q_rank = 1536, .kv_rank = 512, .nope_dim = 128, .rope_dim = 64, .value_dim = 128};
  card.moe = MoeDims{.experts = 256,
                     .top_k = 8,
                     .expert_inner = 2048,
                     .shared_experts = 1,
                     .shared_inner = 2048,
                     .dense_layers = 3,
                     .has_router_bias = true};
  card.weights = Precision::fp8_block;
  return card;
}

ModelCard gpt_oss_120b() {
  ModelCard card;
  card.layers = 36;
  card.hidden = 2880;
  card.vocabulary = 201088;
  card.attention = {.heads = 64,
                    .kv_heads = 8,
                    .head_dim = 64,
                    .has_qkv_bias = true,
                    .has_output_bias = true,
                    .has_sinks = true,
                    .window = 128,
                    .windowed_layers = 18};
  card.moe = MoeDims{.experts = 128,
                     .top_k = 4,
                     .expert_inner = 2880,
                     .has_router_bias = true,
                     .has_expert_bias = true};
  card.expert_weights = Precision::mxfp4;
  return card;
}

ModelCard llama_8b() {
  ModelCard card;
  card.layers = 32;
  card.hidden = 4096;
  card.vocabulary = 128256;
  card.ffn_inner = 14336;
  card.attention = {.heads = 32, .kv_heads = 8, .head_dim = 128};
  return card;
}

}  // namespace

TEST_CASE("a dense model counts to the last parameter") {
  // Tensor sizes of the checkpoint at huggingface.co/meta-llama/Llama-3.1-8B: 8,030,261,248.
  CHECK(parameters(llama_8b()).total() == 8'030'261'248.0);
}

TEST_CASE("a latent attention model with experts counts to the last parameter") {
  // 671,026,419,200 as in the checkpoint without its prediction head, which is 671B in
  // arXiv:2412.19437.
  CHECK(parameters(deepseek_v3()).total() == 671'026'419'200.0);
  CHECK(moe_layers(deepseek_v3()) == 58);
}

TEST_CASE("gpt-oss counts as its makers count each part") {
  // arXiv:2508.10925, table 1, in billions: MLP 114.71, attention 0.96, both tables 1.16, active
  // 5.13, total 116.83.
  const ModelCard card = gpt_oss_120b();
  const ParameterCount n = parameters(card);
  CHECK(n.routed_experts + n.router == doctest::Approx(114.71e9).epsilon(1e-4));
  CHECK(n.attention == doctest::Approx(0.96e9).epsilon(5e-3));
  CHECK(n.embedding + n.unembedding == doctest::Approx(1.16e9).epsilon(5e-3));
  CHECK(active_parameters(card) == doctest::Approx(5.13e9).epsilon(1e-3));
  CHECK(n.total() == doctest::Approx(116.83e9).epsilon(1e-4));
  CHECK(full_attention_layers(card) == 18);
}

TEST_CASE("experts on every second layer leave the others dense") {
  ModelCard card = llama_8b();
  card.moe = MoeDims{.experts = 4, .top_k = 1, .expert_inner = 14336, .moe_every = 2};
  const ParameterCount dense = parameters(llama_8b());
  const ParameterCount n = parameters(card);
  CHECK(moe_layers(card) == 16);
  CHECK(n.dense_ffn == dense.dense_ffn / 2);
  CHECK(n.routed_experts == 4 * dense.dense_ffn / 2);
  CHECK(active_parameters(card) - n.router == active_parameters(llama_8b()));
}

TEST_CASE("an output gate adds one matrix as wide as the queries") {
  ModelCard card = llama_8b();
  card.attention.has_output_gate = true;
  const double added = parameters(card).attention - parameters(llama_8b()).attention;
  CHECK(added == 32.0 * 4096 * 4096);
}

TEST_CASE("a delta net layer holds what its matrices hold") {
  ModelCard card = llama_8b();
  card.layers = 1;
  card.attention.linear_layers = 1;
  card.linear_attention = LinearAttentionDims{
      .key_heads = 2, .value_heads = 4, .key_dim = 8, .value_dim = 16, .conv_width = 4};
  const double projections = 4096.0 * (2 * 16 + 64 + 64 + 2 * 4) + 64.0 * 4096;
  CHECK(parameters(card).attention == projections + 4 * (2 * 16 + 64) + 2 * 4 + 16);
  CHECK(full_attention_layers(card) == 0);
}

TEST_CASE("a tied table is held once and an untied one is only multiplied at the output") {
  ModelCard tied = llama_8b();
  tied.tied_embeddings = true;
  const double table = 4096.0 * 128256;
  CHECK(parameters(llama_8b()).total() - parameters(tied).total() == table);
  CHECK(active_parameters(tied) == active_parameters(llama_8b()));
}

TEST_CASE("weights take the bytes of their formats") {
  // Published checkpoint sizes: DeepSeek-V3 main model about 671 GB in fp8 (its tables in bf16),
  // gpt-oss-120b 60.8 GiB (arXiv:2508.10925, table 1).
  CHECK(weight_bytes(llama_8b()).in(unit::B) == 2 * 8'030'261'248.0);
  CHECK(weight_bytes(deepseek_v3()).in(unit::GB) == doctest::Approx(673).epsilon(0.002));
  CHECK(weight_bytes(gpt_oss_120b()).in(unit::GiB) == doctest::Approx(60.8).epsilon(0.002));
}

TEST_CASE("a token leaves its keys and values or one latent row in each layer") {
  CHECK(kv_bytes_per_token_layer(llama_8b(), Precision::bf16).in(unit::B) == 4096);
  CHECK(kv_bytes_per_token_layer(deepseek_v3(), Precision::bf16).in(unit::B) == 1152);
  CHECK(kv_bytes_per_token_layer(deepseek_v3(), Precision::fp8).in(unit::B) == 576);
}

}  // namespace jevons
