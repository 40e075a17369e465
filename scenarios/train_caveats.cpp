// What a reader must know before he believes a training answer.
#include <algorithm>

#include "models/jobs/training/fitted_software.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/source_text.h"
#include "scenarios/train_answer.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

void add_sources(const TrainScenario& scenario, const TrainOutcome& outcome,
                 std::vector<std::string>& out) {
  out.push_back("on " + scenario.chip.name + " time of kernels is " +
                source_text(outcome.hardware->time.source) + ", their energy " +
                source_text(outcome.hardware->energy.source));
  if (std::string text = changed_rates_text(scenario.chip); !text.empty())
    out.push_back(std::move(text));
  if (outcome.step.extrapolated)
    out.emplace_back("some kernels are larger or smaller than those that were measured");
}

std::string fitted_text(const ChipSpec& chip) {
  const auto [fit, is_of_its_die] = default_software(chip);
  std::string text = "kernels take " + figure(fit->slowdown) +
                     " times as long in a step as alone, fitted to runs of " +
                     std::string{fit->runs} + " (" + percent(fit->test_error) +
                     " off on runs that were not fitted)";
  if (!is_of_its_die)
    text += "; no runs on chips like " + chip.name + " are known, so that the factor is assumed";
  return text + "; for other software see stack";
}

void add_software(const TrainScenario& s, const TrainOutcome& outcome,
                  std::vector<std::string>& out) {
  const TrainingStack& stack = outcome.setup.stack;
  if (!s.stack.slowdown)
    out.push_back(fitted_text(s.chip));
  else if (stack.slowdown == 1 && stack.host_per_kernel_s == 0 && stack.jitter == 0)
    out.emplace_back(
        "the software is taken to add nothing to its kernels: see stack, real steps take longer");
  if (s.graphs != GraphCapture::none && stack.host_per_kernel_s == 0)
    out.emplace_back(
        "CUDA graphs save nothing here: launches are free at stack.host_per_kernel_s 0");
}

void add_cluster(const TrainCluster& cluster, std::vector<std::string>& out) {
  if (!cluster.fabric)
    out.push_back("collectives are assumed to reach 75 % of the scale-up link and 80 % of the " +
                  print(cluster.network_per_gpu) + " between nodes");
  if (cluster.host_power_per_node == assumed_host_power)
    out.push_back("host power is assumed: " + figure(assumed_host_power.in(unit::W)) + " W a node");
  if (cluster.network_power_per_gpu == assumed_network_power_per_gpu)
    out.push_back("network power is assumed: " + figure(assumed_network_power_per_gpu.in(unit::W)) +
                  " W a GPU");
  if (cluster.price_per_gpu == reported_price_per_gpu)
    out.emplace_back(
        "2 USD a GPU-hour is what the DeepSeek-V3 report reckons with, not a market price");
}

void add_job(const TrainScenario& scenario, const TrainOutcome& outcome,
             std::vector<std::string>& out) {
  const TrainJobSettings& job = scenario.job;
  if (!job.failures) out.emplace_back("nothing fails");
  if (!job.spares) out.emplace_back("a failed node is replaced at once: spares are not counted");
  if (!job.stragglers) out.emplace_back("no node is slow");
  if (!job.planned_stops) out.emplace_back("no stops are planned");
  if (job.planned_stops && job.planned_stops->takes == assumed_maintenance)
    out.push_back("planned stops are assumed to take " + print(assumed_maintenance) + " each");
  if (!outcome.result.is_done)
    out.push_back("stopped after " + figure(to_time(outcome.result.wall).in(unit::day)) +
                  " days with " + figure(outcome.result.tokens / outcome.tokens * 100) +
                  " % of the tokens seen");
}

}  // namespace

std::vector<std::string> caveats(const TrainScenario& scenario, const TrainOutcome& outcome) {
  std::vector<std::string> out;
  add_sources(scenario, outcome, out);
  add_software(scenario, outcome, out);
  add_cluster(scenario.cluster, out);
  if (scenario.model.moe && scenario.expert_skew == 0)
    out.emplace_back("experts are equally popular: skew would make the fullest GPU slower");
  add_job(scenario, outcome, out);
  if (!std::holds_alternative<TokenGoal>(scenario.goal) || scenario.model.moe)
    out.push_back("the loss is that of the law " + std::string{name_of(scenario.capability.law)} +
                  " for the effective parameters at a sparsity exponent of " +
                  figure(scenario.capability.sparsity_exponent) + ", which is assumed");
  out.emplace_back("not counted: cooling, power conversion, storage, data preparation");
  return out;
}

}  // namespace jevons
