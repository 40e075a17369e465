#include "scenarios/train_answer.h"
#include "scenarios/train_build.h"

namespace jevons {
namespace {

JouleShares shares_of(const TrainScenario& scenario, const TrainOutcome& outcome,
                      const TrainFigures& f) {
  JouleShares shares;
  if (f.node_j() <= 0) return shares;
  const auto at = [&shares](ProfileSource s) -> double& {
    return shares.by_source[static_cast<std::size_t>(s)];
  };
  at(outcome.hardware->energy.source) += f.gpu_j / f.node_j();
  const bool is_assumed = scenario.cluster.host_power_per_node == assumed_host_power;
  (is_assumed ? at(ProfileSource::assumed) : shares.stated) += f.host_j / f.node_j();
  return shares;
}

}  // namespace

TrainFigures figures_of(const TrainScenario& scenario, const TrainOutcome& outcome) {
  const TrainCluster& cluster = scenario.cluster;
  const StepResult& step = outcome.step;
  const JobResult& r = outcome.result;
  TrainFigures f;
  f.tokens_per_s = step.tokens / step.seconds;
  f.tokens_per_s_per_gpu = f.tokens_per_s / cluster.gpus;
  const Time wall = to_time(r.wall);
  f.days = wall.in(unit::day);
  f.gpu_hours = wall.in(unit::h)*cluster.gpus;
  f.cost_usd = (cluster.price_per_gpu * wall).in(unit::usd)*cluster.gpus;
  f.gpu_j = r.gpu_energy.in(unit::J);
  f.host_j = r.host_energy.in(unit::J);
  f.network_j = (cluster.network_power_per_gpu * wall).in(unit::J)*cluster.gpus;
  f.lost_j = r.lost_energy.in(unit::J);
  const double seconds = wall.in(unit::s);
  f.gpu_w = f.gpu_j / seconds / cluster.gpus;
  f.node_w = f.node_j() / seconds / cluster.nodes();
  f.loss =
      loss(law_of(scenario.capability),
           effective_parameters(scenario.model, scenario.capability.sparsity_exponent), r.tokens);
  f.low = outcome.hardware->energy.low;
  f.high = outcome.hardware->energy.high;
  f.shares = shares_of(scenario, outcome, f);
  return f;
}

}  // namespace jevons
