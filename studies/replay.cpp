#include "studies/replay.h"

#include <algorithm>
#include <cmath>

#include "models/jobs/inference/serving.h"
#include "models/llm/captured_kernels.h"
#include "scenarios/catalogue.h"
#include "sim/distributions.h"

namespace jevons {

namespace {

constexpr std::uint64_t seed = 1;
constexpr double to_seconds = 1e-9;
// Of drafts by the prediction layer of DeepSeek-V3: 0.85 to 0.9 for the second token (its report,
// arXiv:2412.19437, section 5.4.3); later ones are right less often.
constexpr double assumed_acceptance = 0.7;

std::int32_t draw(const TokenLaw& law, Rng& rng) {
  double tokens = 0;
  if (const auto* even = std::get_if<EvenTokens>(&law)) {
    tokens = even->low + (even->high - even->low) * rng.uniform();
  } else {
    const auto& skewed = std::get<SkewedTokens>(law);
    const double median = skewed.mean / std::exp(skewed.sigma * skewed.sigma / 2);
    // A lognormal has no end; benchmarks do. Cut where one in 500 would lie.
    tokens = std::min(Lognormal{median, skewed.sigma}.sample(rng),
                      median * std::exp(2.9 * skewed.sigma));
  }
  return std::max(1, static_cast<std::int32_t>(std::lround(tokens)));
}

// Requests of a closed loop. Repeated prompts are named by hashes, so that a prefix cache sees
// them.
class LoopRequests final : public RequestSource {
 public:
  static constexpr int hash_tokens = 16;

  LoopRequests(const ClosedLoad& load, int longest)
      : load_{load},
        longest_{longest},
        left_{std::max<std::int64_t>(load.concurrency + 2,
                                     std::llround(load.concurrency * load.waves))} {}

  std::int64_t left() const { return left_; }
  bool next(RequestSpec& out) override {
    if (left_ == 0) return false;
    --left_;
    out = RequestSpec{};
    const std::int64_t n = made_++;
    const std::int64_t kind = load_.distinct_prompts > 0 ? n % load_.distinct_prompts : n;
    Rng prompts{seed, "replay/prompt", static_cast<std::uint64_t>(kind)};
    out.prompt_tokens = std::min(draw(load_.prompt, prompts), longest_ - 1);
    out.output_tokens = std::min(draw(load_.output, outputs_), longest_ - out.prompt_tokens);
    if (load_.distinct_prompts > 0) {
      hashes_.clear();
      for (int i = 0; i < out.prompt_tokens / hash_tokens; ++i) hashes_.push_back(prompts.bits());
      out.prefix_blocks = hashes_;
      out.prefix_block_tokens = hash_tokens;
    }
    return true;
  }

 private:
  ClosedLoad load_;
  int longest_;
  std::int64_t left_, made_ = 0;
  Rng outputs_{seed, "replay/output"};
  std::vector<std::uint64_t> hashes_;
};

// Means over requests.
class MeanLatency final : public ServingObserver {
 public:
  void finished(const RequestRecord& r) override {
    if (r.was_rejected) return;
    ++requests_;
    ttft_ += static_cast<double>((r.first_token - r.arrival).count()) * to_seconds;
    if (r.output_tokens < 2) return;
    ++decoded_;
    tpot_ += static_cast<double>((r.completion - r.first_token).count()) * to_seconds /
             (r.output_tokens - 1);
  }
  std::optional<double> ttft() const { return mean(ttft_, requests_); }
  std::optional<double> tpot() const { return mean(tpot_, decoded_); }

 private:
  static std::optional<double> mean(double sum, std::int64_t n) {
    if (n == 0) return {};
    return sum / static_cast<double>(n);
  }
  double ttft_ = 0, tpot_ = 0;
  std::int64_t requests_ = 0, decoded_ = 0;
};

int gpus_per_node(const ChipSpec& chip) {
  return chip.id == "gb200" || chip.id == "gb300" ? 72 : 8;  // NVL72: one scale-up domain
}

PoolConfig pool_of(const Deployment& d, const Workers& workers, Role role,
                   const EngineOverhead& overhead, ReplayParts& parts) {
  const ChipSpec& chip = parts.chip(d.chip);
  PoolConfig pool;
  pool.role = role;
  pool.replicas = workers.count;
  pool.model.card = parts.model(d.model);
  pool.model.card.weights = d.weights;
  pool.model.card.expert_weights = d.expert_weights;
  // Where every layer has a window, the window is the context: requests here stay below it.
  AttentionDims& attention = pool.model.card.attention;
  if (attention.windowed_layers == pool.model.card.layers) attention.windowed_layers = 0;
  pool.model.parallelism = workers.parallelism;
  pool.model.parallelism.gpus_per_node = gpus_per_node(chip);
  pool.model.kv = d.kv;
  pool.model.low_latency_exchange = role == Role::decode;
  pool.hardware = parts.hardware(d.chip);
  pool.gpu_memory = *chip.memory;
  pool.prefix_block_tokens = LoopRequests::hash_tokens;
  EngineConfig& e = pool.engine;
  e.max_num_seqs = d.max_num_seqs;
  e.max_batched_tokens = d.max_batched_tokens;
  e.memory_utilization = d.memory_utilization;
  e.kv_precision = d.kv;
  e.prefix_cache = d.load.distinct_prompts > 0;
  e.overhead_per_iteration = overhead.per_iteration;
  e.overhead_per_sequence = overhead.sequence_time(pool.model.card.vocabulary, d.is_sampled);
  e.chunked_prefill = d.chunked_prefill;
  if (d.draft_tokens > 0)
    e.speculation = Speculation{.draft_tokens = d.draft_tokens, .acceptance = assumed_acceptance};
  return pool;
}

}  // namespace

const ModelCard& ReplayParts::model(const std::string& id) {
  const auto known = models_.find(id);
  if (known != models_.end()) return known->second;
  return models_.emplace(id, read_entry<ModelCard>(catalogues_, id)).first->second;
}

const ChipSpec& ReplayParts::chip(const std::string& id) {
  const auto known = chips_.find(id);
  if (known != chips_.end()) return known->second;
  return chips_.emplace(id, read_entry<ChipSpec>(catalogues_, id)).first->second;
}

const HardwareProfile& ReplayParts::hardware(const std::string& id) {
  const auto known = hardware_.find(id);
  if (known != hardware_.end()) return known->second;
  HardwareProfile profile = profiles_.profile_for(chip(id));
  profile.time = captured(std::move(profile.time));
  return hardware_.emplace(id, std::move(profile)).first->second;
}

ServingConfig serving_config(const Deployment& d, const EngineOverhead& overhead,
                             ReplayParts& parts) {
  ServingConfig config;
  config.seed = seed;
  const bool is_apart = d.workers.size() == 2;
  config.pools.push_back(
      pool_of(d, d.workers.front(), is_apart ? Role::prefill : Role::whole, overhead, parts));
  if (is_apart) config.pools.push_back(pool_of(d, d.workers.back(), Role::decode, overhead, parts));
  config.concurrency = d.load.concurrency;
  if (d.window == Window::steady) {
    const std::int64_t batch = d.load.concurrency;
    config.measure_from_first_token = batch;
    config.measure_to_completion = std::llround(d.load.concurrency * d.load.waves) - batch - 1;
  }
  return config;
}

ServingFigures run_deployment(const Deployment& d, const ServingConfig& config) {
  LoopRequests requests{d.load, config.pools.front().model.card.max_context};
  MeanLatency latency;
  const ServingResult r = simulate(config, requests, &latency);
  ServingFigures f;
  f.ttft_s = latency.ttft();
  f.tpot_s = latency.tpot();
  if (!r.latency.itl.empty()) f.itl_s = r.latency.itl.quantile(0.5) * 1e-15;
  const double seconds = r.window_time().in(unit::s);
  if (seconds > 0 && r.window.generated_tokens > 0) {
    f.output_tokens_per_s = r.window.generated_tokens / seconds;
    f.joules_per_token = r.window_gpu_energy().in(unit::J) / r.window.generated_tokens;
    f.watts_per_gpu = r.window_gpu_energy().in(unit::J) / seconds / d.gpus();
  }
  return f;
}

std::variant<ServingFigures, Refusal> replay(const Deployment& d, const EngineOverhead& overhead,
                                             ReplayParts& parts) {
  const ServingConfig config = serving_config(d, overhead, parts);
  for (const PoolConfig& pool : config.pools)
    if (kv_capacity(pool).blocks == 0) return Refusal::does_not_fit;
  ServingFigures f = run_deployment(d, config);
  if (f.ttft_s)
    *f.ttft_s +=
        overhead.per_request.in(unit::s) + overhead.response_iterations * f.tpot_s.value_or(0);
  return f;
}

}  // namespace jevons
