#include "studies/years_rates.h"

#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "models/jobs/inference/serving.h"
#include "models/jobs/training/plan.h"
#include "models/llm/layer_kernels.h"
#include "scenarios/engine_overheads.h"
#include "scenarios/profiles.h"
#include "studies/parallel.h"
#include "studies/surface.h"
#include "studies/training_rows.h"

namespace jevons {
namespace {

constexpr double least_kv_share = 0.4;
constexpr int most_gpus = 64;
// An engine of the middle of the years that were measured.
constexpr std::string_view assumed_engine = "sglang";
constexpr int assumed_engine_year = 2025;
// Goodput of a large run, failures and evaluations included.
constexpr double assumed_goodput = 0.9;
constexpr double assumed_attainment = 0.9;  // of the objective
constexpr double assumed_spread = 0.8;      // of the logarithm of lengths
constexpr int assumed_training_gpus = 2048, assumed_training_batch = 4096;

// Formats that a chip lacks are kept in bf16.
ModelCard on_chip(ModelCard model, const ChipSpec& chip) {
  if (!peak_rate(chip, model.weights)) model.weights = Precision::bf16;
  if (model.expert_weights && !peak_rate(chip, *model.expert_weights)) model.expert_weights.reset();
  return model;
}

Parallelism spread(const ModelCard& model, int gpus) {
  Parallelism p;
  const bool is_latent = model.attention.mla.has_value();
  p.tp = is_latent ? 1 : std::min({gpus, p.gpus_per_node, model.attention.kv_heads});
  if (model.moe) {
    p.dp = gpus / p.tp;
    p.ep = gpus;
  } else {
    p.pp = gpus / p.tp;
  }
  return p;
}

// What stays the same while a program runs.
template <class Value>
class Kept {
 public:
  template <class Make>
  Value of(const std::string& key, Make&& make) {
    {
      const std::scoped_lock lock{mutex_};
      if (const auto found = values_.find(key); found != values_.end()) return found->second;
    }
    Value made = make();
    const std::scoped_lock lock{mutex_};
    return values_.try_emplace(key, std::move(made)).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Value> values_;
};

ServingRate reduced(const LoadSurface& surface, int gpus) {
  ServingRate rate;
  const double most = surface.max_load(assumed_attainment);
  if (most <= 0) return rate;
  rate.tokens_per_s = most * surface.tokens_per_request / gpus;
  for (std::size_t i = 0; i <= ServingRate::steps; ++i) {
    // What a fleet without requests draws is seen at a load of next to nothing.
    const double share = std::max(static_cast<double>(i) / ServingRate::steps, 1e-3);
    const SurfacePoint p = surface.at(share * most);
    rate.watts[i] =
        p.gpu_energy_per_token.in(unit::J)*share * most * surface.tokens_per_request / gpus;
  }
  return rate;
}

// Pools that prefill and decode, in the two proportions that were tried.
std::vector<std::vector<PoolConfig>> fleets_of(PoolConfig pool, bool disaggregated) {
  if (!disaggregated) return {{pool}};
  std::vector<std::vector<PoolConfig>> fleets;
  pool.role = Role::prefill;
  PoolConfig decode = pool;
  decode.role = Role::decode;
  for (const int replicas : {1, 3}) {
    decode.replicas = replicas;
    fleets.push_back({pool, decode});
  }
  return fleets;
}

// Fleets without their chip's profile, which is long and the same in all.
std::vector<PoolConfig> bare(std::vector<PoolConfig> pools) {
  for (PoolConfig& pool : pools) pool.hardware = {};
  return pools;
}

SurfaceInputs surface_inputs(const Segment& segment, const DeploymentChange& change) {
  SurfaceInputs in;
  in.fleet.slo = {change.objectives * segment.max_ttft_ms * unit::ms,
                  change.objectives * segment.max_tpot_ms * unit::ms};
  const double median = std::exp(-assumed_spread * assumed_spread / 2);
  in.load.lengths = LognormalLengths{.prompt_median = segment.input_tokens * median,
                                     .prompt_sigma = assumed_spread,
                                     .output_median = segment.output_tokens * median,
                                     .output_sigma = assumed_spread};
  in.effort.requests = 150;
  in.is_coarse = true;
  return in;
}

// One chip and what its segments share: the profile, its digest, and the prices of kernels.
class ServingChip {
 public:
  ServingChip(const ChipSpec& chip, const DeploymentChange& change)
      : chip_{&chip},
        change_{&change},
        hardware_{profile_for(chip)},
        profile_key_{surface_key(hardware_)} {}

  ServingRate rate(const Segment& segment) {
    ModelCard model = segment.model;
    if (model.moe)
      model.moe->top_k =
          std::max(1, static_cast<int>(std::lround(model.moe->top_k * change_->active_experts)));
    std::optional<PoolConfig> pool = replica_on(*chip_, model, hardware_);
    if (!pool) return {};
    if (change_->power_cap < 1) pool->engine.power_cap = change_->power_cap * *chip_->tdp;
    pool->prices = prices(*pool);
    SurfaceInputs in = surface_inputs(segment, *change_);
    ServingRate best;
    for (std::vector<PoolConfig>& pools : fleets_of(*pool, change_->disaggregated)) {
      const ServingRate found = rate(in, std::move(pools));
      if (found.tokens_per_s > best.tokens_per_s) best = found;
    }
    return best;
  }

 private:
  ServingRate rate(SurfaceInputs& in, std::vector<PoolConfig> pools) const {
    static Kept<ServingRate> kept;
    int gpus = 0;
    for (const PoolConfig& p : pools) gpus += p.replicas * p.model.parallelism.gpus();
    in.fleet.pools = bare(pools);
    const std::string key = profile_key_ + surface_key(in);
    in.fleet.pools = std::move(pools);
    return kept.of(key, [&] { return reduced(build_surface(in, key), gpus); });
  }

  std::shared_ptr<IterationCosts> prices(const PoolConfig& pool) {
    auto& found = prices_[surface_key(bare({pool}).front())];
    if (!found) found = prices_of(pool);
    return found;
  }

  const ChipSpec* chip_;
  const DeploymentChange* change_;
  HardwareProfile hardware_;
  std::string profile_key_;
  std::map<std::string, std::shared_ptr<IterationCosts>> prices_;  // by pool
};

TrainingRate training_rate(const ChipSpec& chip, const ModelCard& model) {
  static Kept<TrainingRate> kept;
  return kept.of(chip.id + " " + model.id, [&] {
    const HardwareProfile hardware = profile_for(chip);
    PlanQuestion question;
    question.setup.model = model;
    question.setup.chip = chip;
    question.setup.hardware = &hardware;
    question.setup.fabric = training_fabric(chip);
    question.setup.global_batch = assumed_training_batch;
    question.setup.precision = peak_rate(chip, Precision::fp8) ? Precision::fp8 : Precision::bf16;
    question.gpus = assumed_training_gpus;
    question.keep = 1;
    const PlanAnswer answer = plan_training(question);
    if (answer.best.empty()) return TrainingRate{};
    const StepResult& step = answer.best.front().step;
    return TrainingRate{step.tflops_per_gpu * 1e12 * assumed_goodput, step.watts_per_gpu};
  });
}

const ModelCard& largest_model(const World& world) {
  const ModelCard* largest = &world.segments.begin()->second.model;
  for (const auto& [name, segment] : world.segments)
    if (parameters(segment.model).total() > parameters(*largest).total()) largest = &segment.model;
  return *largest;
}

}  // namespace

std::optional<PoolConfig> replica_on(const ChipSpec& chip, const ModelCard& model,
                                     const HardwareProfile& hardware) {
  static const EngineOverhead host = project_overheads().of(assumed_engine, assumed_engine_year);
  PoolConfig pool;
  pool.model.card = on_chip(model, chip);
  pool.gpu_memory = *chip.memory;
  pool.engine.overhead_per_iteration = host.per_iteration;
  pool.engine.overhead_per_sequence = host.sequence_time(model.vocabulary, true);
  for (int gpus = 1; gpus <= most_gpus; gpus *= 2) {
    pool.model.parallelism = spread(model, gpus);
    const double share = weight_bytes_per_gpu(pool.model) / *chip.memory;
    if (share > pool.engine.memory_utilization - least_kv_share) continue;
    pool.hardware = hardware;
    return pool;
  }
  return std::nullopt;
}

std::optional<PoolConfig> replica_on(const ChipSpec& chip, const ModelCard& model) {
  return replica_on(chip, model, profile_for(chip));
}

std::vector<ChipRates> years_rates(const World& world) {
  return years_rates(world, {});
}

std::vector<ChipRates> years_rates(const World& world, const DeploymentChange& change) {
  std::vector<ChipRates> rates(world.chips.size());
  for (ChipRates& r : rates) r.serving.resize(world.segments.size());
  std::vector<const Segment*> uses;
  for (const auto& [name, segment] : world.segments) uses.push_back(&segment);
  const ModelCard& trained = largest_model(world);
  // The long jobs first, so that the threads end together.
  const std::size_t chips = rates.size();
  in_parallel(2 * chips, [&](std::size_t i) {
    const ChipSpec& chip = world.chips[i % chips].chip;
    if (i >= chips) {
      rates[i - chips].training = training_rate(chip, trained);
      return;
    }
    ServingChip serving{chip, change};
    for (std::size_t s = 0; s < uses.size(); ++s) rates[i].serving[s] = serving.rate(*uses[s]);
  });
  return rates;
}

}  // namespace jevons
