#include "studies/bridge_recipes.h"

#include <array>
#include <optional>

#include "models/jobs/training/memory.h"

namespace jevons {

namespace {

// Source: github.com/NVIDIA-NeMo/Megatron-Bridge, scripts/performance/configs/*/
// *_workload_base_configs.py, as of 2026: recompute_modules, cuda_graph_impl and _scope,
// moe_flex_dispatcher_backend or moe_token_dispatcher_type, moe_a2a_overlap.
struct Recipe {
  std::string_view model, chip;
  std::optional<Recompute> recompute;
  GraphCapture graphs = GraphCapture::none;
  bool deduplicates = true;         // deepep, hybridep; false: alltoall
  bool overlaps = false;            // exchange of experts beside another micro-batch
  std::optional<Precision> only{};  // the precision that this is for; absent: all others
};
constexpr std::array recipes{
    Recipe{"deepseek-v3", "h100-sxm", Recompute::selective},
    Recipe{"deepseek-v3", "b200", Recompute::selective},
    Recipe{"deepseek-v3", "gb200", Recompute::selective, GraphCapture::attention},
    Recipe{"qwen3-235b-a22b", "h100-sxm", {}, GraphCapture::none, false, true},
    Recipe{"qwen3-235b-a22b", "b200", {}, GraphCapture::none, false, false},
    Recipe{"qwen3-235b-a22b", "gb200", {}, GraphCapture::attention},
    Recipe{"qwen3-30b-a3b", "h100-sxm", {}},
    Recipe{"qwen3-30b-a3b", "b200", {}, GraphCapture::attention},
    Recipe{"qwen3-30b-a3b", "gb200", {}, GraphCapture::attention},
    Recipe{"gpt-oss-120b", "h100-sxm", Recompute::selective, GraphCapture::none, false},
    Recipe{"gpt-oss-120b", "b200", Recompute::selective, GraphCapture::none, false},
    Recipe{"gpt-oss-120b", "gb200", Recompute::selective, GraphCapture::none, false},
    Recipe{"nemotron-3-nano", "h100-sxm", Recompute::experts, GraphCapture::attention},
    Recipe{"nemotron-3-nano", "b200", {}, GraphCapture::attention},
    Recipe{"nemotron-3-nano", "gb200", {}, GraphCapture::attention},
    // Experts on 64 GPUs: as the recipe of B300, which has that layout too.
    Recipe{"nemotron-3-super", "b200", {}, GraphCapture::attention, true, false, Precision::nvfp4},
    Recipe{"nemotron-3-super", "b200", Recompute::selective},
    Recipe{
        "nemotron-3-super", "gb200", {}, GraphCapture::attention, false, false, Precision::nvfp4},
    Recipe{"nemotron-3-super", "gb200", Recompute::experts, GraphCapture::attention},
    // Activations of many layers go to the host's memory instead of being computed again.
    Recipe{"llama-3-70b", "gb200", Recompute::none},
    Recipe{"llama-3-8b", "b200", {}, GraphCapture::layers},
    Recipe{"llama-3-8b", "gb200", {}, GraphCapture::layers},
};

const Recipe* recipe_of(const TrainingSetup& s) {
  for (const Recipe& r : recipes)
    if (r.model == s.model.id && r.chip == s.chip.id && r.only.value_or(s.precision) == s.precision)
      return &r;
  return nullptr;
}

// The graphs came with a later recipe on this chip: until then it ran single sequences.
bool is_before_graphs(const TrainingSetup& s) {
  return s.model.id == "qwen3-30b-a3b" && s.chip.id == "b200" && s.micro_batch == 1;
}

}  // namespace

void apply_bridge_recipe(std::string_view release, TrainingSetup& s) {
  for (const Recompute r : {Recompute::none, Recompute::selective, Recompute::full}) {
    s.recompute = r;
    if (training_memory(s).total() <= usable_bytes(s.chip)) break;
  }
  s.dispatch.is_narrow = false;
  const Recipe* recipe = recipe_of(s);
  if (recipe == nullptr) return;
  if (recipe->recompute) s.recompute = *recipe->recompute;
  s.graphs = release < "25.11" || is_before_graphs(s) ? GraphCapture::none : recipe->graphs;
  s.dispatch.deduplicates = recipe->deduplicates;
  s.overlap.expert = recipe->overlaps;
  // 26.04.01 on B200: experts on 32 GPUs, exchange beside other work.
  if (s.model.id == "deepseek-v3" && s.chip.id == "b200" && s.layout.ep == 32) {
    s.graphs = GraphCapture::attention;
    s.overlap.expert = true;
  }
}

}  // namespace jevons
