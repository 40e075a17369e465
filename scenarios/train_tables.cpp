#include "scenarios/train_tables.h"

#include "scenarios/csv_file.h"

namespace jevons {
namespace {

void write_phases(const TrainOutcome& outcome, const OutputDir& out) {
  CsvFile file{out.file("phases.csv"), "view,phase,time_s,share"};
  const StepResult& step = outcome.step;
  const auto row = [&](std::string_view view, std::string_view phase, double seconds) {
    file.text(view).text(phase).number(seconds).number(seconds / step.seconds);
    file.end_row();
  };
  for (std::size_t p = 0; p < step_phase_count; ++p)
    row("step", name_of(static_cast<StepPhase>(p)), step.phases[p]);
  if (outcome.setup.schedule == PipelineSchedule::dual_pipe)
    for (const auto& [name, seconds] : by_name(step.dual_pipe)) row("dual_pipe", name, seconds);
  file.close();
}

void write_memory(const TrainOutcome& outcome, const OutputDir& out) {
  CsvFile file{out.file("memory.csv"), "kind,bytes"};
  for (const auto& [name, bytes] : by_kind(outcome.step.memory)) {
    file.text(name).number(bytes);
    file.end_row();
  }
  file.close();
}

// Power of the GPUs of a node in each state: spinning where it waits for others, without a process
// in restarts.
double gpu_watts(const JobPower& power, JobState state) {
  if (state == JobState::training) return power.training.in(unit::W);
  return (state == JobState::detecting ? power.waiting : power.idle).in(unit::W);
}

void write_power(const TrainScenario& scenario, const TrainOutcome& outcome, const OutputDir& out) {
  CsvFile file{out.file("power.csv"),
               "begin_s,end_s,state,gpu_static_w,gpu_work_w,host_w,node_w,network_w"};
  const TrainCluster& cluster = scenario.cluster;
  const double gpus = std::min(cluster.gpus, cluster.gpus_per_node);
  const double host = cluster.host_power_per_node.in(unit::W);
  const double spinning = outcome.job.power.waiting.in(unit::W);
  const std::vector<JobChange>& changes = outcome.result.changes;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const JobChange& c = changes[i];
    const bool is_last = i + 1 == changes.size();
    const Instant end = is_last ? Instant{outcome.result.wall} : changes[i + 1].at;
    if (end <= c.at) continue;
    const double gpu = gpu_watts(outcome.job.power, c.state);
    const double base = std::min(gpu, spinning);
    file.seconds(c.at.time_since_epoch()).seconds(end.time_since_epoch()).text(name_of(c.state));
    file.number(gpus * base).number(gpus * (gpu - base)).number(host);
    file.number(gpus * gpu + host);
    file.number(gpus * cluster.network_power_per_gpu.in(unit::W));
    file.end_row();
  }
  file.close();
}

void write_job(const TrainOutcome& outcome, const OutputDir& out) {
  CsvFile file{out.file("job.csv"), "time_s,state,cause,saved_s,slow_nodes,free_spares"};
  for (const JobChange& c : outcome.result.changes) {
    file.seconds(c.at.time_since_epoch()).text(name_of(c.state));
    file.text(c.cause ? name_of(*c.cause) : "").seconds(c.saved);
    file.whole(c.slow_nodes).whole(c.free_spares);
    file.end_row();
  }
  file.close();
}

}  // namespace

std::vector<NamedBytes> by_kind(const TrainingMemory& m) {
  return {{"weights", m.weights},         {"gradients", m.gradients}, {"optimizer", m.optimizer},
          {"activations", m.activations}, {"buffers", m.buffers},     {"workspace", m.workspace}};
}

std::vector<NamedSeconds> by_name(const DualPipePhases& d) {
  return {{"1F", d.f},    {"1B", d.b},          {"1W", d.w},
          {"1F1B", d.fb}, {"bubble", d.bubble}, {"optimizer", d.optimizer}};
}

void write_tables(const TrainScenario& scenario, const TrainOutcome& outcome,
                  const OutputDir& out) {
  write_phases(outcome, out);
  write_memory(outcome, out);
  write_power(scenario, outcome, out);
  write_job(outcome, out);
}

}  // namespace jevons
