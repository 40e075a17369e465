#include "studies/compare_rates.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "models/jobs/rl/rl_laws.h"
#include "models/jobs/rl/rl_step.h"
#include "models/jobs/training/fitted_software.h"
#include "models/jobs/training/plan.h"
#include "models/jobs/training/setup_laws.h"
#include "models/llm/captured_kernels.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "sim/ensure.h"
#include "studies/training_rows.h"
#include "studies/years_rates.h"

namespace jevons {

namespace {

// How far memory is enlarged to see whether it binds.
constexpr double more_memory = 1.05;

Binding binding_of(const Elastic& rate, double memory_power) {
  const auto power = [&rate](Factor f) { return rate.power[static_cast<std::size_t>(f)]; };
  const std::array<std::pair<Binding, double>, 5> candidates{
      std::pair{Binding::compute, power(Factor::matrix_rate)},
      std::pair{Binding::bandwidth, power(Factor::memory_rate)},
      std::pair{Binding::interconnect, power(Factor::link_rate)},
      std::pair{Binding::host, -power(Factor::overhead_time)},
      std::pair{Binding::memory, memory_power}};
  return std::max_element(candidates.begin(), candidates.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::string layout_text(const TrainingLayout& l) {
  return "TP" + std::to_string(l.tp) + " PP" + std::to_string(l.pp) + " EP" + std::to_string(l.ep) +
         " DP" + std::to_string(l.dp);
}

// By what kernels of a step take longer than alone, and how that is known.
std::string software_text(const ChipSpec& chip) {
  const auto [fit, is_of_its_die] = default_software(chip);
  return ", kernels x " + figure(fit->slowdown) + (is_of_its_die ? " as on " : " assumed as on ") +
         std::string{fit->chip};
}

Precision training_format(const ChipSpec& chip) {
  return peak_rate(chip, Precision::fp8) ? Precision::fp8 : Precision::bf16;
}

PlanQuestion question_of(const ChipSpec& chip, const ModelCard& model,
                         const HardwareProfile& hardware, int gpus) {
  PlanQuestion q;
  q.setup.model = model;
  q.setup.chip = chip;
  q.setup.hardware = &hardware;
  q.setup.fabric = training_fabric(chip);
  q.setup.precision = training_format(chip);
  q.setup.stack.slowdown = default_software(chip).fit->slowdown;
  if (model.moe) q.setup.expert_nodes = 4;  // as DeepSeek-V3 limits it
  q.gpus = gpus;
  q.keep = 1;
  return q;
}

PlanQuestion question_of(const ChipSpec& chip, const TrainWork& work,
                         const HardwareProfile& hardware) {
  PlanQuestion q = question_of(chip, work.model, hardware, work.gpus);
  q.setup.global_batch = work.global_batch;
  q.setup.sequence = work.sequence;
  return q;
}

void use(TrainingSetup& setup, const Plan& plan) {
  setup.layout = plan.layout;
  setup.schedule = plan.schedule;
  setup.micro_batch = plan.micro_batch;
  setup.recompute = plan.recompute;
}

WorkRate cannot(std::string why) {
  WorkRate rate;
  rate.why_not = std::move(why);
  return rate;
}

bool is_at_limit(double watts, const HardwareProfile& hardware) {
  return watts > 0.98 * hardware.energy.limit.in(unit::W);
}

ServingConfig fleet_of(PoolConfig pool, const ServeWork& work) {
  pool.hardware.time = captured(std::move(pool.hardware.time));
  pool.model.low_latency_exchange = true;
  ServingConfig fleet;
  fleet.pools = {std::move(pool)};
  fleet.slo = work.slo;
  return fleet;
}

SampleLengths lengths_of(const PostTrainWork& work) {
  SampleLengths lengths;
  lengths.prompt = work.prompt_tokens;
  lengths.mean = lengths.mean_end = work.mean_tokens;
  lengths.longest = work.longest;
  return lengths;
}

ServingConfig rollout_fleet(const PoolConfig& pool, const PostTrainWork& work) {
  ServingConfig fleet = fleet_of(pool, {});
  fleet.pools.front().replicas = work.gpus / pool.model.parallelism.gpus();
  return fleet;
}

WindowLoad load_of(const ServeWork& work) {
  const double median = std::exp(-work.spread * work.spread / 2);
  WindowLoad load;
  load.lengths = LognormalLengths{.prompt_median = work.input_tokens * median,
                                  .prompt_sigma = work.spread,
                                  .output_median = work.output_tokens * median,
                                  .output_sigma = work.spread};
  return load;
}

// The same pool on twice as many GPUs: copies of latent attention, else more ways of splitting it.
std::optional<PoolConfig> doubled(PoolConfig pool) {
  Parallelism& p = pool.model.parallelism;
  const AttentionDims& a = pool.model.card.attention;
  const bool is_latent = a.kind == AttentionKind::mla;
  const bool splits = !is_latent && 2 * p.tp <= std::min(p.gpus_per_node, a.kv_heads);
  (splits ? p.tp : p.dp) *= 2;
  if (pool.model.card.moe) p.ep *= 2;
  if (p.gpus() > 64 || (!is_latent && !splits && !pool.model.card.moe)) return std::nullopt;
  return pool;
}

// The smallest replica that holds the model, or one of up to four times its GPUs within a node,
// whichever does most a GPU: with more GPUs a pass takes less time, so that an objective leaves
// room for more sequences, but more of it is exchange. Replicas of several nodes stay as they are:
// trying them takes too long.
template <class Score>
std::optional<PoolConfig> best_replica(const ChipSpec& chip, const ModelCard& model, Score score) {
  std::optional<PoolConfig> pool = replica_on(chip, in_formats_of(model, chip));
  if (!pool || pool->model.parallelism.gpus() >= pool->model.parallelism.gpus_per_node) return pool;
  std::optional<PoolConfig> best;
  double most = 0;
  for (int i = 0; i < 3 && pool; ++i, pool = doubled(*pool)) {
    if (pool->model.parallelism.gpus() > pool->model.parallelism.gpus_per_node) break;
    const double now = score(*pool);
    if (now > most) best = pool;
    most = std::max(most, now);
  }
  return best;
}

struct ServingReplica {
  std::optional<PoolConfig> pool;
  double per_gpu_s = 0;  // output tokens at the highest load that keeps the objective
};

// By surfaces of few windows, each as long as the stay of its requests asks: a window that ends
// before its requests do would call a loaded replica unstable.
double quick_rate(const PoolConfig& pool, const ServeWork& work, const WindowEffort& effort) {
  const LoadSurface surface = build_surface(
      {.fleet = fleet_of(pool, work), .load = load_of(work), .effort = effort, .is_coarse = true});
  return surface.max_load(work.attainment) * surface.tokens_per_request /
         pool.model.parallelism.gpus();
}

ServingReplica serving_replica(const ChipSpec& chip, const ServeWork& work,
                               const WindowEffort& effort) {
  ServingReplica found;
  found.pool = best_replica(chip, work.model, [&](const PoolConfig& pool) {
    const double now = quick_rate(pool, work, effort);
    found.per_gpu_s = std::max(found.per_gpu_s, now);
    return now;
  });
  return found;
}

}  // namespace

double Elastic::at(const ProfileFactors& f) const {
  double sum = 0;
  for (std::size_t i = 0; i < factor_count; ++i)
    sum += power[i] * std::log(f[static_cast<Factor>(i)]);
  return value * std::exp(sum);
}

WorkRate::Point WorkRate::at(const ProfileFactors& f) const {
  if (!surface) return {per_gpu_s.at(f), joules.at(f)};
  const double most = surface->max_load(attainment, f);
  if (most <= 0) return {};
  return {most * tokens_per_request / gpus, surface->at(most, f).gpu_energy_per_token.in(unit::J)};
}

ModelCard in_formats_of(ModelCard model, const ChipSpec& chip) {
  const bool has_integers_only =
      !peak_rate(chip, Precision::fp8) && peak_rate(chip, Precision::int8);
  const auto adapt = [&](Precision& p) {
    if (has_integers_only && (p == Precision::fp8 || p == Precision::fp8_block))
      p = Precision::int8;
  };
  adapt(model.weights);
  if (model.expert_weights) adapt(*model.expert_weights);
  return model;
}

double quick_rate(const ChipSpec& chip, const TrainWork& work) {
  const HardwareProfile hardware = profile_for(chip);
  const PlanAnswer plans = plan_training(question_of(chip, work, hardware));
  if (plans.best.empty()) return 0;
  const StepResult& step = plans.best.front().step;
  return step.tokens / (step.seconds * work.gpus);
}

double quick_rate(const ChipSpec& chip, const ServeWork& work, int requests, std::uint64_t seed) {
  const WindowEffort effort{.requests = requests, .seed = seed};
  const ServingReplica found = serving_replica(chip, work, effort);
  // Of replicas of several nodes nothing was tried.
  if (!found.pool || found.per_gpu_s > 0) return found.per_gpu_s;
  return quick_rate(*found.pool, work, effort);
}

WorkRate work_rate(const ChipSpec& chip, const TrainWork& work) {
  const HardwareProfile hardware = profile_for(chip);
  PlanQuestion q = question_of(chip, work, hardware);
  const PlanAnswer plans = plan_training(q);
  if (plans.best.empty())
    return cannot("no layout of " + std::to_string(work.gpus) + " GPUs holds " + work.model.name);
  use(q.setup, plans.best.front());
  WorkRate rate;
  rate.gpus = work.gpus;
  const auto measure = [&](const ProfileFactors& f) {
    const HardwareProfile h = scaled(hardware, f);
    TrainingSetup s = q.setup;
    s.hardware = &h;
    const StepResult step = training_step(s);
    return WorkRate::Point{step.tokens / (step.seconds * work.gpus),
                           step.joules_per_gpu * work.gpus / step.tokens};
  };
  learn(measure, rate, false);
  const StepResult& step = plans.best.front().step;
  rate.flop = step.model_flop_per_gpu * work.gpus / step.tokens;
  rate.extrapolated = step.extrapolated;
  rate.binding =
      is_at_limit(step.watts_per_gpu, hardware) ? Binding::power : binding_of(rate.per_gpu_s, 0);
  rate.how = layout_text(q.setup.layout) + ", " + std::string{name_of(q.setup.precision)} +
             software_text(chip);
  return rate;
}

WorkRate work_rate(const ChipSpec& chip, const PostTrainWork& work, std::uint64_t seed) {
  const RolloutLoad all{work.prompts, work.samples, lengths_of(work), 0.5};
  const auto pool = best_replica(chip, work.model, [&](const PoolConfig& p) {
    if (p.model.parallelism.gpus() > work.gpus) return 0.0;
    return 1 / rollout(rollout_fleet(p, work), all, seed).seconds;
  });
  if (!pool)
    return cannot(work.model.name + " does not fit on " + std::to_string(work.gpus) + " GPUs");
  const HardwareProfile hardware = profile_for(chip);
  RlSetup setup;
  setup.options.prompts = work.prompts;
  setup.options.samples = work.samples;
  setup.lengths = lengths_of(work);
  setup.fleet = rollout_fleet(*pool, work);
  PlanQuestion q = question_of(chip, work.model, hardware, work.gpus);
  q.setup.precision = Precision::bf16;
  q.setup.global_batch = work.prompts * work.samples;
  q.setup.sequence = static_cast<int>(work.mean_tokens) + work.prompt_tokens;
  const PlanAnswer plans = plan_training(q);
  if (plans.best.empty())
    return cannot("no layout of " + std::to_string(work.gpus) + " GPUs trains " + work.model.name);
  use(q.setup, plans.best.front());
  setup.policy = q.setup;
  if (const auto mistakes = rl_mistakes(setup); !mistakes.empty())
    return cannot(std::string{mistakes.front().field} + ": expected " +
                  std::string{mistakes.front().expected});
  WorkRate rate;
  rate.gpus = work.gpus;
  const auto measure = [&](const ProfileFactors& f) {
    const HardwareProfile h = scaled(hardware, f);
    RlSetup s = setup;
    s.policy.hardware = &h;
    s.fleet = scaled(setup.fleet, f);
    const RlStepResult step = rl_step(s, 0.5, seed);
    return WorkRate::Point{1 / (step.seconds * work.gpus), step.gpu_energy.in(unit::J)};
  };
  learn(measure, rate, true);
  rate.binding = binding_of(rate.per_gpu_s, 0);
  rate.how = layout_text(q.setup.layout) + " and " + std::to_string(setup.fleet.pools[0].replicas) +
             " engines, bf16 updates" + software_text(chip);
  return rate;
}

WorkRate work_rate(const ChipSpec& chip, const ServeWork& work, int requests, std::uint64_t seed) {
  const WindowEffort quick{.requests = std::min(requests, 150), .seed = seed};
  const auto pool = serving_replica(chip, work, quick).pool;
  if (!pool)
    return cannot(work.model.name + " does not fit on 64 GPUs, or no load meets the objective");
  SurfaceInputs in{.fleet = fleet_of(*pool, work),
                   .load = load_of(work),
                   .effort = {.requests = requests, .seed = seed},
                   .has_errors = false};
  WorkRate rate;
  rate.gpus = pool->model.parallelism.gpus();
  rate.attainment = work.attainment;
  rate.surface = build_surface(in);
  rate.tokens_per_request = rate.surface->tokens_per_request;
  if (rate.surface->max_load(work.attainment) <= 0) return cannot("no load meets the objective");
  const auto measure = [&rate](const ProfileFactors& f) { return rate.at(f); };
  WorkRate learnt = rate;
  learn(measure, learnt, false);
  rate.per_gpu_s = learnt.per_gpu_s;
  rate.joules = learnt.joules;
  ServingConfig roomier = in.fleet;
  roomier.pools.front().gpu_memory = more_memory * roomier.pools.front().gpu_memory;
  const double gain =
      saturated_rate(roomier, in.load, in.effort) / saturated_rate(in.fleet, in.load, in.effort);
  rate.binding = binding_of(rate.per_gpu_s, std::log(gain) / std::log(more_memory));
  const Parallelism& p = pool->model.parallelism;
  rate.how = std::to_string(rate.gpus) + " GPUs a replica (TP" + std::to_string(p.tp) + " DP" +
             std::to_string(p.dp) + " EP" + std::to_string(p.ep) + "), " +
             std::string{name_of(pool->model.card.weights)};
  return rate;
}

}  // namespace jevons
