#include "studies/years_study.h"

#include <algorithm>

#include "scenarios/profiles.h"
#include "studies/years_pictures.h"
#include "studies/years_rates.h"

namespace jevons {
namespace {

constexpr std::size_t assumed_least_base = 128;
constexpr std::size_t most_lever_samples = 200;

// Boards by what the energy of their chip's kernels rests on; hosts and cooling are assumptions.
std::vector<std::pair<std::string, double>> sources_of(const YearsScenario& scenario,
                                                       const YearsResult& run) {
  std::vector<std::pair<std::string, double>> sources;
  sources.reserve(enum_names<ProfileSource>.size() + 2);
  for (const auto& entry : enum_names<ProfileSource>)
    sources.emplace_back("boards, " + std::string{entry.name}, 0);
  const double all = run.total.total_twh();
  for (std::size_t c = 0; c < run.boards_twh.size(); ++c) {
    const HardwareProfile profile = profile_for(scenario.world.chips[c].chip);
    const std::string_view name = name_of(profile.energy.source);
    for (auto& [label, share] : sources)
      if (label == "boards, " + std::string{name}) share += run.boards_twh[c] / all;
  }
  std::erase_if(sources, [](const auto& s) { return s.second <= 0; });
  sources.emplace_back("hosts, assumed", run.total.host_twh / all);
  sources.emplace_back("cooling, assumed PUE", run.total.cooling_twh / all);
  return sources;
}

IndexTable index_table(const YearsBench& bench) {
  IndexTable table;
  for (const auto& [name, input] : bench.scenario->uncertain) table.inputs.push_back(name);
  const auto worlds = static_cast<std::size_t>(bench.scenario->samples);
  const std::size_t base = std::max(assumed_least_base, worlds / (table.inputs.size() + 2));
  const auto found =
      sobol_indices(table.inputs, base, bench.scenario->seed, [&bench](std::span<const double> u) {
        const YearsSetup setup = bench.drawn_at(u);
        const double c = simulate_years(setup, {.keep_ticks = false}).total.total_twh();
        if (!bench.has_arms()) return std::vector<double>{c};
        const double a = simulate_years(setup, {.has_innovations = false, .keep_ticks = false})
                             .total.total_twh();
        return std::vector<double>{c, c - a};
      });
  table.energy = found[0];
  if (found.size() > 1) table.change = found[1];
  return table;
}

Rebound arms_of(const YearsBench& bench) {
  if (bench.has_arms()) return rebound(bench.medians(), true);
  Rebound only;
  only.c = simulate_years(bench.medians());
  return only;
}

void append(std::string& page, const std::string& section) {
  if (!section.empty()) page += "\n" + section;
}

}  // namespace

YearsStudy study_years(const YearsScenario& scenario, const std::function<void(double)>& progress) {
  const YearsBench bench{&scenario, years_rates(scenario.world)};
  progress(0.1);
  YearsStudy study;
  study.medians = arms_of(bench);
  study.sources = sources_of(scenario, study.medians.c);
  const bool is_ranged = !scenario.uncertain.empty() && scenario.samples > 0;
  if (is_ranged) {
    study.worlds = sampled_worlds(bench, static_cast<std::size_t>(scenario.samples),
                                  [&](double share) { progress(0.1 + 0.5 * share); });
    if (bench.has_arms()) study.turns = turns(bench);
    if (scenario.detail) study.indices = index_table(bench);
  }
  progress(0.7);
  if (scenario.ranks_levers) {
    const auto samples = is_ranged ? static_cast<std::size_t>(scenario.samples) : 0;
    study.levers = lever_effects(bench, std::min(samples, most_lever_samples),
                                 [&](double share) { progress(0.7 + 0.25 * share); });
  }
  if (scenario.draws_maps && bench.has_arms())
    study.maps = {map_of_gain(bench), map_of_energy_share(bench)};
  return study;
}

Answer years_answer(const YearsScenario& scenario, RunContext& context) {
  const YearsStudy study = study_years(scenario, context.progress);
  if (context.out != nullptr) {
    write_years_tables(*context.out, scenario, study.medians);
    write_years_pictures(*context.out, scenario, study);
  }
  std::string page = years_text(scenario, study.medians);
  if (scenario.detail) {
    append(page, regions_text(scenario, study));
    append(page, lead_text(scenario, study));
    append(page, growth_text(study));
    append(page, indices_text(study));
    append(page, turns_text(study));
  }
  append(page, maps_text(study));
  append(page, levers_text(scenario, study));
  append(page, fans_text(scenario, study));
  append(page, sources_text(study));
  append(page, years_sentence(scenario, study.medians));
  append(page, verdict_text(scenario, study));
  JsonValue summary = years_summary(scenario, study.medians);
  add_study(scenario, study, std::get<JsonValue::Object>(summary.data));
  return {std::move(page), std::move(summary)};
}

}  // namespace jevons
