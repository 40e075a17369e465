// What must hold between the values of a training scenario, each said at its place.
#include <cmath>
#include <string>
#include <vector>

#include "models/jobs/training/memory.h"
#include "models/jobs/training/setup_laws.h"
#include "scenarios/page.h"
#include "scenarios/part_laws.h"
#include "scenarios/train_build.h"
#include "scenarios/train_text.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

class Laws {
 public:
  Laws(const TrainScenario& scenario, const JsonDocument& document)
      : scenario_{scenario}, document_{document} {}

  Mistakes check() {
    parts();
    if (!broken_.empty()) return std::move(broken_);
    goal();
    planned_stops();
    const auto* stated = std::get_if<StatedParallelism>(&scenario_.parallelism);
    if (stated != nullptr) gpus(*stated);
    if (!broken_.empty()) return std::move(broken_);
    setup(stated != nullptr);
    return std::move(broken_);
  }

 private:
  void refuse(std::string_view pointer, std::string expected, std::string got,
              std::string hint = "") {
    broken_.add(
        mistake_at(document_, pointer, std::move(expected), std::move(got), std::move(hint)));
  }
  void parts();
  void goal();
  void planned_stops();
  void gpus(const StatedParallelism& p);
  void setup(bool is_stated);
  void fit(const TrainingSetup& setup);

  const TrainScenario& scenario_;
  const JsonDocument& document_;
  Mistakes broken_{};
};

void Laws::parts() {
  broken_.add(laws(scenario_.model, document_, "/model"));
  broken_.add(laws_to_simulate(scenario_.chip, document_, "/chip"));
  if (scenario_.cluster.fabric) {
    if (scenario_.cluster.fabric->tiers.empty())
      refuse("/cluster/fabric/tiers", "at least one tier", "none");
  } else if (!scenario_.chip.link_bandwidth) {
    refuse("/chip/link_bandwidth", "the rate of the scale-up link", "unknown",
           R"(state what you assume, such as "64 GB/s", or give /cluster/fabric)");
  }
}

void Laws::goal() {
  const auto* goal = std::get_if<LossGoal>(&scenario_.goal);
  if (goal == nullptr || wanted_tokens(scenario_)) return;
  const ScalingLaw& law = law_of(scenario_.capability);
  const double parameters =
      effective_parameters(scenario_.model, scenario_.capability.sparsity_exponent);
  const double least = law.E + law.A / std::pow(parameters, law.alpha);
  refuse("/goal/loss",
         "more than " + figure(least) + ", which no number of tokens takes this model below",
         figure(goal->loss), "a larger model reaches less");
}

void Laws::planned_stops() {
  const auto& stops = scenario_.job.planned_stops;
  if (!stops || stops->takes < stops->every) return;
  refuse("/job/planned_stops/takes", "less than the time between two stops, " + print(stops->every),
         print(stops->takes), "the nearest is " + print(0.5 * stops->every) + " or less");
}

void Laws::gpus(const StatedParallelism& p) {
  const std::int64_t gpus = scenario_.cluster.gpus;
  const std::int64_t others = std::int64_t{p.tp} * p.pp * p.cp;
  if (gpus % others != 0) {
    const std::int64_t nearest = std::max<std::int64_t>(1, (gpus + others / 2) / others) * others;
    return refuse("/cluster/gpus", "a multiple of tp x pp x cp = " + grouped(others), grouped(gpus),
                  "the nearest is " + grouped(nearest));
  }
  if (p.dp && *p.dp * others != gpus)
    refuse("/parallelism/dp",
           grouped(gpus / others) + ", so that tp x pp x cp x dp are the " + grouped(gpus) +
               " GPUs of the cluster",
           grouped(*p.dp), "leave it out");
  const std::int64_t at_once = p.micro_batch * gpus / others;
  if (at_once > scenario_.global_batch)
    refuse("/global_batch", "at least a micro-batch for each DP rank (" + grouped(at_once) + ")",
           grouped(scenario_.global_batch), "the nearest is " + grouped(at_once));
}

// Where a field of the setup stands in the scenario.
std::string pointer_of(std::string_view field) {
  constexpr std::string_view layout = "layout.";
  if (field.starts_with(layout)) return "/parallelism/" + std::string{field.substr(layout.size())};
  if (field == "micro_batch" || field == "last_stage_fewer")
    return "/parallelism/" + std::string{field};
  return "/" + std::string{field};
}

std::string value_text(const SetupMistake& m, double value) {
  if (m.field == "precision")
    return std::string{name_of(static_cast<Precision>(static_cast<int>(value)))};
  return grouped(std::llround(value));
}

void Laws::setup(bool is_stated) {
  const TrainingSetup setup = setup_without_hardware(scenario_);
  for (const SetupMistake& m : setup_mistakes(setup))
    refuse(pointer_of(m.field),
           std::string{m.expected} + (m.of > 0 ? " (" + grouped(std::llround(m.of)) + ")" : ""),
           value_text(m, m.got), "the nearest is " + value_text(m, m.nearest));
  if (broken_.empty() && is_stated) fit(setup);
}

void Laws::fit(const TrainingSetup& setup) {
  const double missing = missing_bytes(setup);
  if (missing == 0) return;
  const auto gb = [](double bytes) { return figure(bytes * 1e-9) + " GB"; };
  const TrainingMemory memory = training_memory(setup);
  const NearestFit nearest = nearest_that_fits(setup);
  refuse("/parallelism",
         "a spread with at most " + gb(usable_bytes(scenario_.chip)) + " on the fullest GPU",
         gb(memory.total()) + ", of which weights, gradients and optimizer " +
             gb(memory.weights + memory.gradients + memory.optimizer) + " and activations " +
             gb(memory.activations) + ": " + gb(missing) + " too much",
         nearest.found
             ? "the nearest that fits is " + layout_text(nearest.setup)
             : R"(nothing near it fits; try more GPUs or "parallelism": {"kind": "best"})");
}

}  // namespace

Mistakes laws(const TrainScenario& scenario, const JsonDocument& document) {
  return Laws{scenario, document}.check();
}

}  // namespace jevons
