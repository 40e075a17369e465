#include "scenarios/train_twin.h"

#include <array>
#include <vector>

#include "models/jobs/training/stage.h"
#include "models/llm/capability.h"
#include "models/llm/captured_kernels.h"
#include "scenarios/json_members.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "scenarios/train_build.h"
#include "scenarios/train_plan.h"

namespace jevons {
namespace {

// Where both are trained, to compare them: large enough for the largest models.
constexpr int assumed_gpus = 1024;
constexpr int assumed_batch = 2048, assumed_sequence = 4096;
constexpr std::array exponents{assumed_sparsity_exponent_low, assumed_sparsity_exponent,
                               assumed_sparsity_exponent_high};

struct Trained {
  std::string what;
  double exponent = 0;  // 0: the model itself
  ModelCard card;
  double flop_per_token = 0;  // of training
  double step_s = 0, gpu_j_per_token = 0;
};

void measure(Trained& t, const ChipSpec& chip, const HardwareProfile& hardware) {
  TrainScenario scenario;
  scenario.model = t.card;
  scenario.chip = chip;
  scenario.cluster.gpus = assumed_gpus;
  scenario.global_batch = assumed_batch;
  scenario.sequence = assumed_sequence;
  TrainingSetup setup = setup_without_hardware(scenario);
  setup.hardware = &hardware;
  const StepResult step = best_plans(scenario, setup, PlanGoal::fastest).best.front().step;
  t.step_s = step.seconds;
  t.gpu_j_per_token = step.joules_per_gpu * assumed_gpus / step.tokens;
}

std::vector<Trained> models_of(const ModelCard& card) {
  std::vector<Trained> all{{.what = card.name, .card = card}};
  for (const double exponent : exponents)
    all.push_back({.what = "dense, exponent " + figure(exponent),
                   .exponent = exponent,
                   .card = dense_twin(card, effective_parameters(card, exponent))});
  for (Trained& t : all) t.flop_per_token = 3 * forward_flop_per_token(t.card, assumed_sequence);
  return all;
}

JsonValue::Object members_of(const Trained& t, const Trained& own, bool has_chip) {
  Members out;
  out.add("name", std::string_view{t.what});
  if (t.exponent > 0) out.add("sparsity_exponent", t.exponent);
  out.add("parameters", parameters(t.card).total());
  out.add("active_parameters", active_parameters(t.card));
  out.add("layers", t.card.layers);
  out.add("hidden", t.card.hidden);
  out.add("training_flop_per_token", t.flop_per_token);
  out.add("flop_gain", t.flop_per_token / own.flop_per_token);
  if (!has_chip) return out.take();
  out.add("step_s", t.step_s);
  out.add("time_gain", t.step_s / own.step_s);
  out.add("gpu_j_per_token", t.gpu_j_per_token);
  out.add("energy_gain", t.gpu_j_per_token / own.gpu_j_per_token);
  return out.take();
}

std::string page_of(const std::vector<Trained>& all, const std::optional<ChipSpec>& chip) {
  TextTable table{{{"", "billion parameters", "active", "GFLOP/token to train", "gain"}}};
  if (chip)
    for (const char* column : {"step s", "gain", "J/token", "gain"})
      table.rows.front().emplace_back(column);
  const Trained& own = all.front();
  for (const Trained& t : all) {
    std::vector<std::string> row{
        t.what, figure(parameters(t.card).total() * 1e-9), figure(active_parameters(t.card) * 1e-9),
        figure(t.flop_per_token * 1e-9), figure(t.flop_per_token / own.flop_per_token)};
    if (chip)
      for (const double value : {t.step_s, t.step_s / own.step_s, t.gpu_j_per_token,
                                 t.gpu_j_per_token / own.gpu_j_per_token})
        row.push_back(figure(value));
    table.rows.push_back(std::move(row));
  }
  std::string text = own.what + " and dense models of equal capability at equal tokens\n\n" +
                     table.to_text(2) +
                     "\n  Gain: what the dense model takes, over what this one takes.\n"
                     "  Nobody has measured the sparsity exponent; its range is assumed.\n";
  if (chip)
    text += "  Steps of " + grouped(assumed_batch) + " sequences of " + grouped(assumed_sequence) +
            " tokens on " + grouped(assumed_gpus) + " " + chip->name +
            " in bf16, each in its best layout; joules are those of the GPUs.\n";
  return text;
}

}  // namespace

Answer twin(const ModelCard& card, const std::optional<ChipSpec>& chip) {
  std::vector<Trained> all = models_of(card);
  if (chip) {
    HardwareProfile hardware = profile_for(*chip);
    hardware.time = captured(std::move(hardware.time));
    for (Trained& t : all) measure(t, *chip, hardware);
  }
  JsonValue::List list;
  for (const Trained& t : all) list.push_back({members_of(t, all.front(), chip.has_value()), {}});
  return {page_of(all, chip), {JsonValue::Object{{"models", {std::move(list), {}}, {}}}, {}}};
}

}  // namespace jevons
