#include "scenarios/train_size.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <variant>

#include "models/jobs/training/setup_laws.h"
#include "models/jobs/training/step.h"
#include "models/llm/captured_kernels.h"
#include "scenarios/json_members.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/train_build.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

constexpr int most_gpus = 1'000'000;

std::vector<int> counts_to_try(const TrainScenario& scenario) {
  std::vector<int> counts;
  if (const auto* p = std::get_if<StatedParallelism>(&scenario.parallelism)) {
    const std::int64_t others = std::int64_t{p->tp} * p->pp * p->cp;
    const int batches = scenario.global_batch / p->micro_batch;
    for (int dp = 1; dp <= batches && dp * others <= most_gpus; ++dp)
      if (batches % dp == 0) counts.push_back(static_cast<int>(dp * others));
  } else {
    for (int gpus = scenario.cluster.gpus_per_node; gpus <= most_gpus; gpus *= 2)
      counts.push_back(gpus);
  }
  return counts;
}

// The step of the scenario on so many GPUs; nothing where that breaks a law or does not fit.
std::optional<StepResult> step_on(const TrainScenario& scenario, const HardwareProfile& hardware,
                                  TrainingSetup& setup) {
  setup = setup_without_hardware(scenario);
  setup.hardware = &hardware;
  if (const auto* best = std::get_if<BestParallelism>(&scenario.parallelism)) {
    const PlanAnswer answer = plan_training({setup, scenario.cluster.gpus, best->goal, 1, true});
    if (answer.best.empty()) return {};
    setup.layout = answer.best.front().layout;
    return answer.best.front().step;
  }
  if (!setup_mistakes(setup).empty() || missing_bytes(setup) > 0) return {};
  return training_step(setup);
}

std::optional<TrainTrial> tried(TrainScenario scenario, const HardwareProfile& hardware, int gpus,
                                double tokens) {
  scenario.cluster.gpus = gpus;
  if (auto* p = std::get_if<StatedParallelism>(&scenario.parallelism)) p->dp.reset();
  TrainingSetup setup;
  const std::optional<StepResult> step = step_on(scenario, hardware, setup);
  if (!step) return {};
  const Time wall = expected_wall(job_of(scenario, setup, *step, tokens));
  return TrainTrial{gpus, wall.in(unit::day),
                    gpus * (scenario.cluster.price_per_gpu * wall).in(unit::usd)};
}

Answer answer_of(const TrainScenario& scenario, Time deadline,
                 const std::vector<TrainTrial>& trials, bool is_solved) {
  TextTable table{{{"GPUs", "days", "million USD", ""}}};
  JsonValue::List list;
  for (const TrainTrial& t : trials) {
    const bool is_enough = t.days * unit::day <= deadline;
    table.rows.push_back({grouped(t.gpus), figure(t.days), figure(t.usd * 1e-6),
                          is_enough ? "in time" : "too late"});
    Members row;
    row.add("gpus", t.gpus);
    row.add("days", t.days);
    row.add("cost_usd", t.usd);
    row.put("is_enough", is_enough);
    list.push_back({row.take(), {}});
  }
  Answer answer;
  answer.text = (scenario.title.empty() ? scenario.model.name : scenario.title) + "\n\n";
  if (!trials.empty()) answer.text += table.to_text(2) + "\n";
  answer.text += is_solved ? "  " + grouped(trials.back().gpus) + " " + scenario.chip.name +
                                 " are done within " + print(deadline) + ".\n"
                           : "  No cluster that this layout and batch can use is done within " +
                                 print(deadline) + ".\n";
  answer.text += "  Days are expected ones: failures and checkpoints by Daly's formula.\n";
  Members out;
  out.put("is_solved", is_solved);
  out.add("gpus", is_solved ? trials.back().gpus : 0);
  out.add("deadline_s", deadline.in(unit::s));
  out.put("trials", std::move(list));
  answer.summary = {out.take(), {}};
  return answer;
}

}  // namespace

Time deadline_from(const std::string& text) {
  std::string spaced = text;
  const auto unit_at = std::find_if(spaced.begin(), spaced.end(),
                                    [](unsigned char c) { return std::isalpha(c) != 0; });
  if (unit_at != spaced.begin() && unit_at != spaced.end() && *(unit_at - 1) != ' ')
    spaced.insert(unit_at, ' ');
  const auto read = read_quantity(spaced, dimension<Time>);
  const auto refuse = [&](std::string expected, std::string hint) {
    throw ScenarioError{
        Mistake{"--deadline", 0, "", std::move(expected), in_quotes(text), std::move(hint)}};
  };
  if (const auto* problem = std::get_if<UnitProblem>(&read))
    refuse("a time such as \"60 day\"", problem->hint);
  const Time time = Time::from_base(std::get<double>(read));
  if (time < 1 * unit::min || time > 100 * unit::year) refuse("a time from 1 min to 100 year", "");
  return time;
}

Answer size(const TrainScenario& scenario, Time deadline) {
  HardwareProfile hardware = profile_for(scenario.chip);
  hardware.time = captured(std::move(hardware.time));
  const double tokens = *wanted_tokens(scenario);
  std::vector<TrainTrial> trials;
  for (const int gpus : counts_to_try(scenario)) {
    const auto trial = tried(scenario, hardware, gpus, tokens);
    if (!trial) continue;
    trials.push_back(*trial);
    if (trial->days * unit::day <= deadline) return answer_of(scenario, deadline, trials, true);
  }
  return answer_of(scenario, deadline, trials, false);
}

}  // namespace jevons
