// Scaling laws against their published optima, and dense twins of mixtures of experts.
#include "models/llm/capability.h"

#include <cmath>

#include <doctest/doctest.h>

#include "tests/support/fleets.h"

namespace jevons {

namespace {

ModelCard deepseek_v3() {
  ModelCard m;
  m.id = "deepseek-v3";
  m.layers = 61;
  m.hidden = 7168;
  m.vocabulary = 129'280;
  m.ffn_inner = 18'432;
  m.attention.kind = AttentionKind::mla;
  m.attention.heads = 128;
  m.attention.mla =
      MlaDims{.q_rank = 1536, .kv_rank = 512, .nope_dim = 128, .rope_dim = 64, .value_dim = 128};
  m.moe = MoeDims{.experts = 256,
                  .top_k = 8,
                  .expert_inner = 2048,
                  .shared_experts = 1,
                  .shared_inner = 2048,
                  .dense_layers = 3};
  return m;
}

}  // namespace

TEST_CASE(
    "the law fitted again puts Chinchilla near its optimum and the law as published does not") {
  // 70B parameters on 1.4T tokens: 20 tokens a parameter. Besiroglu et al. 2024 find 20 with theirs
  // and about 70 with the published one.
  const double flop = 6 * 70e9 * 1.4e12;
  const ComputeOptimum again = compute_optimum(besiroglu_2024, flop);
  const ComputeOptimum published = compute_optimum(hoffmann_2022, flop);
  CHECK(again.tokens / again.parameters == doctest::Approx(20).epsilon(0.3));
  CHECK(published.tokens / published.parameters > 55);
}

TEST_CASE("no other split of the same compute has less loss than the optimum") {
  for (const ScalingLaw& law : {besiroglu_2024, hoffmann_2022})
    for (const double flop : {1e20, 1e23, 3e25}) {
      const ComputeOptimum best = compute_optimum(law, flop);
      CHECK(6 * best.parameters * best.tokens == doctest::Approx(flop).epsilon(1e-12));
      const double least = loss(law, best.parameters, best.tokens);
      for (const double factor : {0.5, 0.9, 1.1, 2.0})
        CHECK(loss(law, factor * best.parameters, best.tokens / factor) > least);
    }
}

TEST_CASE("tokens and parameters for a loss are the inverses of the loss") {
  const double l = loss(besiroglu_2024, 70e9, 1.4e12);
  CHECK(*tokens_for(besiroglu_2024, 70e9, l) == doctest::Approx(1.4e12).epsilon(1e-9));
  CHECK(*parameters_for(besiroglu_2024, 1.4e12, l) == doctest::Approx(70e9).epsilon(1e-9));
  CHECK_FALSE(tokens_for(besiroglu_2024, 1e9, besiroglu_2024.E).has_value());
  CHECK_FALSE(parameters_for(besiroglu_2024, 1e9, besiroglu_2024.E).has_value());
}

TEST_CASE("a dense model counts in full and a mixture between what it visits and what it holds") {
  const ModelCard dense = test::a_dense_model();
  CHECK(effective_parameters(dense) == doctest::Approx(parameters(dense).total()).epsilon(1e-12));
  const ModelCard v3 = deepseek_v3();
  CHECK(parameters(v3).total() == doctest::Approx(671e9).epsilon(0.005));
  CHECK(visited_parameters(v3) == doctest::Approx(37.6e9).epsilon(0.01));
  CHECK(effective_parameters(v3, 0) == doctest::Approx(visited_parameters(v3)).epsilon(1e-12));
  CHECK(effective_parameters(v3, 1) == doctest::Approx(parameters(v3).total()).epsilon(1e-12));
  CHECK(effective_parameters(v3) == doctest::Approx(std::sqrt(671e9 * 37.6e9)).epsilon(0.01));
}

TEST_CASE(
    "a dense twin has the effective parameters and the loss of its mixture within 1 per cent") {
  for (const ModelCard& card : {deepseek_v3(), test::an_mla_moe_model()}) {
    for (const double exponent : {0.3, 0.5, 0.7}) {
      const double wanted = effective_parameters(card, exponent);
      const ModelCard twin = dense_twin(card, wanted);
      CAPTURE(twin.layers);
      CAPTURE(twin.hidden);
      CAPTURE(twin.ffn_inner);
      CHECK_FALSE(twin.moe.has_value());
      CHECK(effective_parameters(twin) == doctest::Approx(wanted).epsilon(0.01));
      CHECK(loss(besiroglu_2024, effective_parameters(twin), 14.8e12) ==
            doctest::Approx(loss(besiroglu_2024, wanted, 14.8e12)).epsilon(1e-3));
      CHECK(twin.hidden * card.layers == doctest::Approx(card.hidden * twin.layers).epsilon(0.05));
    }
  }
}

TEST_CASE("the twin of a dense model is the model itself") {
  const ModelCard dense = test::a_dense_model();
  const ModelCard twin = dense_twin(dense, parameters(dense).total());
  CHECK(twin.layers == dense.layers);
  CHECK(twin.hidden == dense.hidden);
  CHECK(twin.ffn_inner == dense.ffn_inner);
  CHECK(twin.attention.heads == dense.attention.heads);
}

TEST_CASE("fewer effective parameters never lower the loss") {
  double last = 0;
  for (const double n : {1e12, 1e11, 1e10, 1e9}) {
    const double l = loss(besiroglu_2024, n, 1e12);
    CHECK(l > last);
    last = l;
  }
}

}  // namespace jevons
