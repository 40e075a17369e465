// From a post-training scenario to its answer; its tables.
#include <cmath>
#include <utility>

#include "models/jobs/rl/rl_laws.h"
#include "scenarios/csv_file.h"
#include "scenarios/page.h"
#include "scenarios/rl_answer.h"

namespace jevons {
namespace {

// What is packed differs a little from the micro-batches that the laws were held for.
void refuse_too_large(const RlScenario& scenario, const RlOutcome& outcome) {
  for (const RlStepResult& step : outcome.result.stages) {
    const double missing = missing_rl_bytes(outcome.built.setup, step);
    if (missing > 0)
      throw ScenarioError{Mistake{
          "scenario", 0, "/sequence", "micro-batches whose samples fit into the GPUs' memory",
          grouped(scenario.sequence) + " tokens, " + figure(missing * 1e-9) + " GB too much",
          "shorter sequences or recompute full"}};
  }
}

void write_steps(const RlScenario& s, const RlOutcome& o, const OutputDir& out) {
  std::string header =
      "step,mean_answer_tokens,longest_answer_tokens,step_s,rollout_side_s,trainer_side_s,tokens,"
      "tokens_per_s_per_gpu,tail_s,busy_share,gpu_energy_j,host_energy_j";
  for (const auto& phase : enum_names<RlPhase>) header += "," + std::string{phase.name} + "_s";
  CsvFile file{out.file("steps.csv"), header};
  const auto last = static_cast<double>(o.result.stages.size() - 1);
  for (std::size_t i = 0; i < o.result.stages.size(); ++i) {
    const RlStepResult& r = o.result.stages[i];
    const double at = static_cast<double>(i) / last * static_cast<double>(s.steps - 1);
    file.whole(std::llround(at) + 1);
    file.number(r.rollout.output_tokens / static_cast<double>(r.rollout.samples));
    file.whole(r.rollout.longest_output).number(r.seconds);
    file.number(r.rollout_side).number(r.trainer_side).number(r.tokens);
    file.number(r.tokens_per_s_per_gpu()).number(r.rollout.tail_seconds);
    file.number(r.rollout.utilization);
    file.number(r.gpu_energy.in(unit::J)).number(r.host_energy.in(unit::J));
    for (const double seconds : r.phases) file.number(seconds);
    file.end_row();
  }
  file.close();
}

void write_phases(const RlOutcome& o, const OutputDir& out) {
  CsvFile file{out.file("phases.csv"), "phase,first_step_s,last_step_s,run_s,share_of_phases"};
  double all = 0;
  for (const double seconds : o.result.phases) all += seconds;
  for (std::size_t p = 0; p < rl_phase_count; ++p) {
    file.text(enum_names<RlPhase>[p].name).number(o.result.stages.front().phases[p]);
    file.number(o.result.stages.back().phases[p]).number(o.result.phases[p]);
    file.number(o.result.phases[p] / all).end_row();
  }
  file.close();
}

void write_memory(const RlOutcome& o, const OutputDir& out) {
  CsvFile file{out.file("memory.csv"), "side,what,bytes"};
  for (const HeldBytes& held : held_bytes(o))
    file.text(held.side).text(held.what).number(held.bytes).end_row();
  file.close();
}

}  // namespace

void write_tables(const RlScenario& scenario, const RlOutcome& outcome, const OutputDir& out) {
  write_steps(scenario, outcome, out);
  write_phases(outcome, out);
  write_memory(outcome, out);
}

Answer run(const RlScenario& scenario, RunContext& context) {
  RlOutcome outcome{build(scenario), {}, {}};
  outcome.engine = kv_capacity(outcome.built.setup.fleet.pools.front());
  outcome.result =
      rl_run(outcome.built.setup, scenario.steps, scenario.stages, scenario.seed, context.progress);
  refuse_too_large(scenario, outcome);
  if (context.out != nullptr) write_tables(scenario, outcome, *context.out);
  return {answer_text(scenario, outcome), answer_summary(scenario, outcome)};
}

}  // namespace jevons
