#include <algorithm>
#include <charconv>
#include <cmath>

#include "scenarios/catalogue.h"
#include "studies/csv_rows.h"
#include "studies/deployment_names.h"
#include "studies/deployment_rows.h"

namespace jevons {

namespace {

// Two benchmarks stand behind the table. Both hold the concurrency, start all at once and send ten
// requests per slot. InferenceMAX draws lengths evenly from 80 % to 100 % of the stated ones
// (github.com/InferenceMAX/InferenceMAX, RANDOM_RANGE_RATIO 0.8); genai-perf keeps to them.
constexpr double shortest_share = 0.8;
constexpr double requests_per_slot = 10;

constexpr int newest_year = 2026, oldest_year = 2025;

int number_after(std::string_view text, std::string_view key, int otherwise) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return otherwise;
  const char* begin = text.data() + at + key.size();
  int value = otherwise;
  std::from_chars(begin, text.data() + text.size(), value);
  return value;
}

// Engines released in 2026 by their versions; earlier ones are of 2025.
int year_of_version(std::string_view engine, std::string_view version) {
  const std::string_view first_of_2026 = engine == "vllm"     ? "0.14"
                                         : engine == "sglang" ? "0.5.7"
                                                              : "1.2.0rc6";
  const bool is_dated = version.size() > 3 && version.substr(0, 1) >= "0" && version <= "9";
  return is_dated && version >= first_of_2026 ? newest_year : oldest_year;
}

// Some rows state GPUs times ranks where one of them was meant: 8 GPUs with tensor parallelism 8
// and expert parallelism 8 stand as 64. They are known by more GPUs than one machine has.
Parallelism corrected(Parallelism p, int moe_tp, bool is_one_machine) {
  const int stated = p.tp * p.dp;
  const int side = static_cast<int>(std::lround(std::sqrt(stated)));
  const bool is_square = side > 1 && side * side == stated;
  if (!is_one_machine || !is_square) return p;
  if (moe_tp == side && p.ep == side) return {p.dp > 1 ? 1 : side, p.pp, p.dp > 1 ? side : 1, side};
  if (p.tp == side && p.dp == side && p.ep == stated) return {1, p.pp, side, side};
  return p;
}

class EndToEndReader {
 public:
  EndToEndReader(const std::string& path, const Catalogues& catalogues)
      : rows_{path},
        catalogues_{catalogues},
        models_{catalogues.ids("models")},
        chips_{catalogues.ids("chips")} {}

  std::vector<MeasuredDeployment> read() {
    std::vector<MeasuredDeployment> all;
    while (rows_.next()) all.push_back(row());
    return all;
  }

 private:
  std::string_view text(std::string_view column) const { return rows_.text(rows_.column(column)); }
  // Whole numbers that may be left out or stand as 0 where 1 is meant.
  int count(const std::string& column) const {
    const int c = rows_.column(column);
    return rows_.text(c).empty() ? 1 : std::max(1, rows_.whole(c));
  }
  std::optional<double> seconds(std::string_view column) const {
    const int c = rows_.column(column);
    if (rows_.text(c).empty()) return {};
    return rows_.number(c) * 1e-3;
  }

  MeasuredDeployment row() const;
  std::optional<Refusal> set_formats(Deployment& d, const ModelCard& card) const;
  std::optional<Refusal> set_workers(Deployment& d, const ModelCard& card) const;
  std::optional<Workers> workers(const std::string& prefix, const ModelCard& card,
                                 std::string_view chip) const;
  void set_load(Deployment& d) const;
  void set_engine(Deployment& d, bool is_inferencemax) const;

  CsvRows rows_;
  const Catalogues& catalogues_;
  std::vector<std::string> models_, chips_;
};

std::optional<Refusal> EndToEndReader::set_formats(Deployment& d, const ModelCard& card) const {
  d.is_precision_stated = !text("precision").empty();
  const std::string_view stated = d.is_precision_stated ? text("precision") : "bf16";
  const std::string_view gemm = text("gemm_quant_mode").empty() ? stated : text("gemm_quant_mode");
  const std::string_view moe = text("moe_quant_mode").empty() ? gemm : text("moe_quant_mode");
  const auto dense = weight_formats(card, gemm);
  const auto experts = weight_formats(card, moe);
  if (!dense || !experts) return Refusal::unknown_precision;
  d.weights = dense->weights;
  if (card.moe) d.expert_weights = experts->experts.value_or(experts->weights);
  // Assumed, but for SGLang on Hopper, which is started without: engines keep the cache in 8 bits
  // when weights are. With 16 bits the largest loads would not have fitted where they were
  // measured.
  const bool is_small = bytes_per_element(d.weights) < 2 ||
                        (d.expert_weights && bytes_per_element(*d.expert_weights) < 1);
  const bool is_blackwell = d.chip.find("b200") != std::string::npos;
  d.kv = is_small && (d.engine != "sglang" || is_blackwell) ? Precision::fp8 : Precision::bf16;
  return {};
}

std::optional<Workers> EndToEndReader::workers(const std::string& prefix, const ModelCard& card,
                                               std::string_view chip) const {
  Workers w;
  const auto stated = [&](const char* name) { return count(prefix + name); };
  const bool is_rack = chip == "gb200" || chip == "gb300";
  Parallelism p;
  p.tp = stated("tp_size");
  p.pp = stated("pp_size");
  p.dp = stated("attention_dp_size");
  const int moe_tp = stated("moe_tp_size");
  p.ep = card.moe ? stated("moe_ep_size") : 1;
  w.parallelism = corrected(p, moe_tp, !is_rack);
  // More GPUs than heads can be split over: the total of a deployment, not one worker's share.
  const bool is_possible = card.attention.heads % w.parallelism.tp == 0 &&
                           w.parallelism.tp * w.parallelism.dp % w.parallelism.ep == 0;
  return is_possible ? std::optional{w} : std::nullopt;
}

std::optional<Refusal> EndToEndReader::set_workers(Deployment& d, const ModelCard& card) const {
  if (text("mode") != "disagg") {
    if (text("tp_size").empty()) return Refusal::worker_counts_missing;
    const auto whole = workers("", card, d.chip);
    if (!whole) return Refusal::worker_counts_missing;
    d.workers = {*whole};
    return {};
  }
  for (const std::string prefix : {"prefill_", "decode_"}) {
    const int column = rows_.column(prefix + "num_workers");
    if (rows_.text(column).empty()) return Refusal::worker_counts_missing;
    auto w = workers(prefix, card, d.chip);
    if (!w) return Refusal::worker_counts_missing;
    w->count = rows_.whole(column);
    d.workers.push_back(*w);
  }
  return {};
}

void EndToEndReader::set_load(Deployment& d) const {
  const std::string_view source = text("silicon_data_source");
  const int batch = text("batch_size").empty() ? 1 : count("batch_size");
  const bool is_inferencemax = source.find("auto-gap-analysis") == std::string_view::npos;
  const double low = is_inferencemax ? shortest_share : 1;
  const double isl = rows_.number(rows_.column("isl")), osl = rows_.number(rows_.column("osl"));
  d.load.concurrency = number_after(source, "silicon_concurrency=", batch);
  d.load.waves = requests_per_slot;
  // Where a worker's batch is stated below its share of the load, several workers served it.
  if (d.workers.size() == 1) {
    Workers& w = d.workers.front();
    w.count = std::max(1, d.load.concurrency / std::max(1, batch * w.parallelism.dp));
  }
  d.load.prompt = EvenTokens{low * isl, isl};
  d.load.output = EvenTokens{low * osl, osl};
  d.year = number_after(source, "measured=", year_of_version(d.engine, d.version));
  set_engine(d, is_inferencemax);
}

// As the scripts of InferenceMAX start the engines (benchmarks/*.sh); elsewhere their defaults.
void EndToEndReader::set_engine(Deployment& d, bool is_inferencemax) const {
  d.max_num_seqs = d.load.concurrency;
  d.max_batched_tokens = 8192;
  const bool is_blackwell = d.chip.find("b200") != std::string::npos;
  const bool is_mla = d.model.starts_with("deepseek") || d.model.starts_with("kimi");
  if (d.engine == "trtllm") d.chunked_prefill = false;
  if (!is_inferencemax) return;
  // TensorRT-LLM takes 0.9 of what weights leave; SGLang's share does not hold the workspace.
  if (d.engine != "vllm") d.memory_utilization = 0.95;
  if (d.engine == "sglang" && is_blackwell) d.max_batched_tokens = 16'384;
  if (d.engine != "trtllm" || d.workers.size() > 1) return;
  d.max_batched_tokens = 16'384;
  if (!is_mla) return;
  const double isl = rows_.number(rows_.column("isl"));
  d.max_batched_tokens =
      d.load.concurrency / d.workers.front().parallelism.dp + static_cast<int>(1.85 * isl) + 64;
  // Images of runs with speculative decoding carried another suffix until February 2026
  // (InferenceMAX, "unified TRT LLM image tag across STP and MTP configs").
  const bool is_speculative =
      d.version == "1.2.0rc6.post3" ||
      (d.version == "1.1.0rc2.post2" &&
       text("silicon_data_source").find("measured=2026") != std::string_view::npos);
  if (is_speculative) d.draft_tokens = 3;
}

MeasuredDeployment EndToEndReader::row() const {
  MeasuredDeployment m;
  Deployment& d = m.deployment;
  d.table = "end_to_end";
  d.id = text("id");
  d.engine = text("backend");
  d.version = text("backend_version");
  m.measured.ttft_s = seconds("silicon_ttft_ms");
  m.measured.tpot_s = seconds("silicon_tpot_ms");
  d.model = model_id_of(text("model_path"), models_);
  d.chip = chip_id_of(text("system"), chips_);
  if (d.model.empty()) m.refusal = Refusal::unknown_model;
  if (d.chip.empty()) m.refusal = Refusal::unknown_chip;
  if (m.refusal) return m;
  const auto card = read_entry<ModelCard>(catalogues_, d.model);
  m.refusal = set_workers(d, card);
  if (!m.refusal) m.refusal = set_formats(d, card);
  if (!m.refusal) set_load(d);
  return m;
}

}  // namespace

std::vector<MeasuredDeployment> read_end_to_end(const std::string& path,
                                                const Catalogues& catalogues) {
  return EndToEndReader{path, catalogues}.read();
}

}  // namespace jevons
