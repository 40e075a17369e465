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

// MLPerf Training v4.0, Sustainable Metal Cloud: GPT-3 175B on 64 nodes.
constexpr std::string_view gpt3_rows = "E-SMC-GPT3";
constexpr double gpt3_tokens = 1.208e9;

// The same, Llama 2 70B with adapters, 8 sequences of 8,192 tokens a step. Watts of a node: one
// node from its energy over its time; else the level of node_1 while it steps, without start,
// evaluations and end. Source: github.com/mlcommons/training_results_v4.0, smc-ac-power/results,
// {8x,64x}SMC-H100-SXM-80GB/llama2_70b_lora/power, results 5742 (10) and 5730 (3). Batch: that of
// the reference, assumed for all.
struct AdapterRun {
  std::string_view id;
  int nodes;
  double watts;
};
constexpr std::array adapter_runs{
    AdapterRun{"SMC adapters, 1 node", 1, 3.358 / (28.11 / 60) * 1e3},
    AdapterRun{"SMC adapters, 8 nodes", 8, 6220},
    AdapterRun{"SMC adapters, 64 nodes", 64, 5420},
};

MeteredRun on(const ChipSpec& chip) {
  MeteredRun run;
  run.setup.chip = chip;
  run.setup.fabric = training_fabric(chip);
  run.setup.overlap.tensor = true;
  return run;
}

MeteredRun of_node(MeteredRun run, int gpus) {
  run.setup.precision = Precision::fp8;
  run.table = "Megatron-Bridge";
  run.stack = "h100-sxm 25.09";
  run.gpus = gpus;
  run.is_node = true;
  return run;
}

void add_gpt3(const PublishedRow& row, MeteredRun run, const Catalogues& catalogues,
              std::vector<MeteredRun>& runs) {
  run = of_node(std::move(run), 512);
  run.name = "metered runs";
  run.id = row.id;
  run.setup.model = read_entry<ModelCard>(catalogues, "gpt-175b");
  run.setup.sequence = run.setup.global_batch = 2048;
  run.value = row.value;
  run.tokens = gpt3_tokens;
  if (row.metric == "node_energy")
    run.figure = MeteredFigure::kilowatt_hours;
  else if (row.metric == "mean_node_power")
    run.figure = MeteredFigure::watts_per_node;
  else if (row.metric != "energy_per_token")
    return;
  runs.push_back(std::move(run));
}

MeteredRun olmo_run(const Olmo& o, double megawatt_hours, MeteredRun run) {
  run.name = "metered runs";
  run.id = o.id;
  run.setup.model = olmo_card(o);
  run.setup.sharding = Sharding::parameters;
  run.setup.sequence = 4096;
  run.setup.global_batch = o.batch;
  run.table = "llm-foundry";
  run.stack = "h100-sxm bf16";
  run.gpus = assumed_olmo_gpus;
  run.value = megawatt_hours * 3.6e9 / o.tokens;
  return run;
}

MeteredRun adapter_run(const AdapterRun& a, MeteredRun run, const Catalogues& catalogues) {
  constexpr int gpus_of_node = 8;
  run = of_node(std::move(run), gpus_of_node * a.nodes);
  run.name = "node power at scale";
  run.id = a.id;
  run.setup.model = read_entry<ModelCard>(catalogues, "llama-2-70b");
  run.setup.adapters_only = true;
  run.setup.sequence = 8192;
  run.setup.global_batch = 8;
  run.figure = MeteredFigure::watts_per_node;
  run.value = a.watts;
  return run;
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
  const std::vector<PublishedRow> rows = rows_of(folder);
  if (rows.empty()) return runs;
  const auto chip = read_entry<ChipSpec>(catalogues, "h100-sxm");
  for (const PublishedRow& row : rows) {
    if (row.id.starts_with(gpt3_rows)) add_gpt3(row, on(chip), catalogues, runs);
    for (const Olmo& o : olmos)
      if (row.id == o.id) runs.push_back(olmo_run(o, row.value, on(chip)));
  }
  for (const AdapterRun& a : adapter_runs) runs.push_back(adapter_run(a, on(chip), catalogues));
  return runs;
}

}  // namespace jevons
