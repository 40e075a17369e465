// The page that a post-training run prints.
#include <utility>

#include "scenarios/page.h"
#include "scenarios/rl_answer.h"
#include "scenarios/train_text.h"

namespace jevons {
namespace {

constexpr double joules_per_kwh = 3.6e6;

std::string line(std::string_view label, const std::string& text) {
  std::string out = "  " + std::string{label};
  out.resize(13, ' ');
  return out + text + "\n";
}

std::string phase_name(RlPhase phase) {
  switch (phase) {
    case RlPhase::rollout:
      return "rollouts";
    case RlPhase::reward:
      return "rewards";
    case RlPhase::old_logprobs:
      return "log-probabilities, policy";
    case RlPhase::reference:
      return "log-probabilities, reference";
    case RlPhase::values:
      return "values of the critic";
    case RlPhase::update:
      return "updates of the policy";
    case RlPhase::critic_update:
      return "updates of the critic";
    case RlPhase::sync:
      return "weights to the engines";
    case RlPhase::swap:
      return "state to the host and back";
  }
  return "?";
}

std::string setup_text(const RlScenario& s, const RlOutcome& o, const RlFigures& f) {
  const PoolConfig& pool = o.built.setup.fleet.pools.front();
  const Parallelism& p = pool.model.parallelism;
  const bool is_colocated = s.options.placement == RlPlacement::colocated;
  const std::string pace =
      s.options.pace == RlPace::on_policy ? "on policy" : "one step off policy";
  std::string spread = "tp " + std::to_string(p.tp);
  if (p.pp > 1) spread += ", pp " + std::to_string(p.pp);
  if (p.dp > 1) spread += ", dp " + std::to_string(p.dp);
  if (p.ep > 1) spread += ", ep " + std::to_string(p.ep);
  return line("policy", s.model.name + ", " + std::string{name_of(s.options.algorithm)} + ", " +
                            pace + (is_colocated ? ", one set of GPUs" : ", separate GPUs")) +
         line("trainer", grouped(f.trainer_gpus) + " " + s.chip.name + ": " +
                             layout_text(o.built.setup.policy)) +
         line("fleet", grouped(f.fleet_gpus) + " " + s.fleet.chip.value_or(s.chip).name + ": " +
                           grouped(pool.replicas) + " engines, " + spread) +
         line("a step", grouped(s.options.prompts) + " prompts x " + grouped(s.options.samples) +
                            " samples, " + grouped(s.options.updates) + " updates x " +
                            grouped(s.options.epochs) + " epochs; " + grouped(s.steps) + " steps");
}

std::string phase_text(const RlOutcome& o) {
  const RlStepResult& first = o.result.stages.front();
  const RlStepResult& last = o.result.stages.back();
  double all = 0;
  for (const double seconds : o.result.phases) all += seconds;
  TextTable table{{{"seconds of a step", "first", "last", "share of run"}}};
  for (std::size_t p = 0; p < rl_phase_count; ++p)
    if (o.result.phases[p] > 0)
      table.rows.push_back({"  " + phase_name(static_cast<RlPhase>(p)), figure(first.phases[p]),
                            figure(last.phases[p]), percent(o.result.phases[p] / all)});
  table.rows.push_back({"step", figure(first.seconds), figure(last.seconds), ""});
  std::string out = table.to_text(2);
  if (o.built.setup.options.pace == RlPace::one_step_off)
    out += "    both sides run at once: the step is as long as the slower, " +
           std::string{last.rollout_side > last.trainer_side ? "the fleet" : "the trainer"} +
           " at the end\n";
  return out;
}

std::string rollout_text(const RlOutcome& o) {
  TextTable table{{{"rollouts", "first", "last"}}};
  const auto row = [&](const char* name, auto of) {
    table.rows.push_back(
        {std::string{"  "} + name, of(o.result.stages.front()), of(o.result.stages.back())});
  };
  row("mean answer, tokens", [](const RlStepResult& r) {
    return figure(r.rollout.output_tokens / static_cast<double>(r.rollout.samples));
  });
  row("longest answer, tokens",
      [](const RlStepResult& r) { return grouped(r.rollout.longest_output); });
  row("after nine in ten are done, s",
      [](const RlStepResult& r) { return figure(r.rollout.tail_seconds); });
  row("engines busy", [](const RlStepResult& r) { return percent(r.rollout.utilization); });
  row("tokens/s/GPU, whole step",
      [](const RlStepResult& r) { return figure(r.tokens_per_s_per_gpu()); });
  return table.to_text(2);
}

std::string memory_text(const RlOutcome& o) {
  TextTable table{{{"memory of the fullest GPU", "GB"}}};
  for (const HeldBytes& held : held_bytes(o))
    if (held.bytes > 0)
      table.rows.push_back({"  " + std::string{held.side} + ", " + std::string{held.what},
                            figure(held.bytes * 1e-9)});
  return table.to_text(2);
}

std::string energy_text(const RlFigures& f) {
  const bool has_range = f.low < f.high;
  TextTable table{{{"energy", "MWh", "kJ/update", has_range ? "nine times in ten, MWh" : ""}}};
  const auto mwh = [](double joules) { return figure(joules / joules_per_kwh / 1000); };
  const auto row = [&](const char* name, double joules, double low, double high) {
    table.rows.push_back({std::string{"  "} + name, mwh(joules), figure(joules / f.updates / 1000),
                          has_range && high > low ? mwh(low) + " to " + mwh(high) : ""});
  };
  row("GPU", f.gpu_j, f.low * f.gpu_j, f.high * f.gpu_j);
  row("host", f.host_j, 0, 0);
  row("node = GPU + host", f.node_j(), f.low * f.gpu_j + f.host_j, f.high * f.gpu_j + f.host_j);
  row("network between nodes", f.network_j, 0, 0);
  return table.to_text(2);
}

}  // namespace

std::string answer_text(const RlScenario& s, const RlOutcome& o) {
  const RlFigures f = figures_of(s, o);
  std::string page = s.title.empty() ? s.model.name : s.title;
  page += "\n" + setup_text(s, o, f);
  if (!s.note.empty()) page += line("note", s.note);
  page += "\n" + phase_text(o) + "\n" + rollout_text(o) + "\n";
  page += line("run", figure(f.days) + " days on " + grouped(f.gpus) + " GPUs: " +
                          figure(o.result.gpu_hours) + " GPU-hours, " + figure(f.cost_usd) +
                          " USD; " + figure(o.result.tokens / 1e9) + " billion tokens, " +
                          figure(o.result.tokens / (o.result.seconds * f.gpus)) + " tokens/s/GPU") +
          "\n";
  page += memory_text(o) + "\n" + energy_text(f) + "\n  caveats\n";
  for (const std::string& caveat : caveats(s, o)) page += "  - " + caveat + "\n";
  return page;
}

}  // namespace jevons
