// Phases of serving on a chip, and what a figure owes to each coefficient of its profile.
#include <cmath>
#include <utility>

#include "models/llm/kernel_energy.h"
#include "models/llm/layer_kernels.h"
#include "studies/compare_rates.h"
#include "studies/years_rates.h"

namespace jevons {
namespace {

// How far a factor is moved to see what follows.
constexpr double nudge = 1.05;

}  // namespace

void learn(const Measure& measure, WorkRate& rate, bool is_quick) {
  const WorkRate::Point here = measure({});
  rate.per_gpu_s.value = here.per_gpu_s;
  rate.joules.value = here.joules;
  for (std::size_t i = 0; i < factor_count; ++i) {
    ProfileFactors up, down;
    up[static_cast<Factor>(i)] = nudge;
    down[static_cast<Factor>(i)] = 1 / nudge;
    const WorkRate::Point above = measure(up);
    const WorkRate::Point below = is_quick ? here : measure(down);
    const double step = (is_quick ? 1 : 2) * std::log(nudge);
    rate.per_gpu_s.power[i] = std::log(above.per_gpu_s / below.per_gpu_s) / step;
    rate.joules.power[i] = std::log(above.joules / below.joules) / step;
  }
}

namespace {

// Arithmetic and memory traffic of one pass on one GPU.
void add_work(PhaseProbe& probe, const KernelList& kernels) {
  for (const NamedKernel& k : kernels) {
    const KernelWork work = work_of(k.kernel);
    probe.flop += k.count * work.flop;
    probe.bytes += k.count * work.hbm_bytes;
  }
}

struct PassCost3 {
  double seconds = 0, arithmetic = 0, memory = 0;
};
PassCost3 cost_of_pass(const std::vector<KernelList>& lists, const HardwareProfile& hardware) {
  PassCost3 cost;
  for (const KernelList& list : lists)
    for (const NamedKernel& k : list) {
      const DynamicJoules joules = dynamic_joules(hardware.energy, k.kernel);
      cost.seconds += k.count * kernel_time(hardware.time, k.kernel).seconds;
      cost.arithmetic += k.count * joules.arithmetic;
      cost.memory += k.count * joules.other;
    }
  return cost;
}

PhaseProbe probe(std::string what, const std::vector<KernelList>& lists,
                 const HardwareProfile& hardware) {
  PhaseProbe out;
  out.what = std::move(what);
  for (const KernelList& list : lists) add_work(out, list);
  WorkRate as_rate;
  const auto measure = [&](const ProfileFactors& f) {
    const HardwareProfile h = scaled(hardware, f);
    const PassCost3 cost = cost_of_pass(lists, h);
    const double fixed = cost.seconds * h.energy.busy_static.in(unit::W);
    return WorkRate::Point{1 / cost.seconds, fixed + cost.arithmetic + cost.memory};
  };
  learn(measure, as_rate, false);
  out.seconds = as_rate.per_gpu_s;
  out.seconds.value = 1 / out.seconds.value;
  for (double& p : out.seconds.power) p = -p;
  out.joules = as_rate.joules;
  const PassCost3 cost = cost_of_pass(lists, hardware);
  out.arithmetic_share = cost.arithmetic / out.joules.value;
  out.memory_share = cost.memory / out.joules.value;
  out.static_share = 1 - out.arithmetic_share - out.memory_share;
  return out;
}

}  // namespace

std::optional<ChipPhases> chip_phases(const ChipSpec& chip, const ServeWork& work) {
  const std::optional<PoolConfig> pool = replica_on(chip, in_formats_of(work.model, chip));
  if (!pool) return std::nullopt;
  const ServedModel& m = pool->model;
  const int dp = m.parallelism.dp;
  // Large passes, in which a chip does what it can: a full chunk, and as many sequences as a rank
  // usually holds.
  constexpr double chunk = 4096, sequences = 64;
  const double context = work.input_tokens + work.output_tokens / 2;
  return ChipPhases{
      probe("prefill of " + std::to_string(static_cast<int>(chunk)) + " tokens a rank",
            {dense_kernels(m, chunk), expert_kernels(m, chunk, chunk * dp),
             prefill_attention_kernels(m, chunk, 0)},
            pool->hardware),
      probe("decode of " + std::to_string(static_cast<int>(sequences)) + " sequences a rank",
            {dense_kernels(m, sequences), expert_kernels(m, sequences, sequences * dp),
             head_kernels(m, sequences),
             decode_attention_kernels(m, sequences, sequences * context, 1)},
            pool->hardware)};
}

}  // namespace jevons
