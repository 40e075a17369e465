// The page that a training run prints.
#include "scenarios/train_answer.h"

#include "models/jobs/training/memory.h"
#include "scenarios/page.h"
#include "scenarios/train_tables.h"
#include "scenarios/train_text.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

constexpr double joules_per_mwh = 3.6e9;

std::string line(std::string_view label, const std::string& text) {
  std::string out = "  " + std::string{label};
  out.resize(15, ' ');
  return out + text + "\n";
}

std::string count(std::int64_t n, const std::string& what) {
  return grouped(n) + " " + what + (n == 1 ? "" : "s");
}

std::string model_text(const ModelCard& card) {
  std::string text = card.name + ": " + spoken(parameters(card).total()) + " parameters";
  if (card.moe) text += ", " + spoken(active_parameters(card)) + " active per token";
  return text;
}

std::string cluster_text(const TrainScenario& scenario) {
  const TrainCluster& c = scenario.cluster;
  std::string text = grouped(c.gpus) + " " + scenario.chip.name + " in " + count(c.nodes(), "node");
  if (c.fabric) return text + "; network in " + count(std::ssize(c.fabric->tiers), "tier");
  return text + "; " + print(0.5 * *scenario.chip.link_bandwidth) + " within a node, " +
         print(c.network_per_gpu) + " a GPU beyond";
}

std::string goal_text(const TrainScenario& scenario, const TrainOutcome& outcome,
                      const TrainFigures& f) {
  std::string text = spoken(outcome.tokens) + " tokens";
  if (std::holds_alternative<ComputeOptimalGoal>(scenario.goal))
    text += ", the compute optimum of this model";
  if (const auto* goal = std::get_if<LossGoal>(&scenario.goal))
    text += ", for a loss of " + figure(goal->loss);
  return text + ": " + grouped(outcome.job.steps) + " steps, expected loss " + figure(f.loss) +
         " nats a token";
}

std::string head_text(const TrainScenario& scenario, const TrainOutcome& outcome,
                      const TrainFigures& f) {
  const TrainingSetup& s = outcome.setup;
  std::string text = line("model", model_text(scenario.model)) +
                     line("cluster", cluster_text(scenario)) + line("layout", layout_text(s));
  if (outcome.plan)
    text += line(
        "", "the best of " + grouped(outcome.plan->configurations) + " that the search considered");
  return text +
         line("batch", grouped(s.global_batch) + " sequences of " + grouped(s.sequence) +
                           " tokens, " + grouped(s.micro_batches()) +
                           (s.micro_batches() == 1 ? " micro-batch" : " micro-batches") +
                           "; products in " + std::string{name_of(s.precision)}) +
         line("goal", goal_text(scenario, outcome, f));
}

std::string step_text(const TrainScenario& scenario, const TrainOutcome& outcome,
                      const TrainFigures& f) {
  const StepResult& step = outcome.step;
  TextTable table{{{"step", "s", "share"}}};
  const auto row = [&](const std::string& name, double seconds) {
    table.rows.push_back({"  " + name, figure(seconds), percent(seconds / step.seconds)});
  };
  for (std::size_t p = 0; p < step_phase_count; ++p)
    if (step.phases[p] > 0) row(phase_text(static_cast<StepPhase>(p)), step.phases[p]);
  row("all", step.seconds);
  std::string text = table.to_text(2) + "    MFU " + percent(step.mfu) + ": " +
                     figure(step.tflops_per_gpu) + " TFLOP/s and " +
                     figure(f.tokens_per_s_per_gpu) + " tokens/s a GPU, at " +
                     figure(step.watts_per_gpu) + " W";
  if (scenario.chip.tdp) text += " (TDP " + figure(scenario.chip.tdp->in(unit::W)) + " W)";
  text += "\n";
  if (outcome.setup.schedule != PipelineSchedule::dual_pipe) return text;
  TextTable dual{{{"in the words of DualPipe", "s", "share"}}};
  for (const auto& [name, seconds] : by_name(step.dual_pipe))
    dual.rows.push_back(
        {"  " + std::string{name}, figure(seconds), percent(seconds / step.seconds)});
  return text + "\n" + dual.to_text(2);
}

std::string memory_text(const TrainScenario& scenario, const TrainOutcome& outcome) {
  const TrainingMemory& memory = outcome.step.memory;
  std::string text;
  for (const auto& [name, bytes] : by_kind(memory))
    text += (text.empty() ? "" : ", ") + std::string{name} + " " + figure(bytes * 1e-9);
  return line("memory", figure(memory.total() * 1e-9) + " of " +
                            figure(usable_bytes(scenario.chip) * 1e-9) +
                            " GB on the fullest GPU: " + text);
}

std::string causes_text(const JobResult& r) {
  std::string text;
  for (std::size_t c = 0; c < failure_cause_count; ++c) {
    if (r.failures[c] == 0) continue;
    std::string name{name_of(static_cast<FailureCause>(c))};
    for (char& letter : name) letter = letter == '_' ? ' ' : letter;
    text += (text.empty() ? "" : ", ") + name + " " + grouped(r.failures[c]);
  }
  return text.empty() ? "" : ": " + text;
}

std::string job_text(const TrainOutcome& outcome, const TrainFigures& f) {
  const JobResult& r = outcome.result;
  const auto share = [&r](Span part) { return percent(to_time(part) / to_time(r.wall)); };
  std::string text =
      line("job", figure(f.days) + " days, " + spoken(f.gpu_hours) + " GPU-hours; goodput " +
                      percent(r.goodput()) + ", effective training time " + percent(r.ettr())) +
      line("failures", count(r.failure_count(), "failure") + causes_text(r)) +
      line("", "lost work " + share(r.times.lost) + ", detection " + share(r.times.detecting) +
                   ", restarts " + share(r.times.recovering) + ", waiting for nodes " +
                   share(r.times.waiting));
  if (r.stragglers > 0)
    text += line("", count(r.stragglers, "slow node") + ", which cost " + share(r.times.slowed));
  if (r.planned_stops > 0)
    text += line("planned", count(r.planned_stops, "stop") + " for upgrades and changes, " +
                                share(r.times.maintained) + ": no work is lost");
  return text + line("checkpoints",
                     count(r.checkpoints, "checkpoint") + ", one each " +
                         figure(to_time(r.interval).in(unit::min)) + " min, stopping for " +
                         figure(r.checkpoint.stall.in(unit::s)) + " s: " + share(r.times.stalled));
}

std::string energy_text(const TrainFigures& f, double tokens) {
  const bool has_range = f.low < f.high;
  TextTable table{{{"energy", "MWh", "J/token", has_range ? "MWh nine times in ten" : ""}}};
  const auto row = [&](std::string_view name, double joules, double low = 0, double high = 0) {
    table.rows.push_back({"  " + std::string{name}, figure(joules / joules_per_mwh),
                          figure(tokens > 0 ? joules / tokens : 0),
                          has_range && high > 0 ? figure(low / joules_per_mwh) + " to " +
                                                      figure(high / joules_per_mwh)
                                                : ""});
  };
  row("GPU", f.gpu_j, f.low * f.gpu_j, f.high * f.gpu_j);
  row("host", f.host_j);
  row("node = GPU + host", f.node_j(), f.low * f.gpu_j + f.host_j, f.high * f.gpu_j + f.host_j);
  row("network between nodes", f.network_j);
  return table.to_text(2) + "    mean node power " + figure(f.node_w) + " W, of a GPU " +
         figure(f.gpu_w) + " W\n";
}

std::string sources_text(const JouleShares& shares) {
  std::string text;
  const auto add = [&text](std::string_view name, double share) {
    if (share > 0) text += (text.empty() ? "" : ", ") + percent(share) + " " + std::string{name};
  };
  for (std::size_t s = 0; s < shares.by_source.size(); ++s)
    add(name_of(static_cast<ProfileSource>(s)), shares.by_source[s]);
  add("stated", shares.stated);
  return "    of the node's joules " + text + "\n";
}

}  // namespace

std::string answer_text(const TrainScenario& scenario, const TrainOutcome& outcome) {
  const TrainFigures f = figures_of(scenario, outcome);
  std::string page = scenario.title.empty() ? scenario.model.name : scenario.title;
  page += "\n" + head_text(scenario, outcome, f) + "\n" + step_text(scenario, outcome, f) + "\n";
  page += memory_text(scenario, outcome) + job_text(outcome, f) + "\n";
  page += energy_text(f, outcome.result.tokens) + sources_text(f.shares) + "\n";
  page += line("cost", figure(f.cost_usd * 1e-6) + " million USD at " +
                           print(scenario.cluster.price_per_gpu) + " a GPU") +
          "\n";
  page += "  caveats\n";
  for (const std::string& caveat : caveats(scenario, outcome)) page += "  - " + caveat + "\n";
  return page;
}

}  // namespace jevons
