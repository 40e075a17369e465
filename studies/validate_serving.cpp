#include "studies/validate_serving.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/jobs/inference/serving.h"
#include "scenarios/diagnostics.h"
#include "sim/rng.h"
#include "studies/csv_rows.h"

namespace jevons {

namespace {

constexpr std::uint64_t seed = 1;
constexpr int gpus_per_node = 8;
constexpr int hash_tokens = 16;
constexpr int waves = 4;            // requests in all, in multiples of those that run at once
constexpr int largest_batch = 512;  // that is tried

// Requests of a closed loop whose prompts share their first tokens.
class SharedPromptRequests final : public RequestSource {
 public:
  SharedPromptRequests(const PublishedRate& rate, double shared, std::int64_t count)
      : rate_{rate}, left_{count} {
    const auto blocks = static_cast<int>(shared * rate.prompt_tokens) / hash_tokens;
    Rng rng{seed, "published rates/prefix"};
    for (int i = 0; i < blocks; ++i) prefix_.push_back(rng.bits());
  }

  bool next(RequestSpec& out) override {
    if (left_ == 0) return false;
    --left_;
    out = RequestSpec{};
    out.prompt_tokens = rate_.prompt_tokens;
    const double span = 2.0 * (rate_.output_tokens - 1);
    out.output_tokens = 1 + static_cast<std::int32_t>(std::lround(span * outputs_.uniform()));
    out.prefix_blocks = prefix_;
    out.prefix_block_tokens = hash_tokens;
    return true;
  }

 private:
  PublishedRate rate_;
  std::int64_t left_;
  Rng outputs_{seed, "published rates/output"};
  std::vector<std::uint64_t> prefix_;
};

PoolConfig pool_of(const PublishedRate& rate, Role role, const EngineOverhead& overhead,
                   ReplayParts& parts) {
  PoolConfig pool;
  pool.role = role;
  pool.model.card = parts.model(rate.model);
  pool.model.parallelism = {
      .tp = 1, .pp = 1, .dp = rate.gpus, .ep = rate.gpus, .gpus_per_node = gpus_per_node};
  pool.model.low_latency_exchange = role == Role::decode;
  pool.hardware = parts.hardware(rate.chip);
  pool.gpu_memory = *parts.chip(rate.chip).memory;
  pool.prefix_block_tokens = hash_tokens;
  EngineConfig& e = pool.engine;
  e.max_num_seqs = 2 * largest_batch;
  e.max_batched_tokens = rate.iteration_tokens;
  e.prefix_cache = role != Role::decode;
  e.redundant_experts = rate.redundant_experts;
  e.overhead_per_iteration = overhead.per_iteration;
  e.overhead_per_sequence = overhead.sequence_time(pool.model.card.vocabulary, rate.is_sampled);
  return pool;
}

ServingResult run(ServingConfig config, const PublishedRate& rate, double shared) {
  config.seed = seed;
  const std::int64_t count = std::int64_t{waves} * *config.concurrency;
  config.measure_from_first_token = *config.concurrency;
  config.measure_to_completion = count - *config.concurrency - 1;
  SharedPromptRequests requests{rate, shared, count};
  return simulate(config, requests);
}

// Requests end with their first token; three iterations' worth of them wait on each GPU.
double prefill_rate(const PublishedRate& rate, const EngineOverhead& overhead, ReplayParts& parts) {
  ServingConfig config;
  config.pools = {pool_of(rate, Role::whole, overhead, parts)};
  if (kv_capacity(config.pools.front()).blocks == 0) return 0;
  const double computed = rate.prompt_tokens * (1 - rate.cached_share);
  config.concurrency =
      rate.gpus * static_cast<int>(std::ceil(3 * rate.iteration_tokens / std::max(1.0, computed)));
  const ServingResult r = run(config, rate, rate.cached_share);
  return static_cast<double>(r.window.prompt_tokens) / r.window_time().in(unit::s)*gpus_per_node /
         rate.gpus;
}

// Decode alone: prompts come from a prefill replica that finds all of them in its cache, over a
// network that takes no time.
double decode_rate(const PublishedRate& rate, int batch, const EngineOverhead& overhead,
                   ReplayParts& parts) {
  ServingConfig config;
  config.pools = {pool_of(rate, Role::prefill, overhead, parts),
                  pool_of(rate, Role::decode, overhead, parts)};
  if (kv_capacity(config.pools.back()).blocks == 0) return 0;
  config.transfer = {.bandwidth_per_gpu = 100 * unit::TB / unit::s, .latency = 0 * unit::s};
  config.concurrency = batch * rate.gpus;
  const ServingResult r = run(config, rate, 1);
  return r.window.generated_tokens / r.window_time().in(unit::s)*gpus_per_node / rate.gpus;
}

// At the largest batch that leaves every user the published speed, to a batch in 64.
double decode_rate_for_users(const PublishedRate& rate, const EngineOverhead& overhead,
                             ReplayParts& parts) {
  double best = 0;
  for (int low = 1, high = largest_batch; high - low >= high / 64;) {
    const int batch = (low + high) / 2;
    const double tokens = decode_rate(rate, batch, overhead, parts);
    if (tokens / (gpus_per_node * batch) >= *rate.user_tokens_per_s) {
      best = std::max(best, tokens);
      low = batch + 1;
    } else {
      high = batch - 1;
    }
  }
  return best;
}

RatePhase phase_of(const CsvRows& rows, std::string_view text) {
  for (const auto& [phase, name] : enum_names<RatePhase>)
    if (name == text) return phase;
  rows.refuse("prefill or decode", text);
}

PublishedRate rate_of(const CsvRows& rows) {
  const auto text = [&rows](std::string_view name) { return rows.text(rows.column(name)); };
  const auto number = [&rows](std::string_view name) { return rows.number(rows.column(name)); };
  const auto whole = [&rows](std::string_view name) { return rows.whole(rows.column(name)); };
  PublishedRate r;
  r.id = text("id");
  r.phase = phase_of(rows, text("phase"));
  r.model = text("model");
  r.chip = text("chip");
  r.gpus = whole("gpus");
  r.prompt_tokens = whole("prompt_tokens");
  r.cached_share = number("cached_share");
  r.output_tokens = whole("output_tokens");
  if (!text("batch_per_gpu").empty()) r.batch_per_gpu = whole("batch_per_gpu");
  if (!text("user_tokens_per_s").empty()) r.user_tokens_per_s = number("user_tokens_per_s");
  if (r.phase == RatePhase::decode && !r.batch_per_gpu && !r.user_tokens_per_s)
    rows.refuse("batch_per_gpu or user_tokens_per_s", "neither");
  r.iteration_tokens = whole("iteration_tokens");
  r.redundant_experts = whole("redundant_experts");
  r.is_sampled = whole("is_sampled") != 0;
  r.node_tokens_per_s = number("node_tokens_per_s");
  return r;
}

}  // namespace

std::vector<PublishedRate> read_published_rates(const std::filesystem::path& file) {
  CsvRows rows{file.string()};
  std::vector<PublishedRate> all;
  while (rows.next()) all.push_back(rate_of(rows));
  return all;
}

double simulated_rate(const PublishedRate& rate, const EngineOverhead& overhead,
                      ReplayParts& parts) {
  if (rate.phase == RatePhase::prefill) return prefill_rate(rate, overhead, parts);
  if (rate.batch_per_gpu) return decode_rate(rate, *rate.batch_per_gpu, overhead, parts);
  return decode_rate_for_users(rate, overhead, parts);
}

std::vector<Comparison> validate_serving(const std::filesystem::path& calibration,
                                         const Catalogues& catalogues) {
  const auto file = calibration / "serving" / "published_rates.csv";
  if (!std::filesystem::exists(file)) return {};
  ReplayParts parts{catalogues, calibration / "profiles"};
  const EngineOverhead overhead = project_overheads().of("sglang", 2025);
  std::vector<Comparison> out;
  for (const PublishedRate& rate : read_published_rates(file))
    out.push_back({"large deployments of DeepSeek-V3", rate.chip, "tokens/s per node",
                   rate.id + ", " + std::string{name_of(rate.phase)},
                   simulated_rate(rate, overhead, parts), rate.node_tokens_per_s});
  return out;
}

}  // namespace jevons
