// What a run over years says to people, and its summary.json.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "scenarios/json_members.h"
#include "scenarios/page.h"
#include "scenarios/years_words.h"

namespace jevons {
namespace {

std::string totals_text(const YearsScenario& scenario, const Rebound& o) {
  TextTable table;
  if (!has_arms(scenario)) {
    table.rows.push_back({"", "total"});
    for (std::size_t b = 0; b < burden_count; ++b)
      table.rows.push_back(
          {std::string{burden_words[b]}, figure(amount(o.c.total, static_cast<Burden>(b)))});
    return table.to_text(2);
  }
  table.rows.push_back({"", "A no innovation", "B nobody answers", "B' and it spreads",
                        "C as it plays out", "rebound to B", "to B'"});
  const auto ratio = [](const std::optional<double>& r) {
    return r ? percent(*r) : "saving under 1 %";
  };
  for (std::size_t b = 0; b < burden_count; ++b) {
    const auto burden = static_cast<Burden>(b);
    table.rows.push_back({std::string{burden_words[b]}, figure(amount(o.a.total, burden)),
                          figure(amount(o.b.total, burden)), figure(amount(o.spread.total, burden)),
                          figure(amount(o.c.total, burden)), ratio(o.of(burden)),
                          ratio(o.of_spread(burden))});
  }
  return table.to_text(2);
}

std::string yearly_text(const YearsScenario& scenario, const Rebound& o) {
  TextTable table;
  std::vector<std::string> head{"year"};
  if (has_arms(scenario)) head.insert(head.end(), {"A TWh", "B' TWh"});
  head.insert(head.end(), {"C TWh", "training", "tasks/day, 1e9", "tokens/day, 1e12", "USD/Mtoken",
                           "H100e, 1e6", "held by"});
  table.rows.push_back(head);
  const auto per_year = static_cast<std::size_t>(scenario.world.ticks_per_year);
  for (std::size_t y = 0; y < o.c.years.size(); ++y) {
    const EnergyTotals& c = o.c.years[y];
    std::vector<std::string> row{year_of(scenario, y)};
    if (has_arms(scenario)) {
      row.push_back(figure(o.a.years[y].total_twh()));
      row.push_back(figure(o.spread.years[y].total_twh()));
    }
    const YearsTick& end = o.c.ticks[(y + 1) * per_year];
    double usd = 0;
    double tokens = 0;
    for (const SegmentTick& s : end.segments) {
      usd += s.tasks_per_s * s.usd_per_task;
      tokens += s.tokens_per_s;
    }
    double fleet = 0;
    std::map<Regime, double> held;
    for (const LabTick& lab : end.labs) {
      fleet += lab.fleet_h100e;
      held[lab.regime] += lab.fleet_h100e;
    }
    const auto most = std::max_element(
        held.begin(), held.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    row.insert(
        row.end(),
        {figure(c.total_twh()), percent(c.training_twh / (c.serving_twh + c.training_twh)),
         figure(c.tasks / 365.25e9), figure(c.tokens / 365.25e12), figure(usd / tokens * 1e6),
         figure(fleet / 1e6), std::string{name_of(most->first)}});
    table.rows.push_back(row);
  }
  return table.to_text(2);
}

std::string causes_text(const Rebound& o) {
  TextTable table;
  const double change = o.c.total.total_twh() - o.b.total.total_twh();
  for (std::size_t r = 0; r < response_count; ++r) {
    const double part = o.contributions[0][r];
    table.rows.push_back({std::string{name_of(static_cast<Response>(r))}, signed_figure(part),
                          percent(part / change)});
  }
  const double sum = std::accumulate(o.contributions[0].begin(), o.contributions[0].end(), 0.0);
  table.rows.push_back({"together: C - B", signed_figure(sum), percent(sum / change)});
  return table.to_text(2);
}

JsonValue::Object totals(const EnergyTotals& t) {
  Members m;
  m.add("energy_twh", t.total_twh());
  m.add("serving_twh", t.serving_twh);
  m.add("training_twh", t.training_twh);
  m.add("host_twh", t.host_twh);
  m.add("cooling_twh", t.cooling_twh);
  m.add("carbon_mt", t.carbon_mt);
  m.add("marginal_carbon_mt", t.marginal_carbon_mt);
  m.add("water_gl", t.water_gl);
  m.add("embodied_mt", t.embodied_mt);
  m.add("tasks", t.tasks);
  m.add("tokens", t.tokens);
  return m.take();
}

JsonValue::List yearly(const YearsScenario& scenario, const YearsResult& result) {
  JsonValue::List list;
  for (std::size_t y = 0; y < result.years.size(); ++y) {
    Members m;
    m.add("year", std::stod(year_of(scenario, y)));
    for (JsonMember& member : totals(result.years[y])) m.put(member.key, member.value.data);
    list.push_back({m.take(), {}});
  }
  return list;
}

JsonValue::Object arm(const YearsScenario& scenario, const YearsResult& result) {
  Members m;
  m.put("total", totals(result.total));
  m.put("years", yearly(scenario, result));
  Members regions;
  std::size_t r = 0;
  for (const auto& [name, facts] : scenario.world.regions) {
    EnergyTotals sum;
    for (const EnergyTotals& year : result.regions[r]) sum += year;
    regions.put(name, totals(sum));
    ++r;
  }
  m.put("regions", regions.take());
  return m.take();
}

// What each region can do at the beginning of every year and at the end, by year and region.
JsonValue::Object capacity(const YearsScenario& scenario, const YearsResult& result) {
  struct Standing {
    double training = 0, serving = 0, h100e = 0;
  };
  Members years;
  const auto per_year = static_cast<std::size_t>(scenario.world.ticks_per_year);
  for (std::size_t t = 0; t < result.ticks.size(); t += per_year) {
    std::map<std::string, Standing> standings;
    std::size_t l = 0;
    for (const auto& [name, lab] : scenario.world.labs) {
      const LabTick& now = result.ticks[t].labs[l++];
      Standing& s = standings[lab.region];
      s.training += now.training_flop_per_s;
      s.serving += now.capacity_tokens_per_s;
      s.h100e += now.fleet_h100e;
    }
    Members regions;
    for (const auto& [name, s] : standings) {
      Members m;
      m.add("training_flop_per_s", s.training);
      m.add("serving_tokens_per_s", s.serving);
      m.add("fleet_h100e", s.h100e);
      regions.put(name, m.take());
    }
    years.put(year_of(scenario, t / per_year), regions.take());
  }
  return years.take();
}

}  // namespace

std::string years_sentence(const YearsScenario& scenario, const Rebound& o) {
  if (!has_arms(scenario)) return {};
  const double a = o.a.total.total_twh();
  const double first = a - o.b.total.total_twh();
  const double saving = a - o.spread.total.total_twh();
  const double change = o.c.total.total_twh() - a;
  const bool spreads =
      std::any_of(scenario.world.innovations.begin(), scenario.world.innovations.end(),
                  [](const Innovation& i) { return !i.lab.empty(); });
  std::string text = "Had nobody answered, the innovations would have saved ";
  if (spreads) text += figure(first) + " TWh at those who made them and ";
  text += figure(saving) + (spreads ? " TWh once rivals have them, " : " TWh, ") +
          percent(saving / a) + " of all that AI uses from " + year_of(scenario, 0) + " on. ";
  const auto most = std::max_element(o.contributions[0].begin(), o.contributions[0].end());
  const auto which = static_cast<Response>(std::distance(o.contributions[0].begin(), most));
  const std::optional<double> r = o.of_spread(Burden::energy_twh);
  text += "As it plays out, ";
  if (r && *r > 0) text += percent(*r) + " of that is taken back, ";
  if (r && *r <= 0)
    text += "all of that is saved and more, since fleets are ordered for less; ";
  else
    text += "most by " + std::string{name_of(which)} + ", and ";
  text += "AI uses " + figure(std::abs(change)) + " TWh " +
          (change > 0 ? "more than without them: it backfires." : "less than without them.");
  return text + "\n";
}

std::string years_text(const YearsScenario& scenario, const Rebound& outcome) {
  const YearsResult& c = outcome.c;
  std::string text = scenario.title.empty() ? "years" : scenario.title;
  text += ", " + year_of(scenario, 0) + " to " + year_of(scenario, c.years.size()) +
          "; energy is that of facilities that serve and train\n\n";
  text += yearly_text(scenario, outcome) + "\n" + totals_text(scenario, outcome);
  if (!has_arms(scenario)) return text;
  text += "\nwhat takes the saving back, TWh and share of C - B\n" + causes_text(outcome);
  return text;
}

JsonValue years_summary(const YearsScenario& scenario, const Rebound& outcome) {
  Members m;
  if (has_arms(scenario)) {
    Members rebounds;
    for (std::size_t b = 0; b < burden_count; ++b) {
      const auto burden = static_cast<Burden>(b);
      if (const std::optional<double> r = outcome.of(burden))
        rebounds.add(name_of(burden), *r);
      else
        rebounds.put(name_of(burden), nullptr);
    }
    m.put("rebound", rebounds.take());
    Members spread;
    for (std::size_t b = 0; b < burden_count; ++b) {
      const auto burden = static_cast<Burden>(b);
      if (const std::optional<double> r = outcome.of_spread(burden))
        spread.add(name_of(burden), *r);
      else
        spread.put(name_of(burden), nullptr);
    }
    m.put("rebound_spread", spread.take());
    Members causes;
    for (std::size_t b = 0; b < burden_count; ++b) {
      Members parts;
      for (std::size_t r = 0; r < response_count; ++r)
        parts.add(name_of(static_cast<Response>(r)), outcome.contributions[b][r]);
      causes.put(name_of(static_cast<Burden>(b)), parts.take());
    }
    m.put("contributions", causes.take());
    m.put("A", arm(scenario, outcome.a));
    m.put("B", arm(scenario, outcome.b));
    m.put("B_spread", arm(scenario, outcome.spread));
  }
  m.put("C", arm(scenario, outcome.c));
  m.put("capacity", capacity(scenario, outcome.c));
  return {m.take(), {}};
}

}  // namespace jevons
