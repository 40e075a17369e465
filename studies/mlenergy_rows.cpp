#include <charconv>

#include "scenarios/catalogue.h"
#include "studies/csv_rows.h"
#include "studies/deployment_names.h"
#include "studies/deployment_rows.h"

namespace jevons {

namespace {

// Lengths of prompts are not published with the energies. Requests of the tasks are built as
// github.com/ml-energy/benchmark, mlenergy/llm/datasets.py says: chats with their whole history,
// the 198 questions of GPQA Diamond again and again, code before and behind a gap. The means are
// ours.
struct Task {
  std::string_view name;
  double assumed_prompt_mean, assumed_prompt_sigma;
  int distinct_prompts;
  double assumed_output_sigma;
};
constexpr std::array tasks{
    Task{"lm-arena-chat", 200, 1.2, 0, 0.8},    Task{"gpqa", 250, 0.5, 198, 0.8},
    Task{"sourcegraph-fim", 1500, 0.8, 0, 1.0}, Task{"chat-v2", 150, 1.0, 0, 0.7},
    Task{"code-v2", 150, 0.5, 0, 0.7},
};
// Requests of a run beyond those that fill the batch. The benchmark sends 1024; large batches more.
constexpr int requests_sent = 1024;

class MlenergyReader {
 public:
  MlenergyReader(const std::string& path, const Catalogues& catalogues)
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
  double number(std::string_view column) const { return rows_.number(rows_.column(column)); }
  std::optional<double> maybe(std::string_view column, double unit) const {
    if (text(column).empty()) return {};
    return number(column) * unit;
  }

  MeasuredDeployment row() const;
  void set_load(Deployment& d) const;

  CsvRows rows_;
  const Catalogues& catalogues_;
  std::vector<std::string> models_, chips_;
};

void MlenergyReader::set_load(Deployment& d) const {
  const int batch = static_cast<int>(number("max_num_seqs"));
  d.max_num_seqs = batch;
  if (!text("max_num_batched_tokens").empty())
    d.max_batched_tokens = static_cast<int>(number("max_num_batched_tokens"));
  const auto task = std::find_if(tasks.begin(), tasks.end(),
                                 [&](const Task& t) { return t.name == text("task"); });
  const Task& t = task == tasks.end() ? tasks.front() : *task;
  d.load.concurrency = batch;
  d.load.waves = std::max(3.0, static_cast<double>(requests_sent) / batch);
  d.load.prompt = SkewedTokens{t.assumed_prompt_mean, t.assumed_prompt_sigma};
  d.load.output = SkewedTokens{number("avg_output_len"), t.assumed_output_sigma};
  d.load.distinct_prompts = t.distinct_prompts;
}

MeasuredDeployment MlenergyReader::row() const {
  MeasuredDeployment m;
  Deployment& d = m.deployment;
  d.table = text("source");
  d.id = std::string{text("model_id")} + " on " + std::string{text("num_gpus")} + " x " +
         std::string{text("gpu_model")} + ", " + std::string{text("task")} + ", batch " +
         std::string{text("max_num_seqs")};
  d.engine = "vllm";
  d.version = text("runtime");
  d.year = d.table == "mlenergy_v2" ? 2024 : 2025;
  d.window = Window::steady;
  d.is_sampled = true;
  m.measured = {.ttft_s = {},
                .tpot_s = maybe("avg_tpot_ms", 1e-3),
                .itl_s = maybe("median_itl_ms", 1e-3),
                .output_tokens_per_s = maybe("output_tput_tok_s", 1),
                .joules_per_token = maybe("energy_per_token_j", 1),
                .watts_per_gpu = maybe("avg_power_w_per_gpu", 1)};
  d.model = model_id_of(text("model_id"), models_);
  d.chip = chip_id_of(text("gpu_model"), chips_);
  if (d.model.empty()) m.refusal = Refusal::unknown_model;
  if (d.chip.empty()) m.refusal = Refusal::unknown_chip;
  if (m.refusal) return m;
  const auto card = read_entry<ModelCard>(catalogues_, d.model);
  const auto formats = weight_formats(card, text("weight_precision"));
  if (!formats) {
    m.refusal = Refusal::unknown_precision;
    return m;
  }
  d.weights = formats->weights;
  d.expert_weights = formats->experts;
  // Models with experts stand with tp = 1, but attention is split over all GPUs, as are experts.
  Workers w;
  w.parallelism.tp = static_cast<int>(number("num_gpus"));
  if (d.table != "mlenergy_v2" && card.moe) w.parallelism.ep = w.parallelism.tp;
  d.workers = {w};
  set_load(d);
  return m;
}

}  // namespace

std::vector<MeasuredDeployment> read_mlenergy(const std::string& path,
                                              const Catalogues& catalogues) {
  return MlenergyReader{path, catalogues}.read();
}

}  // namespace jevons
