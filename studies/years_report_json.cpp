// What a study of years found, as members of summary.json.
#include <algorithm>

#include "models/demand/lmdi.h"
#include "scenarios/json_members.h"
#include "studies/sampling.h"
#include "studies/years_report.h"

namespace jevons {
namespace {

template <class Get>
Spread sampled(const std::vector<SampledWorld>& worlds, Get&& get) {
  std::vector<double> values;
  values.reserve(worlds.size());
  for (const SampledWorld& w : worlds) values.push_back(get(w));
  return spread_of(std::move(values));
}

JsonValue::Object samples_of(const YearsScenario& scenario, const YearsStudy& study) {
  Members m;
  m.add("count", static_cast<std::int64_t>(study.worlds.size()));
  const bool has_arms = !scenario.world.innovations.empty();
  for (std::size_t b = 0; b < burden_count; ++b) {
    const auto burden = static_cast<Burden>(b);
    Members figures;
    figures.add("C", sampled(study.worlds,
                             [&](const SampledWorld& w) { return w.of(YearsArm::c, burden); }));
    if (has_arms) {
      figures.add("A", sampled(study.worlds,
                               [&](const SampledWorld& w) { return w.of(YearsArm::a, burden); }));
      figures.add("B", sampled(study.worlds,
                               [&](const SampledWorld& w) { return w.of(YearsArm::b, burden); }));
      figures.add("B_spread", sampled(study.worlds, [&](const SampledWorld& w) {
                    return w.of(YearsArm::spread, burden);
                  }));
      figures.add("change", sampled(study.worlds, [&](const SampledWorld& w) {
                    return w.of(YearsArm::c, burden) - w.of(YearsArm::a, burden);
                  }));
      figures.add("change_share", sampled(study.worlds, [&](const SampledWorld& w) {
                    return w.of(YearsArm::c, burden) / w.of(YearsArm::a, burden) - 1;
                  }));
      std::vector<double> r;
      double more = 0;
      for (const SampledWorld& w : study.worlds) {
        const double a = w.of(YearsArm::a, burden);
        const double c = w.of(YearsArm::c, burden);
        more += c > a ? 1 : 0;
        if (const auto one = rebound_of(a, w.of(YearsArm::spread, burden), c)) r.push_back(*one);
      }
      figures.add("probability_of_more", more / static_cast<double>(study.worlds.size()));
      if (!r.empty()) figures.add("rebound_spread", spread_of(std::move(r)));
    }
    m.put(name_of(burden), figures.take());
  }
  JsonValue::List years;
  for (std::size_t y = 0; y < study.worlds.front().twh[3].size(); ++y) {
    Members row;
    row.add("year", scenario.world.start + static_cast<double>(y));
    row.add("C_twh", sampled(study.worlds, [y](const SampledWorld& w) { return w.twh[3][y]; }));
    if (has_arms) {
      row.add("A_twh", sampled(study.worlds, [y](const SampledWorld& w) { return w.twh[0][y]; }));
      row.add("B_spread_twh",
              sampled(study.worlds, [y](const SampledWorld& w) { return w.twh[2][y]; }));
    }
    years.push_back({row.take(), {}});
  }
  m.put("years", std::move(years));
  return m.take();
}

JsonValue::List turns_of(const YearsStudy& study) {
  JsonValue::List list;
  for (const Turn& t : study.turns) {
    Members m;
    m.add("input", t.input);
    m.add("range", t.range);
    m.add("change_twh_at_p5", t.low_change);
    m.add("change_twh_at_p95", t.high_change);
    if (t.threshold)
      m.add("sign_turns_at", *t.threshold);
    else
      m.put("sign_turns_at", nullptr);
    list.push_back({m.take(), {}});
  }
  return list;
}

JsonValue::List indices_of(const YearsStudy& study) {
  JsonValue::List list;
  for (std::size_t i = 0; i < study.indices.inputs.size(); ++i) {
    Members m;
    m.add("input", study.indices.inputs[i]);
    m.add("energy_first", study.indices.energy[i].first);
    m.add("energy_total", study.indices.energy[i].total);
    if (!study.indices.change.empty()) {
      m.add("change_first", study.indices.change[i].first);
      m.add("change_total", study.indices.change[i].total);
    }
    list.push_back({m.take(), {}});
  }
  return list;
}

JsonValue::List levers_of(const YearsScenario& scenario, const YearsStudy& study) {
  JsonValue::List list;
  for (const LeverEffect& e : study.levers) {
    Members m;
    m.add("lever", e.name);
    m.add("engineering_twh", e.engineering_twh);
    m.add("saved_twh", e.saved_twh);
    m.add("saved_mt", e.saved_mt);
    m.add("balance_twh", e.balance_twh);
    m.add("taken_back", e.rebound_share);
    m.add("probability_saves", e.probability_saves);
    JsonValue::List years;
    for (std::size_t y = 0; y < e.yearly_twh.size(); ++y) {
      Members row;
      row.add("year", scenario.world.start + static_cast<double>(y));
      row.add("saved_twh", e.yearly_twh[y]);
      years.push_back({row.take(), {}});
    }
    m.put("years", std::move(years));
    list.push_back({m.take(), {}});
  }
  return list;
}

JsonValue::List maps_of(const YearsStudy& study) {
  JsonValue::List list;
  for (const ReboundMap& map : study.maps)
    for (std::size_t r = 0; r < map.rows.size(); ++r)
      for (std::size_t c = 0; c < map.elasticities.size(); ++c) {
        Members m;
        m.add("map", map.row_name);
        m.add("row", map.rows[r]);
        m.add("elasticity", map.elasticities[c]);
        m.add("net_change_share", map.net[r][c]);
        if (map.rebound[r][c])
          m.add("rebound", *map.rebound[r][c]);
        else
          m.put("rebound", nullptr);
        list.push_back({m.take(), {}});
      }
  return list;
}

}  // namespace

void add_study(const YearsScenario& scenario, const YearsStudy& study, JsonValue::Object& summary) {
  Members m;
  Members sources;
  for (const auto& [name, share] : study.sources) sources.add(name, share);
  m.put("joules_by_source", sources.take());
  Members growth;
  for (const auto& [name, mw] : account_of_growth(study.medians.c).effects) growth.add(name, mw);
  m.put("growth_mw_lmdi", growth.take());
  if (!study.worlds.empty()) m.put("samples", samples_of(scenario, study));
  if (!study.turns.empty()) m.put("turns", turns_of(study));
  if (!study.indices.inputs.empty()) m.put("sobol", indices_of(study));
  if (!study.levers.empty()) m.put("levers", levers_of(scenario, study));
  if (!study.maps.empty()) m.put("maps", maps_of(study));
  for (JsonMember& member : m.take()) summary.push_back(std::move(member));
}

}  // namespace jevons
