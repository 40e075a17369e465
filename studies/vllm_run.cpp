#include "studies/vllm_run.h"

#include <algorithm>
#include <cmath>

#include "models/jobs/inference/serving.h"
#include "scenarios/catalogue.h"
#include "scenarios/gzip.h"
#include "scenarios/json_text.h"
#include "studies/csv_rows.h"
#include "studies/deployment_names.h"

namespace jevons {

namespace {

double number(const JsonValue& json, std::string_view key, const LineReader& at) {
  const JsonValue* value = json.find(key);
  if (value == nullptr || value->number() == nullptr)
    at.refuse("a number \"" + std::string{key} + "\"", brief(value));
  return value->number()->value;
}

std::string text(const JsonValue& json, std::string_view key, const LineReader& at) {
  const JsonValue* value = json.find(key);
  if (value == nullptr || value->text() == nullptr)
    at.refuse("a text \"" + std::string{key} + "\"", brief(value));
  return *value->text();
}

JsonValue whole_file(LineReader& lines, const std::string& path) {
  std::string all;
  for (std::string_view line; lines.next(line);) all.append(line).push_back('\n');
  return parse_json(path, all).root;
}

void read_meta(const std::filesystem::path& folder, const Catalogues& catalogues, VllmRun& run) {
  const std::string path = (folder / "meta.json").string();
  LineReader lines{path};
  const JsonValue meta = whole_file(lines, path);
  Deployment& d = run.row.deployment;
  const std::string name = folder.filename().string();
  d.table = "vllm_runs";
  d.id = name;
  d.engine = "vllm";
  d.version = text(meta, "vllm_version", lines);
  d.year =
      2000 +
      static_cast<int>(number(
          parse_json(path, "{\"year\":" + text(meta, "started_at", lines).substr(2, 2) + "}").root,
          "year", lines));
  const JsonValue* engine = meta.find("engine_kwargs");
  if (engine == nullptr) lines.refuse("an object \"engine_kwargs\"", "none");
  d.model = model_id_of(text(meta, "model", lines), catalogues.ids("models"));
  d.chip = chip_id_of(name.substr(0, name.find('-')), catalogues.ids("chips"));
  if (d.model.empty()) run.row.refusal = Refusal::unknown_model;
  if (d.chip.empty()) run.row.refusal = Refusal::unknown_chip;
  Workers w;
  w.parallelism.tp = static_cast<int>(number(*engine, "tensor_parallel_size", lines));
  w.parallelism.dp = static_cast<int>(number(*engine, "data_parallel_size", lines));
  d.workers = {w};
  d.is_sampled = true;  // vLLM draws as the model's generation_config says, unless told otherwise
  d.max_num_seqs = static_cast<int>(number(*engine, "max_num_seqs", lines));
  d.max_batched_tokens = static_cast<int>(number(*engine, "max_num_batched_tokens", lines));
  if (run.row.refusal) return;
  const auto formats =
      weight_formats(read_entry<ModelCard>(catalogues, d.model), text(*engine, "dtype", lines));
  if (!formats) {
    run.row.refusal = Refusal::unknown_precision;
    return;
  }
  d.weights = formats->weights;
  d.expert_weights = formats->experts;
}

// Arrivals stand on the wall clock, the rest on the engine's own. The least delay between the two
// is taken for the distance of the clocks.
std::vector<ServedRequest> read_requests(const std::filesystem::path& folder) {
  const std::string path = (folder / "requests.jsonl").string();
  LineReader lines{path};
  std::vector<ServedRequest> all;
  double distance = -1e300;
  for (std::string_view line; lines.next(line);) {
    const JsonValue json = parse_json(path, line).root;
    const double arrival = number(json, "arrival_time", lines);
    distance = std::max(distance, arrival - number(json, "queued_ts", lines));
    all.push_back({arrival, number(json, "first_token_ts", lines),
                   number(json, "last_token_ts", lines),
                   static_cast<int>(number(json, "input_toks", lines)),
                   static_cast<int>(number(json, "output_toks", lines))});
  }
  if (all.empty()) lines.refuse("requests", "an empty file");
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.arrival < b.arrival; });
  const double begin = all.front().arrival;
  for (ServedRequest& r : all) {
    r.arrival -= begin;
    r.first_token += distance - begin;
    r.last_token += distance - begin;
  }
  return all;
}

class RecordedRequests final : public RequestSource {
 public:
  explicit RecordedRequests(const std::vector<ServedRequest>& requests) : requests_{requests} {}
  bool next(RequestSpec& out) override {
    if (next_ == requests_.size()) return false;
    const ServedRequest& r = requests_[next_++];
    out = RequestSpec{};
    out.arrival = Instant{to_span(r.arrival * unit::s)};
    out.prompt_tokens = r.prompt_tokens;
    out.output_tokens = r.output_tokens;
    return true;
  }

 private:
  const std::vector<ServedRequest>& requests_;
  std::size_t next_ = 0;
};

// Requests come back in order of completion; their id is their place in order of arrival.
class Collector final : public ServingObserver {
 public:
  Collector(std::vector<ServedRequest>& served, const EngineOverhead& overhead)
      : served_{served}, per_request_{overhead.per_request.in(unit::s)} {}
  void finished(const RequestRecord& r) override {
    const auto seconds = [](Instant t) {
      return static_cast<double>(t.time_since_epoch().count()) * 1e-9;
    };
    ServedRequest& s = served_[static_cast<std::size_t>(r.id)];
    s.first_token = seconds(r.first_token) + per_request_;
    s.last_token = seconds(r.completion) + per_request_;
  }

 private:
  std::vector<ServedRequest>& served_;
  double per_request_;
};

}  // namespace

VllmRun read_vllm_run(const std::filesystem::path& folder, const Catalogues& catalogues) {
  VllmRun run;
  read_meta(folder, catalogues, run);
  run.requests = read_requests(folder);
  CsvRows rows{(folder / "timeseries.csv").string()};
  const int tokens = rows.column("gen_throughput");
  while (rows.next()) run.tokens_per_s.push_back(rows.number(tokens));
  return run;
}

std::vector<ServedRequest> replay_run(const VllmRun& run, const EngineOverhead& overhead,
                                      ReplayParts& parts) {
  ServingConfig config = serving_config(run.row.deployment, overhead, parts);
  config.concurrency.reset();
  std::vector<ServedRequest> served = run.requests;
  RecordedRequests source{run.requests};
  Collector collector{served, overhead};
  simulate(config, source, &collector);
  return served;
}

std::vector<double> tokens_per_second(const std::vector<ServedRequest>& requests,
                                      std::size_t seconds) {
  std::vector<double> rate(seconds, 0.0);
  for (const ServedRequest& r : requests) {
    const double length = std::max(1e-9, r.last_token - r.first_token);
    for (auto s = static_cast<std::size_t>(std::max(0.0, r.first_token)); s < seconds; ++s) {
      const auto second = static_cast<double>(s);
      const double overlap = std::min(r.last_token, second + 1) - std::max(r.first_token, second);
      if (overlap <= 0) break;
      rate[s] += r.output_tokens * overlap / length;
    }
  }
  return rate;
}

}  // namespace jevons
