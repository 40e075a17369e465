#include "scenarios/train_explain.h"

#include <algorithm>
#include <array>

#include "models/jobs/training/layer_pass.h"
#include "scenarios/json_members.h"
#include "scenarios/page.h"
#include "scenarios/train_answer.h"

namespace jevons {
namespace {

constexpr std::array passes{"forward", "backward", "weight gradients", "recomputation"};

class KernelSums {
 public:
  KernelSums(const TrainingSetup& setup, std::vector<StepKernel>& list)
      : setup_{setup}, list_{list} {}

  // `times`: how often a GPU of a mean stage does this list in a step.
  void add(const TrainingKernels& kernels, const std::string& pass, double times) {
    for (const TrainingKernel& k : kernels) {
      StepKernel& sum = of(std::string{name_of(kind_of(k.kernel))} + " " +
                               std::string{name_of(precision_of(k.kernel))},
                           pass);
      const double seconds = kernel_time(setup_.hardware->time, k.kernel).seconds;
      sum.seconds += times * k.count * k.slow_down * seconds;
      sum.joules += times * k.count * dynamic_joules(setup_.hardware->energy, k.kernel).total();
    }
  }

 private:
  StepKernel& of(std::string name, const std::string& pass) {
    for (StepKernel& k : list_)
      if (k.name == name && k.pass == pass) return k;
    return list_.emplace_back(StepKernel{.name = std::move(name), .pass = pass});
  }
  const TrainingSetup& setup_;
  std::vector<StepKernel>& list_;
};

// Layers of each part in the model.
double count_of(const TrainingSetup& s, LayerPart part) {
  const int moe = moe_layers(s.model);
  if (part == LayerPart::moe_layer) return moe;
  return part == LayerPart::dense_layer ? s.model.layers - moe : 1;
}

}  // namespace

std::vector<StepKernel> step_kernels(const TrainingSetup& s) {
  std::vector<StepKernel> list;
  KernelSums sums{s, list};
  for (std::size_t p = 0; p < layer_part_count; ++p) {
    const auto part = static_cast<LayerPart>(p);
    const double times = count_of(s, part) * s.micro_batches() / s.layout.pp;
    if (times == 0) continue;
    const LayerKernels kernels = layer_kernels(s, part);
    sums.add(kernels.forward, passes[0], times);
    sums.add(kernels.backward, passes[1], times);
    sums.add(kernels.weight, passes[2], times);
    sums.add(kernels.recompute, passes[3], times);
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const StepKernel& a, const StepKernel& b) { return a.seconds > b.seconds; });
  return list;
}

Answer explain(const TrainScenario& scenario, RunContext& context) {
  const TrainOutcome outcome = train(scenario, context);
  const std::vector<StepKernel> kernels = step_kernels(outcome.setup);
  double seconds = 0;
  double joules = 0;
  for (const StepKernel& k : kernels) {
    seconds += k.seconds;
    joules += k.joules;
  }
  TextTable table{{{"  kernel", "pass", "s", "of time", "J", "of energy"}}};
  JsonValue::List rows;
  for (const StepKernel& k : kernels) {
    table.rows.push_back({"  " + k.name, k.pass, figure(k.seconds), percent(k.seconds / seconds),
                          figure(k.joules), percent(k.joules / joules)});
    Members row;
    row.add("name", std::string_view{k.name});
    row.add("pass", std::string_view{k.pass});
    row.add("time_s", k.seconds);
    row.add("dynamic_j", k.joules);
    rows.push_back({row.take(), {}});
  }
  Answer answer;
  answer.text = (scenario.title.empty() ? scenario.model.name : scenario.title) +
                "\n\nkernels of one step on a GPU of the mean pipeline stage: " + figure(seconds) +
                " s of a step of " + figure(outcome.step.seconds) + " s\n" + table.to_text(0) +
                "\n  The rest of the step is communication, bubble, optimizer and what software "
                "adds; `jevons run` shows it.\n"
                "  J are those of the work; static power is drawn all the time, whatever runs.\n";
  Members out;
  out.add("step_s", outcome.step.seconds);
  out.add("kernels_s", seconds);
  out.add("dynamic_j", joules);
  out.put("kernels", std::move(rows));
  answer.summary = {out.take(), {}};
  return answer;
}

}  // namespace jevons
