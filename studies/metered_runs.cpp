#include <array>

#include "scenarios/catalogue.h"
#include "studies/published_table.h"
#include "studies/training_rows.h"

namespace jevons {

namespace {

constexpr std::string_view phase_prefix = "phase_";

std::vector<PublishedRow> rows_of(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "measured_points.csv";
  if (!std::filesystem::exists(path)) return {};
  return read_published(path.string());
}

// Shapes: allenai/OLMo-2-1124-7B and -13B, config.json. GPUs: arXiv:2501.00656, section 2.3 names
// clusters, not counts; batch and sequence: its table 1.
struct Olmo {
  std::string_view id;
  int layers, hidden, ffn, heads, batch;
  double tokens;
};
constexpr std::array olmos{
    Olmo{"E-OLMo27B", 32, 4096, 11'008, 32, 1024, 4.05e12},
    Olmo{"E-OLMo213B", 40, 5120, 13'824, 40, 2048, 5.6e12},
};
constexpr int assumed_olmo_gpus = 512;

ModelCard olmo_card(const Olmo& o) {
  ModelCard card;
  card.layers = o.layers;
  card.hidden = o.hidden;
  card.ffn_inner = o.ffn;
  card.vocabulary = 100'352;
  card.attention.heads = card.attention.kv_heads = o.heads;
  card.attention.head_dim = o.hidden / o.heads;
  card.attention.has_qk_norm = true;
  return card;
}

}  // namespace

std::vector<MeasuredPhase> read_deepseek_phases(const std::filesystem::path& folder) {
  std::vector<MeasuredPhase> phases;
  for (const PublishedRow& row : rows_of(folder))
    if (row.id.starts_with("T-DSV3-I-") && row.metric.starts_with(phase_prefix))
      phases.push_back({row.metric.substr(phase_prefix.size()), row.value});
  return phases;
}

std::vector<MeteredRun> read_metered_runs(const std::filesystem::path& folder,
                                          const Catalogues& catalogues) {
  std::vector<MeteredRun> runs;
  for (const PublishedRow& row : rows_of(folder)) {
    MeteredRun run;
    run.id = row.id;
    TrainingSetup& s = run.setup;
    s.chip = read_entry<ChipSpec>(catalogues, "h100-sxm");
    s.fabric = training_fabric(s.chip);
    s.overlap.tensor = true;
    if (row.id == "E-SMC-GPT3-J") {
      s.model = read_entry<ModelCard>(catalogues, "gpt-175b");
      s.precision = Precision::fp8;
      s.sequence = s.global_batch = 2048;
      run.table = "Megatron-Bridge";
      run.stack = "h100-sxm 25.09";
      run.gpus = 512;
      run.is_node = true;
      run.joules_per_token = row.value;
      runs.push_back(run);
    }
    for (const Olmo& o : olmos) {
      if (row.id != o.id) continue;
      s.model = olmo_card(o);
      s.sharding = Sharding::parameters;
      s.sequence = 4096;
      s.global_batch = o.batch;
      run.table = "llm-foundry";
      run.stack = "h100-sxm bf16";
      run.gpus = assumed_olmo_gpus;
      run.joules_per_token = row.value * 3.6e9 / o.tokens;  // MWh
      runs.push_back(run);
    }
  }
  return runs;
}

}  // namespace jevons
