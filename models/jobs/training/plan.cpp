#include "models/jobs/training/plan.h"

#include <algorithm>
#include <limits>

#include "models/jobs/training/memory.h"
#include "models/jobs/training/setup_laws.h"
#include "models/jobs/training/step.h"

namespace jevons {

namespace {

std::vector<int> divisors(int of, int most) {
  std::vector<int> all;
  for (int d = 1; d <= std::min(of, most); ++d)
    if (of % d == 0) all.push_back(d);
  return all;
}

// Least seconds and joules of computation in a step on one GPU, from the costs of the layers.
struct Bound {
  double seconds = 0, joules = 0;
};

class Search {
 public:
  explicit Search(const PlanQuestion& q) : q_{q}, s_{q.setup} {}
  PlanAnswer run();

 private:
  void price_and_visit();
  void visit_pipelines(const LayerCosts& costs);
  void consider(const LayerCosts& costs, const Bound& all_layers);
  bool is_beaten(const Bound& all_layers) const;
  void keep(const StepResult& step);
  double worst() const {
    return answer_.best.size() < q_.keep ? std::numeric_limits<double>::infinity()
                                         : score(answer_.best.back().step, q_.goal);
  }

  const PlanQuestion& q_;
  TrainingSetup s_;
  PlanAnswer answer_;
};

Bound computation(const TrainingSetup& s, const LayerCosts& costs) {
  const int moe = moe_layers(s.model);
  Bound sum;
  const auto add = [&](LayerPart part, double count) {
    if (count == 0) return;
    const LayerCost& c = costs[part];
    for (const PassCost* pass : {&c.forward, &c.backward, &c.weight, &c.recompute}) {
      sum.seconds += count * pass->seconds;
      sum.joules += count * pass->other_joules;
    }
  };
  add(LayerPart::moe_layer, moe);
  add(LayerPart::dense_layer, s.model.layers - moe);
  add(LayerPart::embedding, 1);
  add(LayerPart::head, 1);
  return sum;
}

bool Search::is_beaten(const Bound& all_layers) const {
  const double passes = static_cast<double>(s_.micro_batches()) / s_.layout.pp;
  const double seconds = passes * all_layers.seconds;
  const double joules =
      passes * all_layers.joules + seconds * s_.hardware->energy.busy_static.in(unit::W);
  return (q_.goal == PlanGoal::fastest ? seconds : joules) > worst();
}

void Search::keep(const StepResult& step) {
  const double own = score(step, q_.goal);
  if (own >= worst()) return;
  const auto at = std::find_if(answer_.best.begin(), answer_.best.end(),
                               [&](const Plan& p) { return score(p.step, q_.goal) > own; });
  answer_.best.insert(at, {s_.layout, s_.schedule, s_.micro_batch, s_.recompute, step});
  if (answer_.best.size() > q_.keep) answer_.best.pop_back();
}

void Search::consider(const LayerCosts& costs, const Bound& all_layers) {
  ++answer_.configurations;
  if (q_.prunes && is_beaten(all_layers)) {
    ++answer_.bounded;
    return;
  }
  if (missing_bytes(s_) > 0) {
    ++answer_.too_large;
    return;
  }
  ++answer_.evaluated;
  keep(training_step(s_, costs));
}

// DP takes what the other ways leave; chunks are divisors of the layers of a stage.
void Search::visit_pipelines(const LayerCosts& costs) {
  const Bound all_layers = computation(s_, costs);
  TrainingLayout& l = s_.layout;
  for (const int pp : divisors(q_.gpus / (l.tp * l.cp), s_.model.layers)) {
    l.pp = pp;
    l.dp = q_.gpus / (l.tp * l.cp * pp);
    l.chunks = 1;
    s_.schedule = PipelineSchedule::one_f_one_b;
    if (!setup_mistakes(s_).empty()) continue;
    consider(costs, all_layers);
    s_.schedule = PipelineSchedule::zero_bubble;
    if (pp > 1) consider(costs, all_layers);
    s_.schedule = PipelineSchedule::interleaved;
    for (const int chunks : divisors(s_.model.layers / pp, s_.model.layers)) {
      l.chunks = chunks;
      if (pp > 1 && chunks > 1) consider(costs, all_layers);
    }
  }
}

void Search::price_and_visit() {
  if (q_.hottest_expert_rank) s_.hottest_expert_rank = q_.hottest_expert_rank(s_);
  for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
    s_.recompute = recompute;
    visit_pipelines(layer_costs(s_));
  }
}

PlanAnswer Search::run() {
  TrainingLayout& l = s_.layout;
  const int most_ep = s_.model.moe ? s_.model.moe->experts : 1;
  const int domain = s_.fabric.domain();
  for (const int tp : divisors(q_.gpus, std::min(domain, s_.model.attention.heads)))
    for (const int cp : divisors(q_.gpus / tp, 64))
      for (const int ep : divisors(most_ep, q_.gpus))
        for (const int micro_batch : divisors(s_.global_batch, 64)) {
          l = {.tp = tp, .pp = 1, .cp = cp, .ep = ep, .dp = q_.gpus / (tp * cp)};
          s_.micro_batch = micro_batch;
          if (s_.model.attention.heads % tp != 0 || s_.sequence % cp != 0) continue;
          price_and_visit();
        }
  return std::move(answer_);
}

}  // namespace

double score(const StepResult& step, PlanGoal goal) {
  return goal == PlanGoal::fastest ? step.seconds : step.joules_per_gpu;
}

PlanAnswer plan_training(const PlanQuestion& question) {
  return Search{question}.run();
}

std::vector<StepPhase> why_first(const Plan& first, const Plan& second) {
  std::vector<StepPhase> phases;
  for (std::size_t p = 0; p < step_phase_count; ++p) phases.push_back(static_cast<StepPhase>(p));
  const auto lost = [&](StepPhase p) { return second.step[p] - first.step[p]; };
  std::stable_sort(phases.begin(), phases.end(),
                   [&](StepPhase a, StepPhase b) { return lost(a) > lost(b); });
  phases.erase(
      std::find_if(phases.begin(), phases.end(), [&](StepPhase p) { return lost(p) <= 0; }),
      phases.end());
  return phases;
}

}  // namespace jevons
