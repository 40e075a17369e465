// regions.csv, segments.csv and labs.csv of a run over years: one row for each arm, tick and
// region, segment or lab. Every column is defined in docs/outputs.md.
#include "scenarios/serve_tables.h"
#include "scenarios/years_scenario.h"

namespace jevons {
namespace {

struct Arm {
  std::string_view name;
  const YearsResult* result;
};

std::vector<Arm> arms_of(const YearsScenario& scenario, const Rebound& o) {
  if (scenario.world.innovations.empty()) return {{"C", &o.c}};
  return {{"A", &o.a}, {"B", &o.b}, {"B_spread", &o.spread}, {"C", &o.c}};
}

template <class Map, class Row>
void write(const OutputDir& out, std::string_view file, std::string_view header,
           const std::vector<Arm>& arms, const Map& names, Row&& row) {
  CsvFile csv{out.file(file), header};
  for (const Arm& arm : arms)
    for (const YearsTick& tick : arm.result->ticks) {
      std::size_t i = 0;
      for (const auto& [name, facts] : names) {
        csv.text(arm.name).number(tick.year).text(name);
        row(csv, tick, i++);
        csv.end_row();
      }
    }
  csv.close();
}

}  // namespace

void write_years_tables(const OutputDir& out, const YearsScenario& scenario,
                        const Rebound& outcome) {
  const World& world = scenario.world;
  const std::vector<Arm> arms = arms_of(scenario, outcome);
  write(out, "regions.csv",
        "arm,year,region,serving_mw,training_mw,host_mw,cooling_mw,carbon_t_per_h,"
        "marginal_carbon_t_per_h,water_m3_per_h",
        arms, world.regions, [](CsvFile& csv, const YearsTick& tick, std::size_t i) {
          const EnergyFlows& f = tick.regions[i];
          csv.number(f.serving_mw).number(f.training_mw).number(f.host_mw).number(f.cooling_mw);
          csv.number(f.carbon_t_per_h).number(f.marginal_carbon_t_per_h).number(f.water_m3_per_h);
        });
  write(out, "segments.csv",
        "arm,year,segment,tasks_per_s,unserved_per_s,tokens_per_s,usd_per_task,"
        "usd_per_million_tokens,joules_per_token",
        arms, world.segments, [](CsvFile& csv, const YearsTick& tick, std::size_t i) {
          const SegmentTick& s = tick.segments[i];
          csv.number(s.tasks_per_s).number(s.unserved_per_s).number(s.tokens_per_s);
          csv.number(s.usd_per_task).number(s.usd_per_million_tokens).number(s.joules_per_token);
        });
  write(out, "labs.csv",
        "arm,year,lab,load,scarcity,training_share,training_flop_per_s,capability,fleet_h100e,"
        "fleet_mw,cash_usd,revenue_usd_per_year,orders_h100e_per_year,regime",
        arms, world.labs, [](CsvFile& csv, const YearsTick& tick, std::size_t i) {
          const LabTick& l = tick.labs[i];
          csv.number(l.load).number(l.scarcity).number(l.training_share);
          csv.number(l.training_flop_per_s).number(l.capability).number(l.fleet_h100e);
          csv.number(l.fleet_mw).number(l.cash_usd).number(l.revenue_usd_per_year);
          csv.number(l.orders_h100e_per_year).text(name_of(l.regime));
        });
}

}  // namespace jevons
