#include "scenarios/train_plan.h"

#include <cmath>

#include "models/llm/captured_kernels.h"
#include "scenarios/json_members.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/train_build.h"
#include "scenarios/train_text.h"

namespace jevons {
namespace {

// Rent and joules of a step on the whole cluster.
struct StepCost {
  double usd = 0, gpu_j = 0;
};
StepCost cost_of(const TrainScenario& scenario, const StepResult& step) {
  const double gpus = scenario.cluster.gpus;
  return {gpus * (scenario.cluster.price_per_gpu * (step.seconds * unit::s)).in(unit::usd),
          gpus * step.joules_per_gpu};
}

std::string table_of(const TrainScenario& scenario, const PlanAnswer& answer) {
  TextTable table{{{"", "tp", "pp", "cp", "ep", "dp", "chunks", "micro-batch", "schedule",
                    "recompute", "step s", "MFU", "USD", "MJ", "GB"}}};
  for (std::size_t i = 0; i < answer.best.size(); ++i) {
    const Plan& p = answer.best[i];
    const TrainingLayout& l = p.layout;
    const StepCost cost = cost_of(scenario, p.step);
    std::vector<std::string> row{std::to_string(i + 1)};
    for (const int ways : {l.tp, l.pp, l.cp, l.ep, l.dp, l.chunks, p.micro_batch})
      row.push_back(std::to_string(ways));
    row.emplace_back(name_of(p.schedule));
    row.emplace_back(name_of(p.recompute));
    for (const std::string& cell :
         {figure(p.step.seconds), percent(p.step.mfu), figure(cost.usd), figure(cost.gpu_j * 1e-6),
          figure(p.step.memory.total() * 1e-9)})
      row.push_back(cell);
    table.rows.push_back(std::move(row));
  }
  return table.to_text(2);
}

// In which phases the second is slower, and in which it is faster.
std::string why_text(const Plan& first, const Plan& second) {
  std::string lost;
  std::string won;
  for (std::size_t p = 0; p < step_phase_count; ++p) {
    const double seconds = second.step.phases[p] - first.step.phases[p];
    if (std::abs(seconds) < 1e-3 * first.step.seconds) continue;
    std::string& text = seconds > 0 ? lost : won;
    text += (text.empty() ? "" : ", ") + phase_text(static_cast<StepPhase>(p)) + " " +
            figure(std::abs(seconds)) + " s";
  }
  if (lost.empty() && won.empty()) return "The second takes the same time in every phase.";
  if (lost.empty()) return "The second takes less time in " + won + ", and more joules.";
  return "The first wins against the second in " + lost +
         (won.empty() ? "." : ", and loses in " + won + ".");
}

// In what the plans were ordered, and by how much the first is ahead of the second.
std::string lead_text(const TrainScenario& scenario, const PlanAnswer& answer, PlanWish wish) {
  const Plan& first = answer.best[0];
  const Plan& second = answer.best[1];
  const StepCost a = cost_of(scenario, first.step), b = cost_of(scenario, second.step);
  const auto lead = [](const std::string& what, double own, double other) {
    return what + ", " + percent(1 - own / other) + " less than the second.";
  };
  if (wish == PlanWish::least_energy)
    return lead("Least energy: " + figure(a.gpu_j * 1e-6) + " MJ a step", a.gpu_j, b.gpu_j) +
           " Waiting draws power too: what is lost in time mostly shows in joules.";
  if (wish == PlanWish::cheapest)
    return lead("Cheapest: " + figure(a.usd) + " USD a step", a.usd, b.usd);
  return lead("Fastest: " + figure(first.step.seconds) + " s a step", first.step.seconds,
              second.step.seconds);
}

JsonValue::Object members_of(const TrainScenario& scenario, const Plan& p) {
  const StepCost cost = cost_of(scenario, p.step);
  Members out;
  out.add("tp", p.layout.tp);
  out.add("pp", p.layout.pp);
  out.add("cp", p.layout.cp);
  out.add("ep", p.layout.ep);
  out.add("dp", p.layout.dp);
  out.add("chunks", p.layout.chunks);
  out.add("micro_batch", p.micro_batch);
  out.add("schedule", name_of(p.schedule));
  out.add("recompute", name_of(p.recompute));
  out.add("step_s", p.step.seconds);
  out.add("mfu", p.step.mfu);
  out.add("step_usd", cost.usd);
  out.add("step_gpu_j", cost.gpu_j);
  out.add("memory_bytes", p.step.memory.total());
  return out.take();
}

}  // namespace

PlanAnswer best_plans(const TrainScenario& scenario, const TrainingSetup& setup, PlanGoal goal) {
  PlanQuestion question;
  question.setup = setup;
  question.gpus = scenario.cluster.gpus;
  question.goal = goal;
  ExpertLoads loads{scenario.model, scenario.expert_skew};
  if (scenario.expert_skew > 0)
    question.hottest_expert_rank = [&loads](const TrainingSetup& s) { return loads.hottest(s); };
  PlanAnswer answer = plan_training(question);
  if (!answer.best.empty()) return answer;
  throw ScenarioError{
      Mistake{.file = "scenario",
              .line = 0,
              .pointer = "/cluster/gpus",
              .expected = "GPUs enough to hold " + scenario.model.name + " in some layout",
              .got = grouped(scenario.cluster.gpus) + ", on which none of " +
                     grouped(answer.configurations) + " layouts fits",
              .hint = R"(more GPUs, or "sharding": "parameters")"}};
}

Answer plan(const TrainScenario& scenario, PlanWish wish) {
  HardwareProfile hardware = profile_for(scenario.chip);
  hardware.time = captured(std::move(hardware.time));
  TrainScenario free = scenario;
  free.parallelism = BestParallelism{};
  TrainingSetup setup = setup_without_hardware(free);
  setup.hardware = &hardware;
  const PlanGoal goal = wish == PlanWish::least_energy ? PlanGoal::least_energy : PlanGoal::fastest;
  const PlanAnswer found = best_plans(scenario, setup, goal);
  Answer answer;
  answer.text = (scenario.title.empty() ? scenario.model.name : scenario.title) + "\n\n" +
                table_of(scenario, found) + "\n  ";
  if (found.best.size() > 1) {
    answer.text += lead_text(scenario, found, wish) + "\n  ";
    answer.text += why_text(found.best[0], found.best[1]) + "\n  ";
  }
  answer.text += grouped(found.configurations) + " configurations: " + grouped(found.evaluated) +
                 " evaluated, " + grouped(found.too_large) + " too large, " +
                 grouped(found.bounded) + " that cannot be among the best passed over.\n";
  if (wish == PlanWish::cheapest)
    answer.text += "  On a given cluster the cheapest plan is the fastest.\n";
  answer.text += "  USD and MJ are those of a step on all GPUs, GB those of the fullest.\n";
  Members out;
  out.add("for", name_of(wish));
  out.add("configurations", found.configurations);
  out.add("evaluated", found.evaluated);
  out.add("too_large", found.too_large);
  out.add("bounded", found.bounded);
  JsonValue::List best;
  for (const Plan& p : found.best) best.push_back({members_of(scenario, p), {}});
  out.put("best", std::move(best));
  answer.summary = {out.take(), {}};
  return answer;
}

}  // namespace jevons
