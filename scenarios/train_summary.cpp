// summary.json of a training run. Each key is defined in docs/outputs.md.
#include "models/jobs/training/fitted_software.h"
#include "models/jobs/training/stage.h"
#include "models/llm/transformer.h"
#include "scenarios/json_members.h"
#include "scenarios/train_answer.h"
#include "scenarios/train_tables.h"

namespace jevons {
namespace {

constexpr double joules_per_kwh = 3.6e6;

JsonValue::Object layout_members(const TrainingSetup& s) {
  Members out;
  out.add("tp", s.layout.tp);
  out.add("pp", s.layout.pp);
  out.add("cp", s.layout.cp);
  out.add("ep", s.layout.ep);
  out.add("dp", s.layout.dp);
  out.add("chunks", s.layout.chunks);
  out.add("schedule", name_of(s.schedule));
  out.add("micro_batch", s.micro_batch);
  out.add("micro_batches", s.micro_batches());
  out.add("recompute", name_of(s.recompute));
  out.add("sharding", name_of(s.sharding));
  out.add("graphs", name_of(s.graphs));
  return out.take();
}

// Whose runs the slowdown was fitted to.
std::string_view slowdown_source(const TrainScenario& scenario) {
  if (scenario.stack.slowdown) return "stated";
  return default_software(scenario.chip).fit->runs;
}

JsonValue::Object phase_members(const StepResult& step) {
  Members out;
  for (std::size_t p = 0; p < step_phase_count; ++p)
    out.add(std::string{name_of(static_cast<StepPhase>(p))} + "_s", step.phases[p]);
  return out.take();
}

JsonValue::Object dual_pipe_members(const DualPipePhases& phases) {
  Members out;
  for (const auto& [name, seconds] : by_name(phases)) out.add(std::string{name} + "_s", seconds);
  return out.take();
}

JsonValue::Object memory_members(const TrainingMemory& memory) {
  Members out;
  for (const auto& [name, bytes] : by_kind(memory)) out.add(std::string{name} + "_bytes", bytes);
  out.add("total_bytes", memory.total());
  return out.take();
}

JsonValue::Object job_members(const TrainOutcome& outcome) {
  const JobResult& r = outcome.result;
  const auto seconds = [](Span span) { return to_time(span).in(unit::s); };
  Members out;
  out.put("is_done", r.is_done);
  out.add("wall_s", seconds(r.wall));
  out.add("useful_s", seconds(r.times.useful));
  out.add("slowed_s", seconds(r.times.slowed));
  out.add("lost_s", seconds(r.times.lost));
  out.add("stalled_s", seconds(r.times.stalled));
  out.add("detecting_s", seconds(r.times.detecting));
  out.add("recovering_s", seconds(r.times.recovering));
  out.add("waiting_s", seconds(r.times.waiting));
  out.add("maintained_s", seconds(r.times.maintained));
  out.add("checkpoint_interval_s", seconds(r.interval));
  out.add("checkpoint_stall_s", r.checkpoint.stall.in(unit::s));
  out.add("checkpoint_load_s", r.checkpoint.load.in(unit::s));
  out.add("checkpoints", r.checkpoints);
  out.add("stragglers", r.stragglers);
  out.add("planned_stops", r.planned_stops);
  Members causes;
  for (std::size_t c = 0; c < failure_cause_count; ++c)
    causes.add(name_of(static_cast<FailureCause>(c)), r.failures[c]);
  out.put("failures_by_cause", causes.take());
  return out.take();
}

JsonValue::Object share_members(const JouleShares& shares) {
  Members out;
  for (std::size_t s = 0; s < shares.by_source.size(); ++s)
    out.add(name_of(static_cast<ProfileSource>(s)), shares.by_source[s]);
  out.add("stated", shares.stated);
  return out.take();
}

void add_energy(Members& out, const TrainFigures& f, double tokens) {
  out.add("energy_gpu_kwh", f.gpu_j / joules_per_kwh);
  out.add("energy_gpu_low_kwh", f.low * f.gpu_j / joules_per_kwh);
  out.add("energy_gpu_high_kwh", f.high * f.gpu_j / joules_per_kwh);
  out.add("energy_host_kwh", f.host_j / joules_per_kwh);
  out.add("energy_node_kwh", f.node_j() / joules_per_kwh);
  out.add("energy_node_low_kwh", (f.low * f.gpu_j + f.host_j) / joules_per_kwh);
  out.add("energy_node_high_kwh", (f.high * f.gpu_j + f.host_j) / joules_per_kwh);
  out.add("energy_network_kwh", f.network_j / joules_per_kwh);
  out.add("energy_lost_gpu_kwh", f.lost_j / joules_per_kwh);
  out.add("node_j_per_token", tokens > 0 ? f.node_j() / tokens : 0);
  out.add("mean_gpu_power_w", f.gpu_w);
  out.add("mean_node_power_w", f.node_w);
}

}  // namespace

JsonValue answer_summary(const TrainScenario& scenario, const TrainOutcome& outcome) {
  const TrainFigures f = figures_of(scenario, outcome);
  const StepResult& step = outcome.step;
  const JobResult& r = outcome.result;
  Members out;
  out.add("name", std::string_view{scenario.title});
  out.add("model", std::string_view{scenario.model.name});
  out.add("chip", std::string_view{scenario.chip.name});
  out.add("gpus", scenario.cluster.gpus);
  out.add("nodes", scenario.cluster.nodes());
  out.add("parameters", parameters(scenario.model).total());
  out.add("active_parameters", active_parameters(scenario.model));
  out.put("layout", layout_members(outcome.setup));
  out.add("slowdown", outcome.setup.stack.slowdown);
  out.add("slowdown_of", slowdown_source(scenario));
  out.add("step_s", step.seconds);
  out.add("mfu", step.mfu);
  out.add("tflops_per_gpu", step.tflops_per_gpu);
  out.add("tokens_per_step", step.tokens);
  out.add("tokens_per_s", f.tokens_per_s);
  out.add("tokens_per_s_per_gpu", f.tokens_per_s_per_gpu);
  out.add("exposed_comm_s", step.exposed_comm_s);
  out.add("step_gpu_power_w", step.watts_per_gpu);
  out.put("phases", phase_members(step));
  if (outcome.setup.schedule == PipelineSchedule::dual_pipe)
    out.put("dual_pipe", dual_pipe_members(step.dual_pipe));
  out.put("memory", memory_members(step.memory));
  out.add("goal_tokens", outcome.tokens);
  out.add("steps", r.steps);
  out.add("tokens", r.tokens);
  out.add("training_flop",
          3 * r.tokens * forward_flop_per_token(scenario.model, scenario.sequence));
  out.add("loss", f.loss);
  out.add("days", f.days);
  out.add("gpu_hours", f.gpu_hours);
  out.add("goodput", r.goodput());
  out.add("ettr", r.ettr());
  out.add("failures", r.failure_count());
  out.put("job", job_members(outcome));
  add_energy(out, f, r.tokens);
  out.put("node_joules_by_source", share_members(f.shares));
  out.add("time_profile", name_of(outcome.hardware->time.source));
  out.add("energy_profile", name_of(outcome.hardware->energy.source));
  out.add("cost_usd", f.cost_usd);
  JsonValue::List remarks;
  for (std::string& caveat : caveats(scenario, outcome)) remarks.push_back({std::move(caveat), {}});
  out.put("caveats", std::move(remarks));
  return {out.take(), {}};
}

}  // namespace jevons
