#include "scenarios/part_laws.h"

#include <string>

#include "scenarios/check.h"

namespace jevons {

namespace {

// Collects the laws that are broken, each with its place.
struct Laws {
  const JsonDocument& document;
  std::string pointer;
  Mistakes broken{};

  void hold(bool law, std::string_view key, std::string expected, std::string got,
            std::string hint = "") {
    if (!law)
      broken.add(mistake_at(document, pointer + std::string{key}, std::move(expected),
                            std::move(got), std::move(hint)));
  }
  void at_most(int value, int most, std::string_view key, const std::string& what) {
    hold(value <= most, key, "at most " + what + " (" + std::to_string(most) + ")",
         std::to_string(value));
  }
};

void attention_laws(const ModelCard& card, Laws& laws) {
  const AttentionDims& a = card.attention;
  if (a.kind == AttentionKind::mla) {
    laws.hold(a.mla.has_value(), "/attention/mla", "the sizes of latent attention", "none");
  } else {
    laws.hold(a.head_dim > 0, "/attention/head_dim", "the size of a head", "0");
    laws.hold(a.kv_heads > 0 && a.heads % std::max(a.kv_heads, 1) == 0, "/attention/kv_heads",
              "a divisor of the " + std::to_string(a.heads) + " heads", std::to_string(a.kv_heads));
  }
  laws.at_most(a.windowed_layers + a.linear_layers, card.layers, "/attention",
               "as many windowed and linear layers as there are layers");
  laws.hold((a.window > 0) == (a.windowed_layers > 0), "/attention/windowed_layers",
            "a window and windowed layers, or neither", std::to_string(a.windowed_layers));
  laws.hold((a.linear_layers > 0) == card.linear_attention.has_value(), "/linear_attention",
            "sizes when there are linear layers, and only then",
            card.linear_attention ? "sizes" : "none");
}

void expert_laws(const ModelCard& card, Laws& laws) {
  if (!card.moe) return;
  const MoeDims& moe = *card.moe;
  laws.at_most(moe.top_k, moe.experts, "/moe/top_k", "as many as there are experts");
  laws.at_most(moe.dense_layers, card.layers - card.layers_without_ffn, "/moe/dense_layers",
               "as many as there are layers with an FFN");
  laws.hold((moe.shared_experts > 0) == (moe.shared_inner > 0), "/moe/shared_inner",
            "a size when there are shared experts, and only then",
            std::to_string(moe.shared_inner));
}

}  // namespace

Mistakes laws(const ModelCard& card, const JsonDocument& document, std::string_view pointer) {
  Laws laws{document, std::string{pointer}};
  attention_laws(card, laws);
  expert_laws(card, laws);
  laws.at_most(card.layers_without_ffn, card.layers, "/layers_without_ffn",
               "as many as there are layers");
  laws.hold(card.ffn_inner > 0 || dense_ffn_layers(card) <= 0, "/ffn_inner",
            "the inner size of the layers that have no experts", "0");
  return std::move(laws.broken);
}

Mistakes laws_to_simulate(const ChipSpec& chip, const JsonDocument& document,
                          std::string_view pointer) {
  Laws laws{document, std::string{pointer}};
  const auto known = [&](bool is_known, std::string_view key, const char* what,
                         const char* example) {
    laws.hold(is_known, key, what, "unknown",
              "state what you assume, such as " + std::string{example});
  };
  known(chip.peak.bf16.has_value(), "/peak/bf16", "a bf16 rate", R"("500 TFLOP/s")");
  known(chip.memory.has_value(), "/memory", "the size of the memory", R"("96 GB")");
  known(chip.memory_bandwidth.has_value(), "/memory_bandwidth", "the rate of the memory",
        R"("2 TB/s")");
  known(chip.tdp.has_value(), "/tdp", "a thermal design power", R"("400 W")");
  return std::move(laws.broken);
}

}  // namespace jevons
