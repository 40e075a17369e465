#include "studies/years_report.h"

#include <algorithm>
#include <cmath>

#include "models/demand/lmdi.h"
#include "scenarios/page.h"
#include "scenarios/years_words.h"
#include "studies/sampling.h"

namespace jevons {
namespace {

std::string range_text(const Spread& s) {
  return figure(s.p50) + " [" + figure(s.p5) + ", " + figure(s.p95) + "]";
}
std::string signed_range(const Spread& s) {
  return signed_figure(s.p50) + " [" + signed_figure(s.p5) + ", " + signed_figure(s.p95) + "]";
}

template <class Get>
Spread spread(const std::vector<SampledWorld>& worlds, Get&& get) {
  std::vector<double> values;
  values.reserve(worlds.size());
  for (const SampledWorld& w : worlds) values.push_back(get(w));
  return spread_of(std::move(values));
}

constexpr auto energy = Burden::energy_twh;

// Rebounds of the samples in which there is a saving to speak of.
std::vector<double> rebounds(const std::vector<SampledWorld>& worlds, Burden burden) {
  std::vector<double> values;
  for (const SampledWorld& w : worlds)
    if (const auto r = rebound_of(w.of(YearsArm::a, burden), w.of(YearsArm::spread, burden),
                                  w.of(YearsArm::c, burden)))
      values.push_back(*r);
  return values;
}

double share_that(const std::vector<SampledWorld>& worlds, bool (*holds)(const SampledWorld&)) {
  return static_cast<double>(std::count_if(worlds.begin(), worlds.end(), holds)) /
         static_cast<double>(worlds.size());
}

bool backfires(const SampledWorld& w) {
  return w.of(YearsArm::c, energy) > w.of(YearsArm::a, energy);
}

}  // namespace

namespace {

// Whole run, by burden.
std::string burdens_text(const YearsStudy& study) {
  TextTable table;
  table.rows.push_back(
      {"", "saving to B", "saving to B'", "C - A", "rebound to B'", "C uses more"});
  for (std::size_t b = 0; b < burden_count; ++b) {
    const auto burden = static_cast<Burden>(b);
    const auto less_than_a = [&](YearsArm arm) {
      return spread(study.worlds, [&](const SampledWorld& w) {
        return w.of(YearsArm::a, burden) - w.of(arm, burden);
      });
    };
    const std::vector<double> r = rebounds(study.worlds, burden);
    const Spread s = r.empty() ? Spread{} : spread_of(r);
    double more = 0;
    for (const SampledWorld& w : study.worlds)
      more += w.of(YearsArm::c, burden) > w.of(YearsArm::a, burden) ? 1 : 0;
    table.rows.push_back(
        {std::string{burden_words[b]}, range_text(less_than_a(YearsArm::b)),
         range_text(less_than_a(YearsArm::spread)),
         signed_range(spread(study.worlds,
                             [&](const SampledWorld& w) {
                               return w.of(YearsArm::c, burden) - w.of(YearsArm::a, burden);
                             })),
         r.empty() ? "-" : percent(s.p50) + " [" + percent(s.p5) + ", " + percent(s.p95) + "]",
         percent(more / static_cast<double>(study.worlds.size()))});
  }
  return table.to_text(2);
}

// R' of one year, where there is a saving to speak of in most worlds.
std::string yearly_rebound(const YearsStudy& study, std::size_t y) {
  std::vector<double> all;
  for (const SampledWorld& w : study.worlds)
    if (const auto r = rebound_of(w.twh[0][y], w.twh[2][y], w.twh[3][y])) all.push_back(*r);
  if (all.size() * 2 <= study.worlds.size()) return "-";
  const Spread s = spread_of(std::move(all));
  return percent(s.p50) + " [" + percent(s.p5) + ", " + percent(s.p95) + "]";
}

}  // namespace

std::string fans_text(const YearsScenario& scenario, const YearsStudy& study) {
  if (study.worlds.empty()) return {};
  TextTable table;
  table.rows.push_back({"year"});
  if (has_arms(scenario)) {
    table.rows[0].insert(table.rows[0].end(), {"A TWh", "B' TWh", "C TWh", "C - A TWh", "rebound"});
  } else {
    table.rows[0].emplace_back("TWh");
  }
  for (std::size_t y = 0; y < study.medians.c.years.size(); ++y) {
    const auto of = [&](YearsArm arm) {
      return spread(study.worlds,
                    [&](const SampledWorld& w) { return w.twh[static_cast<std::size_t>(arm)][y]; });
    };
    std::vector<std::string> row{year_of(scenario, y)};
    if (has_arms(scenario)) {
      row.push_back(range_text(of(YearsArm::a)));
      row.push_back(range_text(of(YearsArm::spread)));
    }
    row.push_back(range_text(of(YearsArm::c)));
    if (has_arms(scenario))
      row.push_back(signed_range(
          spread(study.worlds, [&](const SampledWorld& w) { return w.twh[3][y] - w.twh[0][y]; })));
    if (has_arms(scenario)) row.push_back(yearly_rebound(study, y));
    table.rows.push_back(row);
  }
  return std::to_string(study.worlds.size()) +
         " worlds drawn from the ranges of the inputs: median [5 %, 95 %]\n" + table.to_text(2) +
         (has_arms(scenario) ? burdens_text(study) : "");
}

std::string turns_text(const YearsStudy& study) {
  if (study.turns.empty()) return {};
  TextTable table;
  table.rows.push_back(
      {"input", "5 %", "median", "95 %", "C - A TWh at 5 %", "at 95 %", "sign turns at"});
  for (const Turn& t : study.turns)
    table.rows.push_back({t.input + ", " + t.unit, figure(t.range.p5), figure(t.range.p50),
                          figure(t.range.p95), signed_figure(t.low_change),
                          signed_figure(t.high_change),
                          t.threshold ? figure(*t.threshold) : "nowhere in 1 to 99 %"});
  return "what would turn the sign of C - A, one input at a time, the others at their medians\n" +
         table.to_text(2);
}

std::string indices_text(const YearsStudy& study) {
  if (study.indices.inputs.empty()) return {};
  std::vector<std::size_t> order(study.indices.inputs.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return study.indices.energy[a].total > study.indices.energy[b].total;
  });
  TextTable table;
  table.rows.push_back({"input", "energy of C: first", "total", "C - A: first", "total"});
  const bool has_change = !study.indices.change.empty();
  for (const std::size_t i : order) {
    std::vector<std::string> row{study.indices.inputs[i], percent(study.indices.energy[i].first),
                                 percent(study.indices.energy[i].total)};
    row.push_back(has_change ? percent(study.indices.change[i].first) : "-");
    row.push_back(has_change ? percent(study.indices.change[i].total) : "-");
    table.rows.push_back(std::move(row));
  }
  return "share of the variance that goes back to an input (Sobol indices)\n" + table.to_text(2);
}

std::string growth_text(const YearsStudy& study) {
  const GrowthAccount account = account_of_growth(study.medians.c);
  TextTable table;
  for (const auto& [name, effect] : account.effects)
    table.rows.push_back({name, signed_figure(effect / 1000)});
  table.rows.push_back({"together", signed_figure((account.last_mw - account.first_mw) / 1000)});
  return "growth of power in arm C, GW, shared out by chained LMDI: an account, not causes\n" +
         table.to_text(2);
}

std::string levers_text(const YearsScenario& scenario, const YearsStudy& study) {
  if (study.levers.empty()) return {};
  const double years = scenario.world.end - scenario.world.start;
  TextTable table;
  table.rows.push_back({"lever", "engineering TWh", "saved TWh", "TWh a year", "saved Mt CO2e",
                        "taken back", "saves in"});
  for (const LeverEffect& e : study.levers) {
    const double active =
        std::max(1.0, scenario.world.end - std::max(e.from, scenario.world.start));
    table.rows.push_back(
        {e.name, figure(e.engineering_twh.p50), signed_range(e.saved_twh),
         signed_figure(e.saved_twh.p50 / std::min(active, years)), signed_range(e.saved_mt),
         e.engineering_twh.p50 > 0 ? percent(e.rebound_share) : "-", percent(e.probability_saves)});
  }
  return "levers, ranked by energy saved after everybody has answered: median [5 %, 95 %]\n" +
         table.to_text(2);
}

std::string maps_text(const YearsStudy& study) {
  std::string text;
  for (const ReboundMap& map : study.maps) {
    TextTable table;
    table.rows.push_back({map.row_name});
    for (const double eta : map.elasticities) table.rows[0].push_back("eta " + figure(eta));
    for (std::size_t r = 0; r < map.rows.size(); ++r) {
      std::vector<std::string> row{figure(map.rows[r])};
      for (std::size_t c = 0; c < map.elasticities.size(); ++c) {
        const double net = map.net[r][c] * 100;
        row.push_back((map.rebound[r][c] ? percent(*map.rebound[r][c]) : "-") + " (" +
                      signed_figure(net) + ")");
      }
      table.rows.push_back(std::move(row));
    }
    if (!text.empty()) text += '\n';
    text += "rebound over " + map.row_name +
            " and elasticity of every segment; in brackets C over A, %\n" + table.to_text(2);
  }
  return text;
}

std::string sources_text(const YearsStudy& study) {
  std::string text = "joules of arm C rest on: ";
  for (std::size_t i = 0; i < study.sources.size(); ++i)
    text += (i == 0 ? "" : ", ") + study.sources[i].first + " " + percent(study.sources[i].second);
  return text + "\n";
}

namespace {

constexpr std::size_t most_named_turns = 4;

// Inputs whose threshold lies nearest to their median, as a share of their range.
std::string turning_text(std::vector<Turn> all) {
  std::erase_if(all, [](const Turn& t) { return !t.threshold; });
  if (all.empty()) return "No single input turns that sign within its range.";
  const auto distance = [](const Turn& t) {
    return std::abs(*t.threshold - t.range.p50) / std::max(t.range.p95 - t.range.p5, 1e-300);
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Turn& a, const Turn& b) { return distance(a) < distance(b); });
  std::string text = "With the others at their medians, the sign turns with ";
  for (std::size_t i = 0; i < std::min(all.size(), most_named_turns); ++i)
    text += (i == 0 ? "" : "; ") + all[i].input + " at " + figure(*all[i].threshold) + " (" +
            all[i].unit + ", median " + figure(all[i].range.p50) + ")";
  if (all.size() > most_named_turns)
    text += "; and with " + std::to_string(all.size() - most_named_turns) + " other inputs";
  return text + ".";
}

}  // namespace

std::string verdict_text(const YearsScenario& scenario, const YearsStudy& study) {
  if (study.worlds.empty() || !has_arms(scenario)) return {};
  const Spread change = spread(study.worlds, [](const SampledWorld& w) {
    return w.of(YearsArm::c, energy) - w.of(YearsArm::a, energy);
  });
  const double share = share_that(study.worlds, backfires);
  std::string text = "That is with every input at its median. Over their ranges the change is " +
                     signed_range(change) + " TWh, an increase in " + percent(share) + " of " +
                     std::to_string(study.worlds.size()) + " worlds: ";
  text += share > 0.9   ? "it backfires. "
          : share < 0.1 ? "it does not backfire. "
                        : "whether it backfires is open. ";
  const std::vector<double> r = rebounds(study.worlds, energy);
  if (r.size() * 2 > study.worlds.size()) {
    const Spread s = spread_of(r);
    text += "Of what the technique saves once rivals have it too, " + percent(s.p50) + " [" +
            percent(s.p5) + ", " + percent(s.p95) + "] is taken back. ";
  }
  if (!study.turns.empty()) text += turning_text(study.turns);
  return text + "\n";
}

}  // namespace jevons
