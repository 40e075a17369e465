// summary.json of a post-training run. Each key is defined in docs/outputs.md.
#include "scenarios/json_members.h"
#include "scenarios/rl_answer.h"

namespace jevons {
namespace {

constexpr double joules_per_kwh = 3.6e6;

JsonValue::Object phase_members(const std::array<double, rl_phase_count>& phases) {
  Members out;
  for (std::size_t p = 0; p < rl_phase_count; ++p)
    out.add(std::string{enum_names<RlPhase>[p].name} + "_s", phases[p]);
  return out.take();
}

JsonValue::Object step_members(const RlStepResult& r) {
  const auto samples = static_cast<double>(r.rollout.samples);
  Members out;
  out.add("step_s", r.seconds);
  out.add("rollout_side_s", r.rollout_side);
  out.add("trainer_side_s", r.trainer_side);
  out.put("phases", phase_members(r.phases));
  out.add("mean_answer_tokens", r.rollout.output_tokens / samples);
  out.add("longest_answer_tokens", r.rollout.longest_output);
  out.add("rollout_tail_s", r.rollout.tail_seconds);
  out.add("rollout_busy_share", r.rollout.utilization);
  out.add("update_s", r.update.seconds);
  out.add("update_mfu", r.update.mfu);
  out.add("tokens", r.tokens);
  out.add("tokens_per_s_per_gpu", r.tokens_per_s_per_gpu());
  out.add("gpu_j", r.gpu_energy.in(unit::J));
  out.add("host_j", r.host_energy.in(unit::J));
  return out.take();
}

JsonValue::Object memory_members(const RlOutcome& o) {
  const RlMemory& m = o.result.stages.back().memory;
  Members out;
  out.add("policy_bytes", m.policy);
  out.add("reference_bytes", m.reference);
  out.add("critic_bytes", m.critic);
  out.add("reward_bytes", m.reward);
  out.add("trainer_bytes", m.total());
  out.add("engine_weights_bytes", o.engine.weights_per_gpu.in(unit::B));
  out.add("engine_kv_bytes", o.engine.kv_per_gpu.in(unit::B));
  return out.take();
}

JsonValue::Object energy_members(const RlFigures& f, const RlRunResult& r) {
  Members out;
  out.add("gpu_j", f.gpu_j);
  out.add("host_j", f.host_j);
  out.add("node_j", f.node_j());
  out.add("network_j", f.network_j);
  out.add("gpu_low_j", f.low * f.gpu_j);
  out.add("gpu_high_j", f.high * f.gpu_j);
  out.add("node_low_j", f.low * f.gpu_j + f.host_j);
  out.add("node_high_j", f.high * f.gpu_j + f.host_j);
  out.add("gpu_kwh", f.gpu_j / joules_per_kwh);
  out.add("node_kwh", f.node_j() / joules_per_kwh);
  out.add("node_j_per_update", f.node_j() / f.updates);
  out.add("node_j_per_sample", f.node_j() / f.samples);
  out.add("node_j_per_token", f.node_j() / r.tokens);
  out.add("mean_gpu_power_w", f.gpu_j / (r.seconds * f.gpus));
  return out.take();
}

}  // namespace

JsonValue answer_summary(const RlScenario& s, const RlOutcome& o) {
  const RlFigures f = figures_of(s, o);
  const RlRunResult& r = o.result;
  const HardwareProfile& fleet = o.built.setup.fleet.pools.front().hardware;
  Members out;
  out.add("name", std::string_view{s.title});
  out.add("model", std::string_view{s.model.name});
  out.add("chip", std::string_view{s.chip.name});
  out.add("algorithm", name_of(s.options.algorithm));
  out.add("placement", name_of(s.options.placement));
  out.add("pace", name_of(s.options.pace));
  out.add("gpus", f.gpus);
  out.add("trainer_gpus", f.trainer_gpus);
  out.add("fleet_gpus", f.fleet_gpus);
  out.add("steps", s.steps);
  out.add("samples", f.samples);
  out.add("updates", f.updates);
  out.add("tokens", r.tokens);
  out.add("days", f.days);
  out.add("gpu_hours", r.gpu_hours);
  out.add("cost_usd", f.cost_usd);
  out.add("mean_step_s", r.seconds / static_cast<double>(s.steps));
  out.add("tokens_per_s_per_gpu", r.tokens / (r.seconds * f.gpus));
  out.put("phases", phase_members(r.phases));
  out.put("first_step", step_members(r.stages.front()));
  out.put("last_step", step_members(r.stages.back()));
  out.put("memory", memory_members(o));
  out.put("energy", energy_members(f, r));
  out.add("time_profile", name_of(o.built.trainer->time.source));
  out.add("energy_profile", name_of(o.built.trainer->energy.source));
  out.add("fleet_time_profile", name_of(fleet.time.source));
  out.add("fleet_energy_profile", name_of(fleet.energy.source));
  JsonValue::List remarks;
  for (std::string& caveat : caveats(s, o)) remarks.push_back({std::move(caveat), {}});
  out.put("caveats", std::move(remarks));
  return {out.take(), {}};
}

}  // namespace jevons
