// What must hold between the values of a serving scenario, each said at its place.
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "models/jobs/inference/serving.h"
#include "scenarios/page.h"
#include "scenarios/part_laws.h"
#include "scenarios/serve_build.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

struct Law {
  const JsonDocument& document;
  Mistakes& broken;
  std::string pointer;

  void hold(bool law, std::string_view key, std::string expected, std::string got,
            std::string hint = "") {
    if (!law)
      broken.add(mistake_at(document, pointer + std::string{key}, std::move(expected),
                            std::move(got), std::move(hint)));
  }
};

bool divides(int part, int whole) {
  return whole % part == 0;
}

bool can_split(const ModelCard& card, const Parallelism& p) {
  const int experts = card.moe ? card.moe->experts : 1;
  return divides(p.tp, card.attention.heads) && p.pp <= card.layers && divides(p.ep, p.tp * p.dp) &&
         divides(p.ep, experts) && (card.moe || p.dp == 1);
}

void parallelism_laws(const ModelCard& card, const Parallelism& p, Law law) {
  const auto text = [](int n) { return std::to_string(n); };
  law.hold(divides(p.tp, card.attention.heads), "/tp",
           "a divisor of the " + text(card.attention.heads) + " attention heads", text(p.tp));
  law.hold(p.pp <= card.layers, "/pp",
           "at most one stage for each of the " + text(card.layers) + " layers", text(p.pp));
  if (!card.moe) {
    law.hold(p.ep == 1, "/ep", "1, for a model without experts", text(p.ep));
    law.hold(p.dp == 1, "/dp", "1, for a model without experts", text(p.dp),
             "copies of a whole model are replicas");
    return;
  }
  law.hold(divides(p.ep, p.tp * p.dp), "/ep", "a divisor of tp x dp = " + text(p.tp * p.dp),
           text(p.ep));
  law.hold(divides(p.ep, card.moe->experts), "/ep",
           "a divisor of the " + text(card.moe->experts) + " experts", text(p.ep));
}

// A model fits only if it has room to serve: this many tokens a rank.
constexpr std::int64_t least_room_tokens = 8192;

std::int64_t room_tokens(const PoolConfig& pool) {
  return kv_capacity(pool).blocks * pool.engine.block_tokens;
}

// Every spread over powers of two, up to 512 GPUs.
std::vector<Parallelism> spreads(const ModelCard& card, int gpus_per_node) {
  constexpr int most_gpus = 512, most_stages = 16;
  std::vector<Parallelism> all;
  for (int tp = 1; tp <= gpus_per_node; tp *= 2)
    for (int pp = 1; pp <= most_stages; pp *= 2)
      for (int dp = 1; tp * pp * dp <= most_gpus; dp *= 2)
        for (int ep = 1; ep <= tp * dp; ep *= 2) {
          const Parallelism p{tp, pp, dp, ep, gpus_per_node};
          if (can_split(card, p)) all.push_back(p);
        }
  return all;
}

// The fewest GPUs that hold the model; among equals the one with the fewest
// stages and then with the tp nearest to what was written.
std::optional<Parallelism> smallest_that_fits(PoolConfig pool) {
  const Parallelism written = pool.model.parallelism;
  const auto rank = [&written](const Parallelism& p) {
    return std::tuple{p.gpus(), p.pp, std::abs(p.tp - written.tp), -p.ep};
  };
  std::vector<Parallelism> all = spreads(pool.model.card, written.gpus_per_node);
  std::sort(all.begin(), all.end(),
            [&rank](const Parallelism& a, const Parallelism& b) { return rank(a) < rank(b); });
  const auto found = std::find_if(all.begin(), all.end(), [&pool](const Parallelism& p) {
    pool.model.parallelism = p;
    return room_tokens(pool) >= least_room_tokens;
  });
  return found == all.end() ? std::nullopt : std::optional{*found};
}

std::string gb(Bytes bytes) {
  return figure(bytes.in(unit::GB)) + " GB";
}

void fit_law(const PoolConfig& pool, Law law) {
  const KvCapacity capacity = kv_capacity(pool);
  if (capacity.blocks > 0) return;
  const auto smallest = smallest_that_fits(pool);
  std::string hint = "no spread over up to 512 GPUs holds it";
  if (smallest) {
    const Parallelism& p = *smallest;
    hint = "the smallest spread that fits is tp " + std::to_string(p.tp) + ", pp " +
           std::to_string(p.pp) + ", dp " + std::to_string(p.dp) + ", ep " + std::to_string(p.ep);
  }
  law.hold(false, "/parallelism",
           "GPUs enough for weights, workspace and KV cache within " +
               percent(pool.engine.memory_utilization) + " of " + gb(pool.gpu_memory) + " each",
           gb(capacity.weights_per_gpu) + " of weights and " + gb(capacity.workspace_per_gpu) +
               " of workspace on each of " + std::to_string(pool.model.parallelism.gpus()) + ", " +
               gb(capacity.missing) + " too much",
           hint);
}

void workload_laws(const ServeScenario& scenario, const GeneratedWorkload& workload, Law law) {
  const auto* loop = std::get_if<ClosedLoop>(&workload.arrivals);
  law.hold(workload.requests || workload.duration, "", "an end: requests or duration", "neither");
  law.hold(loop == nullptr || workload.requests, "/requests",
           "a number, where the loop is closed: without arrival times nothing else ends it",
           "none");
  if (const auto* steps = std::get_if<StepArrivals>(&workload.arrivals)) {
    const auto& list = steps->steps;
    law.hold(std::is_sorted(list.begin(), list.end(),
                            [](const RateStep& a, const RateStep& b) { return a.at <= b.at; }),
             "/arrivals/steps", "times that rise", "times that do not");
    law.hold(!list.empty(), "/arrivals/steps", "at least one step", "none");
  }
  if (const auto* fixed = std::get_if<FixedLengths>(&workload.lengths))
    law.hold(fixed->prompt + fixed->output <= scenario.model.max_context, "/lengths",
             "prompt and output within the " + grouped(scenario.model.max_context) +
                 " tokens of the model's context",
             grouped(fixed->prompt + fixed->output));
}

void window_laws(const ServeScenario& scenario, Law law) {
  const MeasureWindow& m = scenario.measure;
  law.hold(!m.end || *m.end > m.begin, "/measure/end",
           "a time after the begin, " + print_span(m.begin), m.end ? print_span(*m.end) : "");
  law.hold(!scenario.stop_at || *scenario.stop_at > m.begin, "/stop_at",
           "a time after measuring begins, " + print_span(m.begin),
           scenario.stop_at ? print_span(*scenario.stop_at) : "");
}

}  // namespace

Mistakes laws(const ServeScenario& scenario, const JsonDocument& document) {
  Mistakes broken = laws(scenario.model, document, "/model");
  broken.add(laws_to_simulate(scenario.chip, document, "/chip"));
  for (const NamedPool& pool : pools_of(scenario)) {
    const std::string pointer{pool.pointer};
    const PoolSettings& settings = *pool.settings;
    if (settings.chip) broken.add(laws_to_simulate(*settings.chip, document, pointer + "/chip"));
    parallelism_laws(scenario.model, settings.parallelism,
                     {document, broken, pointer + "/parallelism"});
  }
  if (const auto* all = std::get_if<ColocatedFleet>(&scenario.fleet); all && all->autoscaling)
    Law{document, broken, "/fleet"}.hold(
        all->autoscaling->min_replicas <= all->pool.replicas, "/autoscaling/min_replicas",
        "at most the " + grouped(all->pool.replicas) + " replicas of the fleet",
        grouped(all->autoscaling->min_replicas));
  if (const auto* generated = std::get_if<GeneratedWorkload>(&scenario.workload))
    workload_laws(scenario, *generated, {document, broken, "/workload"});
  window_laws(scenario, {document, broken, ""});
  // Memory is counted only where all that it depends on is sound.
  if (broken.empty())
    for (const NamedPool& pool : pools_of(scenario))
      fit_law(without_hardware(scenario, pool), {document, broken, std::string{pool.pointer}});
  return broken;
}

}  // namespace jevons
