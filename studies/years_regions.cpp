// Regions in a study of years: what the arms come to in each, and who leads by how much.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

#include "scenarios/page.h"
#include "scenarios/years_words.h"
#include "studies/years_report.h"

namespace jevons {
namespace {

// Totals by a name of each region.
std::map<std::string, std::array<EnergyTotals, 3>> totals_by(
    const YearsScenario& scenario, const Rebound& r,
    const std::function<std::string(const std::string&, const Region&)>& name_of_region) {
  std::map<std::string, std::array<EnergyTotals, 3>> totals;
  std::size_t i = 0;
  for (const auto& [name, region] : scenario.world.regions) {
    const std::string key = name_of_region(name, region);
    if (!key.empty())
      for (std::size_t y = 0; y < r.c.years.size(); ++y) {
        if (has_arms(scenario)) {
          totals[key][0] += r.a.regions[i][y];
          totals[key][1] += r.spread.regions[i][y];
        }
        totals[key][2] += r.c.regions[i][y];
      }
    ++i;
  }
  return totals;
}

void add_region_rows(const std::map<std::string, std::array<EnergyTotals, 3>>& totals,
                     const std::string& prefix, TextTable& table) {
  for (const auto& [name, arms] : totals) {
    const double a = arms[0].total_twh();
    const double c = arms[2].total_twh();
    const auto r = rebound_of(a, arms[1].total_twh(), c);
    table.rows.push_back({prefix + name, figure(a), figure(arms[1].total_twh()), figure(c),
                          r ? percent(*r) : "-", signed_figure(c - a),
                          signed_figure(arms[2].carbon_mt - arms[0].carbon_mt)});
  }
}

// Of each region: training compute and serving capacity at a tick.
struct Standing {
  double training = 0, serving = 0;
};
std::map<std::string, Standing> standings(const YearsScenario& scenario, const YearsTick& tick) {
  std::map<std::string, Standing> result;
  std::size_t l = 0;
  for (const auto& [name, lab] : scenario.world.labs) {
    result[lab.region].training += tick.labs[l].training_flop_per_s;
    result[lab.region].serving += tick.labs[l].capacity_tokens_per_s;
    ++l;
  }
  return result;
}

// Years since the leader stood where the follower stands now; nothing: before the run began.
std::optional<double> years_behind(const YearsScenario& scenario,
                                   const std::vector<YearsTick>& ticks, std::size_t now,
                                   const std::string& leader, const std::string& follower,
                                   double Standing::*what) {
  const double level = standings(scenario, ticks[now])[follower].*what;
  for (std::size_t i = now + 1; i-- > 0;)
    if (standings(scenario, ticks[i])[leader].*what <= level) {
      if (i == now) return 0.0;
      const double low = standings(scenario, ticks[i])[leader].*what;
      const double high = standings(scenario, ticks[i + 1])[leader].*what;
      const double share = high > low ? (level - low) / (high - low) : 0;
      return ticks[now].year - (ticks[i].year + share * (ticks[i + 1].year - ticks[i].year));
    }
  return std::nullopt;
}

std::string behind_text(const std::optional<double>& years, double span) {
  if (years) return figure(*years) + " years";
  return "over " + figure(span) + " years";
}

struct Lead {
  std::string follower;
  double training_ratio = 0, serving_ratio = 0;
  std::optional<double> training_years, serving_years;
};
struct LeadRow {
  double year = 0;
  std::string leader;
  std::vector<Lead> followers;
};

std::vector<LeadRow> leads(const YearsScenario& scenario, const YearsResult& run) {
  std::vector<LeadRow> rows;
  const auto per_year = static_cast<std::size_t>(scenario.world.ticks_per_year);
  std::map<std::string, Standing> last = standings(scenario, run.ticks.back());
  const auto leader = std::max_element(last.begin(), last.end(), [](const auto& a, const auto& b) {
                        return a.second.training < b.second.training;
                      })->first;
  for (std::size_t t = 0; t < run.ticks.size(); t += 2 * per_year) {
    std::map<std::string, Standing> now = standings(scenario, run.ticks[t]);
    LeadRow row{run.ticks[t].year, leader, {}};
    for (const auto& [name, standing] : now) {
      if (name == leader) continue;
      const Standing& first = now[leader];
      row.followers.push_back(
          {name, standing.training > 0 ? first.training / standing.training : 0,
           standing.serving > 0 ? first.serving / standing.serving : 0,
           years_behind(scenario, run.ticks, t, leader, name, &Standing::training),
           years_behind(scenario, run.ticks, t, leader, name, &Standing::serving)});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string regions_text(const YearsScenario& scenario, const YearsStudy& study) {
  if (!has_arms(scenario)) return {};
  TextTable table;
  table.rows.push_back(
      {"region or tier", "A TWh", "B' TWh", "C TWh", "rebound", "C - A TWh", "C - A Mt CO2e"});
  const auto by_region = totals_by(scenario, study.medians,
                                   [](const std::string& name, const Region&) { return name; });
  add_region_rows(by_region, "", table);
  const auto by_tier = totals_by(scenario, study.medians,
                                 [](const std::string&, const Region& r) { return r.export_tier; });
  add_region_rows(by_tier, "tier ", table);
  return "by region and export tier, whole run; B': the technique has spread, nobody answers\n" +
         table.to_text(2);
}

std::string lead_text(const YearsScenario& scenario, const YearsStudy& study) {
  const std::vector<LeadRow> rows = leads(scenario, study.medians.c);
  if (rows.front().followers.empty()) return {};
  TextTable table;
  table.rows.push_back(
      {"year", "against", "training compute", "behind", "serving capacity", "behind"});
  for (const LeadRow& row : rows)
    for (const Lead& lead : row.followers)
      table.rows.push_back({std::to_string(std::lround(row.year)), lead.follower,
                            figure(lead.training_ratio) + "x",
                            behind_text(lead.training_years, row.year - scenario.world.start),
                            figure(lead.serving_ratio) + "x",
                            behind_text(lead.serving_years, row.year - scenario.world.start)});
  return "lead of " + rows.front().leader + " in arm C\n" + table.to_text(2);
}

}  // namespace jevons
