#include "scenarios/train_build.h"

#include <algorithm>

#include "models/jobs/training/fitted_software.h"
#include "models/jobs/training_job/job_of_step.h"

namespace jevons {
namespace {

void set_parallelism(const StatedParallelism& p, int gpus, TrainingSetup& setup) {
  const int others = p.tp * p.pp * p.cp;
  setup.layout = {.tp = p.tp,
                  .pp = p.pp,
                  .cp = p.cp,
                  .ep = p.ep,
                  .dp = p.dp.value_or(std::max(1, gpus / others)),
                  .chunks = p.chunks};
  setup.schedule = p.schedule;
  setup.last_stage_fewer = p.last_stage_fewer;
  setup.micro_batch = p.micro_batch;
  setup.recompute = p.recompute;
}

}  // namespace

double ExpertLoads::hottest(const TrainingSetup& setup) {
  const int ep = setup.layout.ep;
  if (!card_->moe || skew_ == 0 || ep == 1) return 1;
  auto table = by_ep_.find(ep);
  if (table == by_ep_.end()) {
    const ExpertLoadTable drawn{{card_->moe->experts, card_->moe->top_k, ep, skew_}};
    table = by_ep_.emplace(ep, drawn).first;
  }
  const double tokens =
      static_cast<double>(setup.micro_batch) * setup.sequence / setup.layout.cp * ep;
  return table->second.hottest_over_mean(tokens / (setup.sequence_parallel ? setup.layout.tp : 1));
}

FabricTiers fabric_of(const TrainScenario& scenario) {
  const TrainCluster& c = scenario.cluster;
  if (c.fabric) return *c.fabric;
  const int domain = c.gpus_per_link_domain > 0 ? c.gpus_per_link_domain : c.gpus_per_node;
  FabricTiers fabric{{{.gpus = domain,
                       .rate = 0.5 * *scenario.chip.link_bandwidth,
                       .efficiency = assumed_link_share,
                       .latency = assumed_link_hop}}};
  if (c.gpus > domain)
    fabric.tiers.push_back({.gpus = c.gpus,
                            .rate = c.network_per_gpu,
                            .efficiency = assumed_network_share,
                            .latency = assumed_network_hop});
  return fabric;
}

TrainingStack stack_of(const TrainScenario& scenario) {
  TrainingStack stack = scenario.stack.rest;
  stack.slowdown = scenario.stack.slowdown.value_or(default_software(scenario.chip).fit->slowdown);
  return stack;
}

TrainingSetup setup_without_hardware(const TrainScenario& scenario) {
  TrainingSetup setup;
  setup.model = scenario.model;
  setup.chip = scenario.chip;
  setup.fabric = fabric_of(scenario);
  setup.global_batch = scenario.global_batch;
  setup.sequence = scenario.sequence;
  setup.precision = scenario.precision;
  setup.sharding = scenario.sharding;
  setup.context_exchange = scenario.context_exchange;
  setup.attention = scenario.attention;
  setup.has_narrow_cache = scenario.has_narrow_cache;
  setup.graphs = scenario.graphs;
  setup.dispatch = scenario.dispatch;
  setup.sequence_parallel = scenario.sequence_parallel;
  setup.overlap = scenario.overlap;
  setup.optimizer = scenario.optimizer;
  setup.expert_nodes = scenario.expert_nodes;
  setup.prediction_heads = scenario.prediction_heads;
  setup.stack = stack_of(scenario);
  if (const auto* stated = std::get_if<StatedParallelism>(&scenario.parallelism))
    set_parallelism(*stated, scenario.cluster.gpus, setup);
  // Experts that EP does not divide are told where laws are held.
  if (setup.model.moe && setup.model.moe->experts % setup.layout.ep == 0)
    setup.hottest_expert_rank = ExpertLoads{scenario.model, scenario.expert_skew}.hottest(setup);
  return setup;
}

const ScalingLaw& law_of(const CapabilitySettings& capability) {
  return capability.law == ScalingLawName::hoffmann ? hoffmann_2022 : besiroglu_2024;
}

std::optional<double> wanted_tokens(const TrainScenario& scenario) {
  if (const auto* goal = std::get_if<TokenGoal>(&scenario.goal)) return goal->tokens.in(unit::tok);
  const ScalingLaw& law = law_of(scenario.capability);
  const double parameters =
      effective_parameters(scenario.model, scenario.capability.sparsity_exponent);
  if (const auto* goal = std::get_if<LossGoal>(&scenario.goal))
    return tokens_for(law, parameters, goal->loss);
  return optimal_tokens(law, parameters);
}

TrainingJob job_of(const TrainScenario& scenario, const TrainingSetup& setup,
                   const StepResult& step, double tokens) {
  TrainingJob job = job_of_step(setup, step, tokens, scenario.cluster.host_power_per_node);
  job.gpus_per_node = scenario.cluster.gpus_per_node;
  job.failures = scenario.job.failures;
  job.checkpoint = scenario.job.checkpoint;
  job.recovery = scenario.job.recovery;
  job.spares = scenario.job.spares;
  job.stragglers = scenario.job.stragglers;
  job.maintenance = scenario.job.planned_stops;
  return job;
}

Time planned_stop(const TrainingJob& job) {
  const CheckpointCost cost =
      checkpoint_cost(job.checkpoint, job.parameters, job.gpus, job.gpus_per_node);
  return cost.stall + job.maintenance->takes + job.recovery.restart + cost.load;
}

Time expected_wall(const TrainingJob& job) {
  const Time work = static_cast<double>(job.steps) * job.step;
  const CheckpointCost cost =
      checkpoint_cost(job.checkpoint, job.parameters, job.gpus, job.gpus_per_node);
  const Time interval = to_time(checkpoint_interval(job));
  const Recovery& r = job.recovery;
  const Time wall = job.failures ? daly_wall_time(work, interval, cost.stall,
                                                  r.detection + r.diagnosis + r.restart + cost.load,
                                                  mean_time_to_failure(*job.failures, job.gpus))
                                 : work * (1 + cost.stall / interval);
  if (!job.maintenance) return wall;
  // Planned stops come by the calendar: they take their share of all days.
  constexpr Time endless = 1e6 * unit::year;
  const double share = planned_stop(job) / job.maintenance->every;
  return share < 1 ? wall / (1 - share) : endless;
}

}  // namespace jevons
