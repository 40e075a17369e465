// What must hold between the values of a post-training scenario, each said at its place.
#include "models/jobs/rl/rl_laws.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/jobs/training/memory.h"
#include "models/jobs/training/setup_laws.h"
#include "scenarios/page.h"
#include "scenarios/part_laws.h"
#include "scenarios/rl_build.h"
#include "scenarios/serve_build.h"

namespace jevons {
namespace {

std::string gb(double bytes) {
  return figure(bytes * 1e-9) + " GB";
}

class RlLaws {
 public:
  RlLaws(const RlScenario& scenario, const JsonDocument& document)
      : scenario_{scenario}, document_{document} {}

  Mistakes check() {
    divisors();
    if (!broken_.empty()) return std::move(broken_);
    add(laws(trainer_of(scenario_), document_));
    add(laws(fleet_of(scenario_), document_));
    others("/critic", scenario_.critic);
    others("/reward_model", scenario_.reward_model);
    if (!broken_.empty()) return std::move(broken_);
    lengths();
    together();
    if (broken_.empty()) memory();
    return std::move(broken_);
  }

 private:
  void refuse(const std::string& pointer, std::string expected, std::string got,
              std::string hint = "") {
    broken_.add(
        mistake_at(document_, pointer, std::move(expected), std::move(got), std::move(hint)));
  }
  // Trainer and fleet share model and chip, whose mistakes are told once.
  void add(const Mistakes& mistakes) {
    for (const Mistake& m : mistakes.list()) {
      const std::span<const Mistake> known = broken_.list();
      if (std::find(known.begin(), known.end(), m) == known.end()) broken_.add(m);
    }
  }
  // Products of ways must stay small enough to reckon with.
  void divisors() {
    const StatedParallelism& p = scenario_.parallelism;
    const double all = 1.0 * p.tp * p.pp * p.cp;
    if (all > scenario_.cluster.gpus)
      refuse(
          "/parallelism",
          "tp x pp x cp of at most the " + grouped(scenario_.cluster.gpus) + " GPUs of the trainer",
          figure(all));
  }
  void others(const std::string& pointer, const std::optional<ModelCard>& card);
  void lengths();
  void together();
  void memory();

  const RlScenario& scenario_;
  const JsonDocument& document_;
  Mistakes broken_{};
};

void RlLaws::others(const std::string& pointer, const std::optional<ModelCard>& card) {
  if (!card) return;
  add(laws(*card, document_, pointer));
  if (!broken_.empty()) return;
  TrainingSetup setup = rl_setup_without_hardware(scenario_).policy;
  setup.model = *card;
  for (const SetupMistake& m : setup_mistakes(setup))
    refuse(pointer, "a model that the trainer's parallelism divides: " + std::string{m.expected},
           std::string{m.field} + " " + grouped(std::llround(m.got)),
           "the nearest is " + grouped(std::llround(m.nearest)));
}

void RlLaws::lengths() {
  const SampleLengths& l = scenario_.lengths;
  const auto shorter = [&](const char* key, double mean) {
    if (mean >= l.longest)
      refuse(std::string{"/lengths/"} + key,
             "a mean below the longest answer, " + grouped(l.longest) + " tokens", figure(mean));
  };
  shorter("mean", l.mean);
  if (l.mean_end != l.mean) shorter("mean_end", l.mean_end);
  const std::int64_t all = std::int64_t{l.prompt} + l.longest;
  if (all > scenario_.model.max_context)
    refuse("/lengths/longest",
           "prompt and longest answer within the " + grouped(scenario_.model.max_context) +
               " tokens of the model's context",
           grouped(all));
  const KvCapacity kv = kv_capacity(rl_setup_without_hardware(scenario_).fleet.pools.front());
  const std::int64_t room = kv.blocks * scenario_.fleet.engine.block_tokens;
  if (all > room)
    refuse("/fleet",
           "room for the longest sample, " + grouped(all) + " tokens, in a rank's KV cache",
           grouped(room), "spread the engine over more GPUs or shorten the answers");
}

void RlLaws::together() {
  const RlOptions& o = scenario_.options;
  const int trainer = scenario_.cluster.gpus;
  const int engines = scenario_.fleet.replicas * scenario_.fleet.parallelism.gpus();
  if (o.placement == RlPlacement::colocated && engines != trainer) {
    const int of_one = scenario_.fleet.parallelism.gpus();
    refuse(
        "/fleet/replicas",
        "engines on as many GPUs as the trainer has, " + grouped(trainer) + ", for they share them",
        grouped(scenario_.fleet.replicas) + " x " + grouped(of_one) + " = " + grouped(engines),
        trainer % of_one == 0 ? "write " + grouped(trainer / of_one)
                              : R"(or "placement": "separate")");
  }
  if (o.placement == RlPlacement::colocated && scenario_.fleet.chip)
    refuse("/fleet/chip", "none where engines share the trainer's GPUs", scenario_.fleet.chip->name,
           R"(or "placement": "separate")");
  if (o.placement == RlPlacement::colocated && o.pace == RlPace::one_step_off)
    refuse("/options/pace", "on_policy where engines share the trainer's GPUs", "one_step_off",
           R"(or "placement": "separate")");
  const std::int64_t samples = std::int64_t{o.prompts} * o.samples;
  if (o.updates > samples)
    refuse("/options/updates", "at most the " + grouped(samples) + " samples of a step",
           grouped(o.updates));
  if (o.algorithm == RlAlgorithm::grpo && o.samples < 2)
    refuse("/options/samples", "at least 2, for grpo compares the samples of a prompt",
           grouped(o.samples));
  if (o.algorithm == RlAlgorithm::grpo && scenario_.critic)
    refuse("/critic", "none, for grpo has no critic", scenario_.critic->name,
           R"(or "algorithm": "ppo")");
}

void RlLaws::memory() {
  const RlMemory held = rl_memory(rl_setup_without_hardware(scenario_));
  const double usable = usable_bytes(scenario_.chip);
  if (held.total() <= usable) return;
  std::string parts = gb(held.policy) + " of the policy";
  const auto part = [&parts](double bytes, const char* whose) {
    if (bytes > 0) parts += ", " + gb(bytes) + " of " + whose;
  };
  part(held.reference, "the reference");
  part(held.critic, "the critic");
  part(held.reward, "the reward model");
  refuse("/parallelism", "models within the " + gb(usable) + " that a GPU of the trainer can use",
         gb(held.total()) + ": " + parts + ", " + gb(held.total() - usable) + " too much",
         "more stages or GPUs, sharding parameters, or recompute full");
}

}  // namespace

Mistakes laws(const RlScenario& scenario, const JsonDocument& document) {
  return RlLaws{scenario, document}.check();
}

}  // namespace jevons
