#pragma once
// What a study of years says beside its arms, as text and as JSON.
#include <string>

#include "studies/years_levers.h"
#include "studies/years_samples.h"
#include "studies/years_turns.h"

namespace jevons {

struct IndexTable {
  std::vector<std::string> inputs;
  std::vector<SobolIndex> energy, change;  // of C, and of C - A
};

// All that a study found; what was not asked for is empty.
struct YearsStudy {
  Rebound medians;
  std::vector<SampledWorld> worlds;
  std::vector<Turn> turns;
  IndexTable indices;
  std::vector<LeverEffect> levers;
  std::vector<ReboundMap> maps;
  // Shares of the joules of arm C by what they rest on.
  std::vector<std::pair<std::string, double>> sources;
};

std::string fans_text(const YearsScenario& scenario, const YearsStudy& study);
std::string turns_text(const YearsStudy& study);
std::string indices_text(const YearsStudy& study);
std::string regions_text(const YearsScenario& scenario, const YearsStudy& study);
std::string lead_text(const YearsScenario& scenario, const YearsStudy& study);
std::string growth_text(const YearsStudy& study);
std::string levers_text(const YearsScenario& scenario, const YearsStudy& study);
std::string maps_text(const YearsStudy& study);
std::string sources_text(const YearsStudy& study);

// A few sentences that say the result with its range and what would turn it.
std::string verdict_text(const YearsScenario& scenario, const YearsStudy& study);

// The same as members of summary.json.
void add_study(const YearsScenario& scenario, const YearsStudy& study, JsonValue::Object& summary);

}  // namespace jevons
