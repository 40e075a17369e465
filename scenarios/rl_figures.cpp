// Figures of a post-training run, and what a reader must know before he believes them.
#include <algorithm>

#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/rl_answer.h"
#include "scenarios/source_text.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

void add_source(const ChipSpec& chip, const HardwareProfile& hardware,
                std::vector<std::string>& out) {
  const std::string text = "on " + chip.name + " time of kernels is " +
                           source_text(hardware.time.source) + ", their energy " +
                           source_text(hardware.energy.source);
  if (std::find(out.begin(), out.end(), text) != out.end()) return;
  out.push_back(text);
  if (std::string changed = changed_rates_text(chip); !changed.empty())
    out.push_back(std::move(changed));
}

void add_software(const RlScenario& s, std::vector<std::string>& out) {
  if (s.stack.slowdown == 1 && s.stack.host_per_kernel_s == 0)
    out.emplace_back("software is taken to add nothing to the trainer's kernels: see stack");
  if (s.options.rollout_slowdown == 1)
    out.emplace_back("engines are taken to sample as fast as they serve: see rollout_slowdown");
  if (s.model.moe && s.expert_skew == 0)
    out.emplace_back("experts of the trainer are equally popular: skew would make it slower");
  if (s.options.sync_rate == assumed_sync_rate)
    out.push_back("weights are assumed to reach the engines at " + print(assumed_sync_rate));
  if (s.options.placement == RlPlacement::colocated && s.options.host_copy == assumed_host_copy)
    out.push_back("state is assumed to move to the host at " + print(assumed_host_copy) + " a GPU");
}

void add_power(const TrainCluster& cluster, std::vector<std::string>& out) {
  if (cluster.host_power_per_node == assumed_host_power)
    out.push_back("host power is assumed: " + figure(assumed_host_power.in(unit::W)) + " W a node");
  if (cluster.network_power_per_gpu == assumed_network_power_per_gpu)
    out.push_back("network power is assumed: " + figure(assumed_network_power_per_gpu.in(unit::W)) +
                  " W a GPU");
  if (cluster.price_per_gpu == reported_price_per_gpu)
    out.emplace_back(
        "2 USD a GPU-hour is what the DeepSeek-V3 report reckons with, not a market price");
}

}  // namespace

RlFigures figures_of(const RlScenario& s, const RlOutcome& o) {
  const RlRunResult& r = o.result;
  const Time wall = r.seconds * unit::s;
  RlFigures f;
  f.trainer_gpus = s.cluster.gpus;
  f.fleet_gpus = r.stages.front().rollout.gpus;
  f.gpus = r.stages.front().gpus;
  f.days = wall.in(unit::day);
  f.cost_usd = (s.cluster.price_per_gpu * wall).in(unit::usd)*f.gpus;
  f.samples = static_cast<double>(s.steps) * s.options.prompts * s.options.samples;
  f.updates = static_cast<double>(s.steps) * s.options.updates * s.options.epochs;
  f.gpu_j = r.gpu_energy.in(unit::J);
  f.host_j = r.host_energy.in(unit::J);
  f.network_j = (s.cluster.network_power_per_gpu * wall).in(unit::J)*f.gpus;
  const ChipEnergy& trainer = o.built.trainer->energy;
  const ChipEnergy& fleet = o.built.setup.fleet.pools.front().hardware.energy;
  f.low = std::min(trainer.low, fleet.low);
  f.high = std::max(trainer.high, fleet.high);
  return f;
}

std::vector<HeldBytes> held_bytes(const RlOutcome& o) {
  // Answers grow: the last stage has the fullest GPU.
  const RlStepResult& last = o.result.stages.back();
  const TrainingMemory& m = last.update.memory;
  std::vector<HeldBytes> out{{"trainer", "policy weights", m.weights},
                             {"trainer", "policy gradients", m.gradients},
                             {"trainer", "policy optimizer", m.optimizer},
                             {"trainer", "policy activations", m.activations},
                             {"trainer", "policy buffers", m.buffers},
                             {"trainer", "policy workspace", m.workspace},
                             {"trainer", "reference weights", last.memory.reference},
                             {"trainer", "critic weights and optimizer", last.memory.critic},
                             {"trainer", "reward model weights", last.memory.reward}};
  out.push_back({"fleet", "engine weights", o.engine.weights_per_gpu.in(unit::B)});
  out.push_back({"fleet", "engine workspace", o.engine.workspace_per_gpu.in(unit::B)});
  out.push_back({"fleet", "KV cache", o.engine.kv_per_gpu.in(unit::B)});
  return out;
}

std::vector<std::string> caveats(const RlScenario& s, const RlOutcome& o) {
  std::vector<std::string> out;
  add_source(s.chip, *o.built.trainer, out);
  add_source(s.fleet.chip.value_or(s.chip), o.built.setup.fleet.pools.front().hardware, out);
  add_software(s, out);
  add_power(s.cluster, out);
  out.emplace_back("answers of one prompt are not alike in length; none is cut and continued");
  out.emplace_back("not counted: failures, evaluation, cooling, power conversion, storage");
  return out;
}

}  // namespace jevons
