#include "studies/training_rows.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "models/jobs/training/memory.h"
#include "models/jobs/training/stage.h"
#include "scenarios/catalogue.h"
#include "scenarios/gzip.h"
#include "studies/bridge_recipes.h"
#include "studies/published_table.h"

namespace jevons {

namespace {

struct ChipName {
  std::string_view published, id;
};
constexpr std::array chip_names{
    ChipName{"A100", "a100-80-sxm"},
    ChipName{"A100-40GB", "a100-40-sxm"},
    ChipName{"A100-80GB", "a100-80-sxm"},
    ChipName{"H100", "h100-sxm"},
    ChipName{"H100-80GB", "h100-sxm"},
    ChipName{"H800", "h800-sxm"},
    ChipName{"B200", "b200"},
    ChipName{"GB200", "gb200"},
};

// Published names that are no id of a card. Suffixes such as "(tokendrop)" are cut before.
struct ModelName {
  std::string_view published, id;
};
constexpr std::array model_names{
    ModelName{"LLAMA3_8B", "llama-3-8b"},
    ModelName{"LLAMA3_70B", "llama-3-70b"},
    ModelName{"LLAMA3.1_405B", "llama-3.1-405b"},
    ModelName{"DeepSeekV3", "deepseek-v3"},
    ModelName{"GPT OSS 120B", "gpt-oss-120b"},
    ModelName{"Qwen3_30B_a3B", "qwen3-30b-a3b"},
    ModelName{"Qwen3_235B_a22B", "qwen3-235b-a22b"},
    ModelName{"Nemotron_3_Nano", "nemotron-3-nano"},
    ModelName{"Nemotron_3_Super", "nemotron-3-super"},
};

int whole(std::optional<double> value, int otherwise = 1) {
  return value ? static_cast<int>(*value) : otherwise;
}

// Shapes of GPT models as the studies state them.
ModelCard gpt(int layers, int hidden, int heads, int vocabulary, bool untied) {
  ModelCard card;
  card.layers = layers;
  card.hidden = hidden;
  card.vocabulary = vocabulary;
  card.tied_embeddings = !untied;
  card.ffn_inner = 4 * hidden;
  card.has_gated_ffn = false;
  card.attention.heads = card.attention.kv_heads = heads;
  card.attention.head_dim = hidden / heads;
  card.attention.has_qkv_bias = card.attention.has_output_bias = true;
  return card;
}

class Reader {
 public:
  Reader(std::filesystem::path folder, const Catalogues& catalogues)
      : folder_{std::move(folder)}, catalogues_{catalogues} {}

  TrainingRows read();

 private:
  void megatron();
  void selective();
  void foundry();
  void bridge();
  void small();
  void llama();
  void deepseek();

  std::vector<PublishedRow> rows(const char* file) const;
  TrainingSetup base(const PublishedRow& row) const;
  const ChipSpec& chip(const std::string& published) const;
  const ModelCard* card(std::string published) const;
  ModelCard megatron_card(std::string_view study, std::string_view model) const;
  void add(std::string table, const PublishedRow& row, std::string stack, TrainingSetup setup,
           double seconds) {
    out_.steps.push_back({std::move(table), row.id, std::move(stack), std::move(setup), seconds});
  }
  // The other figure of the row added last: rows "X-1a" and "X-1b" are of one run.
  void add_second(const std::vector<PublishedRow>& rows);

  std::filesystem::path folder_;
  const Catalogues& catalogues_;
  mutable std::map<std::string, ChipSpec> chips_;
  mutable std::map<std::string, ModelCard> cards_;
  TrainingRows out_;
};

std::vector<PublishedRow> Reader::rows(const char* file) const {
  const std::filesystem::path path = folder_ / file;
  if (!std::filesystem::exists(path)) return {};
  return read_published(path.string());
}

const ChipSpec& Reader::chip(const std::string& published) const {
  const auto name = std::find_if(chip_names.begin(), chip_names.end(),
                                 [&](const ChipName& n) { return n.published == published; });
  const std::string id{name == chip_names.end() ? std::string_view{published} : name->id};
  if (!chips_.contains(id)) chips_[id] = read_entry<ChipSpec>(catalogues_, id);
  return chips_[id];
}

// Null where there is no card of it.
const ModelCard* Reader::card(std::string published) const {
  published = published.substr(0, published.find(" ("));
  std::string id;
  for (const char c : published)
    id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const ModelName& name : model_names)
    if (name.published == published) id = name.id;
  if (!catalogues_.find("models", id)) return nullptr;
  if (!cards_.contains(id)) cards_[id] = read_entry<ModelCard>(catalogues_, id);
  return &cards_[id];
}

ModelCard Reader::megatron_card(std::string_view study, std::string_view model) const {
  LineReader lines{(folder_ / "model_dims.csv").string()};
  std::string_view line;
  lines.next(line);
  while (lines.next(line)) {
    const std::vector<std::string> c = split_cells(line);
    if (c[0] != study || c[1] != model) continue;
    return gpt(std::stoi(c[2]), std::stoi(c[3]), std::stoi(c[4]), std::stoi(c[6]), c[8] == "1");
  }
  lines.refuse("a row for " + std::string{model}, "none");
}

TrainingSetup Reader::base(const PublishedRow& row) const {
  TrainingSetup s;
  s.chip = chip(row.chip);
  s.fabric = training_fabric(s.chip);
  TrainingLayout& l = s.layout;
  l.tp = whole(number_after(row.conditions, "TP"));
  l.pp = whole(number_after(row.conditions, "PP"));
  l.cp = whole(number_after(row.conditions, "CP"));
  l.ep = whole(number_after(row.conditions, "EP"));
  l.dp = row.chips / (l.tp * l.pp * l.cp);
  s.global_batch = whole(number_after(row.conditions, "GBS"));
  s.sequence = whole(number_after(row.conditions, "seq"), 2048);
  return s;
}

void Reader::add_second(const std::vector<PublishedRow>& rows) {
  MeasuredStep& step = out_.steps.back();
  const std::string id = step.id.substr(0, step.id.size() - 1) + "b";
  for (const PublishedRow& row : rows) {
    if (row.id != id) continue;
    (row.metric == "MFU" ? step.mfu_percent : step.tflops) = row.value;
  }
}

// Tables of TFLOP/s by Megatron's own count: 72 B s l h^2 (1 + s/6h + V/12lh), a third more with
// full recomputation. Source: arXiv:2104.04473, appendix.
double megatron_seconds(const TrainingSetup& s, double tflops, double passes) {
  const double h = s.model.hidden, l = s.model.layers;
  const double per_token =
      24 * passes * l * h * h * (1 + s.sequence / (6 * h) + s.model.vocabulary / (12 * l * h));
  return per_token * s.global_batch * s.sequence / (tflops * 1e12 * s.layout.gpus());
}

// How many chunks a stage has is not published: few in 2021 (its authors' next paper says three for
// its own runs), one layer each in the recipes of 2024.
void interleave(TrainingSetup& s, bool few) {
  if (s.layout.pp == 1) return;
  const int per_stage = s.model.layers / s.layout.pp;
  int chunks = per_stage;
  for (int v = 2; few && chunks == per_stage && v < per_stage; ++v)
    if (per_stage % v == 0) chunks = v;
  s.layout.chunks = chunks;
  s.schedule = PipelineSchedule::interleaved;
}

bool fits_twice(TrainingSetup s) {
  s.micro_batch *= 2;
  return training_memory(s).total() <= usable_bytes(s.chip);
}

// Micro-batches are not published: one sequence under a pipeline, else the largest that fits. SC21
// runs the interleaved schedule with full recomputation and unfused attention (its section 5.1);
// chunks are not published either.
void Reader::megatron() {
  for (const PublishedRow& row : rows("measured_points.csv")) {
    const bool is_sc21 = row.id.starts_with("T-SC21-");
    if (!is_sc21 && (!row.id.starts_with("T-MG-") || row.metric != "TFLOPs_per_chip")) continue;
    TrainingSetup s = base(row);
    s.model = megatron_card(is_sc21 ? "SC21" : "Megatron_H100", row.model);
    if (is_sc21) {
      s.recompute = Recompute::full;
      s.attention = AttentionMethod::unfused;
      s.sequence_parallel = false;
      s.overlap.data = false;
      s.sharding = Sharding::none;
    } else {
      s.overlap.tensor = true;  // its own scripts overlap TP, DP and PP communication
      while (s.layout.pp == 1 && s.micro_batches() % 2 == 0 && fits_twice(s)) s.micro_batch *= 2;
    }
    interleave(s, is_sc21);
    const double seconds = megatron_seconds(s, row.value, is_sc21 ? 4 : 3);
    add(is_sc21 ? "Megatron SC21" : "Megatron H100", row,
        is_sc21 ? "megatron 2021" : "megatron 2024", s, seconds);
  }
}

void Reader::selective() {
  for (const PublishedRow& row : rows("megatron_seqsel_tab5.csv")) {
    TrainingSetup s = base(row);
    s.model = megatron_card("seqsel_tab5", row.model);
    s.global_batch = whole(number_after(row.conditions, "batch"));
    s.micro_batch = whole(number_after(row.conditions, "mbs"));
    s.attention = AttentionMethod::unfused;
    s.sharding = Sharding::none;
    s.sequence_parallel = row.conditions.find("selective") != std::string::npos;
    s.recompute = s.sequence_parallel ? Recompute::selective : Recompute::full;
    // Source: arXiv:2205.05198, table 3: three chunks for 175B and 530B.
    if (s.model.layers == 96 || s.model.layers == 105) {
      s.schedule = PipelineSchedule::interleaved;
      s.layout.chunks = 3;
    }
    add("Megatron selective", row, "megatron 2022", s, row.value);
  }
}

void Reader::foundry() {
  const std::vector<PublishedRow> all = rows("llmfoundry_mfu.csv");
  for (const PublishedRow& row : all) {
    const ModelCard* model = card(row.model);
    if (row.metric != "throughput_per_chip" || model == nullptr) continue;
    TrainingSetup s = base(row);
    s.model = *model;
    s.micro_batch = whole(number_after(row.conditions, "microbatch"));
    s.sharding = Sharding::parameters;
    if (row.conditions.find("act_ckpt True") != std::string::npos) s.recompute = Recompute::full;
    const bool is_8_bit = row.conditions.find("GB FP8") != std::string::npos;
    if (is_8_bit) s.precision = Precision::fp8;
    s.optimizer.gradient = 2;
    const double tokens = static_cast<double>(s.global_batch) * s.sequence;
    add("llm-foundry", row, s.chip.id + (is_8_bit ? " fp8" : " bf16"), s,
        tokens / (row.value * row.chips));
    add_second(all);
  }
}

std::optional<Precision> bridge_precision(const std::string& text) {
  if (text.starts_with("BF16")) return Precision::bf16;
  if (text.starts_with("NVFP4")) return Precision::nvfp4;
  if (text.starts_with("MXFP8") || text.starts_with("FP8-MX")) return Precision::mxfp8;
  if (text.starts_with("FP8")) return Precision::fp8;
  return {};
}

// Layers for multi-token prediction that a run trains: none unless its row says so, and two of
// Nemotron 3 Super. Source of the latter: Megatron-Bridge, nemotron_h_provider.py, mtp_num_layers.
int tokens_ahead(const std::string& published) {
  if (published == "Nemotron_3_Super") return 2;
  return published.find("w/ MTP") != std::string::npos ? 1 : 0;
}

// The oldest release states no format: fp8.
void Reader::bridge() {
  const std::vector<PublishedRow> all = rows("megatron_bridge.csv");
  for (const PublishedRow& row : all) {
    if (row.metric != "throughput_per_chip") continue;
    const ModelCard* model = card(row.model);
    if (model == nullptr) {
      ++out_.refused["Megatron-Bridge: no model card"];
      continue;
    }
    TrainingSetup s = base(row);
    s.model = *model;
    s.micro_batch = whole(number_after(row.conditions, "MBS"));
    s.sequence = whole(number_after(row.conditions, "Sequence Length"));
    s.layout.chunks = whole(number_after(row.conditions, "VP"));
    if (s.layout.chunks > 1 && s.layout.pp > 1) s.schedule = PipelineSchedule::interleaved;
    if (whole(number_after(row.conditions, "FSDP"), 0) > 1) s.sharding = Sharding::parameters;
    s.precision =
        bridge_precision(text_after(row.conditions, "Precision")).value_or(Precision::fp8);
    s.overlap.tensor = true;
    s.optimizer.gradient = 2;
    const int ahead = tokens_ahead(row.model);
    s.model.layers += ahead;
    s.prediction_heads += ahead;
    const std::string container = text_after(row.conditions, "container");
    const std::string release = container.substr(0, container.find(' '));
    apply_bridge_recipe(release, s);
    const double tokens = static_cast<double>(s.global_batch) * s.sequence;
    add("Megatron-Bridge", row, s.chip.id + " " + release, s, tokens / (row.value * row.chips));
    add_second(all);
  }
}

// Megatron-DeepSpeed of 2022. The vocabulary is assumed.
void Reader::small() {
  constexpr int assumed_vocabulary = 51'200;
  for (const PublishedRow& row : rows("vtrain_iteration_times.csv")) {
    TrainingSetup s = base(row);
    s.model = gpt(whole(number_after(row.conditions, "layers")),
                  whole(number_after(row.conditions, "hidden")),
                  whole(number_after(row.conditions, "heads")), assumed_vocabulary, false);
    s.layout.dp = whole(number_after(row.conditions, "DP"));
    s.micro_batch = whole(number_after(row.conditions, "MBS"));
    s.attention = AttentionMethod::unfused;
    s.sequence_parallel = false;
    s.sharding = Sharding::none;
    s.overlap.data = false;
    s.overlap.pipeline = false;
    s.optimizer.gradient = 2;
    add("iteration times on 2-8 A100", row, "megatron-deepspeed", s, row.value * 1e-3);
  }
}

// Utilisation is taken as it was defined, with masked pairs of tokens. Counted without them, the
// step of 131,072 tokens would have to run its attention, 40 % of its work, faster than the fastest
// kernel of that year alone.
void Reader::llama() {
  for (const PublishedRow& row : rows("measured_points.csv")) {
    if (!row.id.starts_with("T-L3-") || row.metric != "TFLOPs_per_chip") continue;
    TrainingSetup s = base(row);
    s.model = *card("llama-3.1-405b");
    s.global_batch = s.layout.dp * whole(number_after(row.conditions, "batch/DP"));
    s.schedule = PipelineSchedule::interleaved;
    s.layout.chunks = 7;  // one layer each: 126 layers on 16 stages
    s.context_exchange = ContextExchange::all_gather;
    const double flop =
        3 * unmasked_flop_per_token(s.model, s.sequence) * s.global_batch * s.sequence;
    add("Llama 3 405B", row, "llama 3", s, flop / (row.value * 1e12 * row.chips));
  }
}

// As arXiv:2412.19437 describes: sections 3.2 and 3.3. One multi-token prediction layer besides,
// with its own pass through the output matrix.
void Reader::deepseek() {
  for (const PublishedRow& row : rows("measured_points.csv")) {
    if (row.id != "T-DSV3-I-time_per_step") continue;
    TrainingSetup s = base(row);
    s.model = *card("deepseek-v3");
    ++s.model.layers;
    s.prediction_heads = 2;
    s.last_stage_fewer = 3;  // not published: what makes the fullest pair of ranks least full
    s.layout = {.tp = 1, .pp = 16, .cp = 1, .ep = 64, .dp = 128};
    s.schedule = PipelineSchedule::dual_pipe;
    s.sequence = 4096;
    s.precision = Precision::fp8_block;
    s.recompute = Recompute::selective;
    s.optimizer.moments = 4;
    s.expert_nodes = 4;
    add("DeepSeek-V3", row, "deepseek-v3", s, row.value);
  }
}

TrainingRows Reader::read() {
  megatron();
  selective();
  foundry();
  bridge();
  small();
  llama();
  deepseek();
  return std::move(out_);
}

}  // namespace

FabricTiers training_fabric(const ChipSpec& chip) {
  constexpr double assumed_link_share = 0.75, assumed_network_share = 0.8;
  const Time assumed_link_hop = 3 * unit::us, assumed_network_hop = 10 * unit::us;
  const bool is_rack = chip.id == "gb200";
  const double nic = chip.id.starts_with("a100") ? 25 : 50;  // GB/s: 200 and 400 Gb/s
  return {
      {{is_rack ? 72 : 8, 0.5 * *chip.link_bandwidth, assumed_link_share, assumed_link_hop, false},
       {1'000'000, nic * unit::GB / unit::s, assumed_network_share, assumed_network_hop, false}}};
}

TrainingRows read_training_rows(const std::filesystem::path& folder, const Catalogues& catalogues) {
  return Reader{folder, catalogues}.read();
}

}  // namespace jevons
