#include "studies/validate_training.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "models/jobs/training/plan.h"
#include "models/jobs/training/stage.h"
#include "models/jobs/training/step.h"
#include "models/llm/captured_kernels.h"
#include "scenarios/profiles.h"
#include "studies/stack_fit.h"

namespace jevons {

namespace {

constexpr std::string_view megatron_table = "Megatron H100";

// Chosen by leaving out each row of the fitted half in turn.
constexpr int bridge_pooled_rows = 4;

StackFreedom freedom_of(const std::string& table) {
  if (table == "Megatron-Bridge")
    return {.expert_slowdown = true, .host_per_kernel = true, .pooled_rows = bridge_pooled_rows};
  if (table == "llm-foundry") return {.attention_slowdown = true, .host_per_kernel = true};
  if (table == "iteration times on 2-8 A100")
    return {.host_per_kernel = true, .host_per_step = true};
  return {};
}

using Steps = std::vector<const MeasuredStep*>;

// A fixed half: neighbours in a table are alike, so the half is drawn by a hash of the row's name
// (FNV-1a).
bool is_for_fit(const MeasuredStep& row) {
  std::uint32_t hash = 2166136261U;
  for (const char c : row.id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return ((hash >> 16) & 1U) == 0;
}

// Utilisation as llm-foundry counts it: masked pairs too, of the peak of the products' format.
double mfu_percent(const TrainingSetup& s, const StepResult& step) {
  const double flop = 3 * step.tokens * unmasked_flop_per_token(s.model, s.sequence);
  const double peak = peak_rate(s.chip, s.precision)->in(unit::flop / unit::s);
  return 100 * flop / (step.seconds * s.layout.gpus() * peak);
}

void compare(ErrorTables& errors, const std::string& table, const Steps& rows,
             const StackFit* fit) {
  for (const MeasuredStep* row : rows) {
    TrainingSetup setup = row->setup;
    if (fit != nullptr) fit->apply(row->stack, setup);
    const StepResult step = training_step(setup);
    const auto add = [&](std::string_view metric, double predicted, double measured) {
      errors.add(table, setup.chip.id, metric, predicted, measured, [row] { return row->id; });
    };
    add("steps per second", 1 / step.seconds, 1 / row->seconds);
    if (row->tflops) add("TFLOP/s per GPU", step.tflops_per_gpu, *row->tflops);
    if (row->mfu_percent) add("MFU", mfu_percent(setup, step), *row->mfu_percent);
  }
}

// Watts of an 8-GPU node beside its GPUs: idle it draws 2325 to 2915 W, of which 77 W each are the
// GPUs'. Source: power logs of MLPerf Training v4.0 (Sustainable Metal Cloud), idle phases.
constexpr double host_watts_per_gpu = (0.5 * (2325 + 2915)) / 8 - 77;

// What a metered run states, of the model's step.
std::pair<std::string_view, double> metered_figure(const MeteredRun& run, const StepResult& step) {
  constexpr double gpus_of_node = 8, joules_per_kwh = 3.6e6;
  const double joules = step.joules_per_gpu + (run.is_node ? host_watts_per_gpu * step.seconds : 0);
  const double per_token = joules * run.gpus / step.tokens;
  switch (run.figure) {
    case MeteredFigure::kilowatt_hours:
      return {"kWh", per_token * run.tokens / joules_per_kwh};
    case MeteredFigure::watts_per_node:
      return {"watts per node", gpus_of_node * joules / step.seconds};
    case MeteredFigure::joules_per_token:
      break;
  }
  return {"joules per token", per_token};
}

class Validation {
 public:
  Validation(const std::filesystem::path& published, const std::filesystem::path& profiles,
             const Catalogues& catalogues)
      : published_{published},
        catalogues_{catalogues},
        library_{profiles, catalogues},
        rows_{read_training_rows(published, catalogues)} {}

  std::vector<ErrorTable> run();

 private:
  const HardwareProfile* hardware_of(const ChipSpec& chip);
  void own_fit(const std::string& table, const Steps& steps);
  // What the stack of a table on H100 was fitted to.
  void borrow(const std::string& table, const std::string& stack, TrainingSetup& setup);
  void borrowed_fit(const std::string& table, const Steps& steps);
  void phases(const std::string& table, const TrainingSetup& setup);
  void metered();

  const std::filesystem::path& published_;
  const Catalogues& catalogues_;
  ProfileLibrary library_;
  TrainingRows rows_;
  std::map<std::string, HardwareProfile> hardware_;
  ErrorTables errors_;
  std::map<std::string, StackFit> fits_;  // by table and chip
};

const HardwareProfile* Validation::hardware_of(const ChipSpec& chip) {
  const auto known = hardware_.find(chip.id);
  if (known != hardware_.end()) return &known->second;
  HardwareProfile profile = library_.profile_for(chip);
  profile.time = captured(std::move(profile.time));
  return &hardware_.emplace(chip.id, std::move(profile)).first->second;
}

void Validation::own_fit(const std::string& table, const Steps& steps) {
  Steps fitted, tested;
  for (const MeasuredStep* row : steps) (is_for_fit(*row) ? fitted : tested).push_back(row);
  const StackFit fit{fitted, freedom_of(table)};
  compare(errors_, table + ", fitted", fitted, &fit);
  compare(errors_, table + ", tested", tested, &fit);
  fits_.emplace(table + " " + steps.front()->setup.chip.id, fit);
}

void Validation::borrow(const std::string& table, const std::string& stack, TrainingSetup& setup) {
  const auto fit = fits_.find(table + " h100-sxm");
  if (fit != fits_.end()) fit->second.apply(stack, setup);
}

// Too few rows to fit anything: what another table on the same silicon was fitted to.
void Validation::borrowed_fit(const std::string& table, const Steps& steps) {
  for (const MeasuredStep* row : steps) {
    TrainingSetup setup = row->setup;
    borrow(std::string{megatron_table}, "megatron 2024", setup);
    errors_.add(table + ", factor of " + std::string{megatron_table}, setup.chip.id,
                "steps per second", 1 / training_step(setup).seconds, 1 / row->seconds,
                [row] { return row->id; });
    if (setup.schedule == PipelineSchedule::dual_pipe) phases(table, setup);
  }
}

void Validation::phases(const std::string& table, const TrainingSetup& setup) {
  const DualPipePhases d = training_step(setup).dual_pipe;
  const std::map<std::string, double> predicted{{"1F", d.f},          {"1B", d.b},
                                                {"1W", d.w},          {"1F1B", d.fb},
                                                {"bubble", d.bubble}, {"optimizer", d.optimizer}};
  for (const MeasuredPhase& phase : read_deepseek_phases(published_))
    if (predicted.contains(phase.name))
      errors_.add(table + ", factor of " + std::string{megatron_table}, setup.chip.id,
                  "seconds of " + phase.name, predicted.at(phase.name), phase.seconds,
                  [&phase] { return phase.name; });
}

void Validation::metered() {
  for (const MeteredRun& run : read_metered_runs(published_, catalogues_)) {
    PlanQuestion question{run.setup, run.gpus, PlanGoal::fastest, 1, true};
    question.setup.hardware = hardware_of(run.setup.chip);
    borrow(run.table, run.stack, question.setup);
    const PlanAnswer plan = plan_training(question);
    if (plan.best.empty()) {
      errors_.refuse(run.name, run.setup.chip.id, "energy", "nothing fits");
      continue;
    }
    const auto& [metric, predicted] = metered_figure(run, plan.best.front().step);
    errors_.add(run.name, run.setup.chip.id, metric, predicted, run.value,
                [&run] { return run.id; });
  }
}

std::vector<ErrorTable> Validation::run() {
  std::map<std::string, std::map<std::string, Steps>> tables;  // by name and chip
  for (MeasuredStep& row : rows_.steps) {
    row.setup.hardware = hardware_of(row.setup.chip);
    tables[row.table][row.setup.chip.id].push_back(&row);
  }
  constexpr std::size_t fewest_to_fit = 4;
  for (const auto& [table, chips] : tables)
    for (const auto& [chip, steps] : chips) {
      compare(errors_, table + ", uncorrected", steps, nullptr);
      if (steps.size() >= fewest_to_fit) own_fit(table, steps);
    }
  for (const auto& [table, chips] : tables)
    for (const auto& [chip, steps] : chips)
      if (steps.size() < fewest_to_fit) borrowed_fit(table, steps);
  metered();
  for (const auto& [reason, count] : rows_.refused)
    for (int i = 0; i < count; ++i)
      errors_.refuse("Megatron-Bridge, uncorrected", "", "steps per second", reason);
  return errors_.summary();
}

}  // namespace

std::vector<ErrorTable> validate_training(const std::filesystem::path& published,
                                          const std::filesystem::path& profiles,
                                          const Catalogues& catalogues) {
  return Validation{published, profiles, catalogues}.run();
}

}  // namespace jevons
