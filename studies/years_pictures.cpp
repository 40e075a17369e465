#include "studies/years_pictures.h"

#include "scenarios/csv_file.h"
#include "scenarios/serve_tables.h"
#include "scenarios/svg_chart.h"
#include "studies/sampling.h"

namespace jevons {
namespace {

Band band_of(const YearsStudy& study, YearsArm arm, const std::string& name) {
  Band band{name, {}};
  const auto at = static_cast<std::size_t>(arm);
  for (std::size_t y = 0; y < study.worlds.front().twh[at].size(); ++y) {
    std::vector<double> values;
    for (const SampledWorld& w : study.worlds) values.push_back(w.twh[at][y]);
    band.values.push_back(spread_of(std::move(values)));
  }
  return band;
}

void write_fans(const OutputDir& out, const YearsScenario& scenario, const YearsStudy& study) {
  std::vector<Band> bands;
  if (!scenario.world.innovations.empty())
    bands = {band_of(study, YearsArm::a, "A none"),
             band_of(study, YearsArm::spread, "B' no answer")};
  bands.push_back(band_of(study, YearsArm::c, "C as it plays"));
  CsvFile csv{out.file("fans.csv"), "arm,year,twh_p5,twh_p50,twh_p95"};
  for (const Band& band : bands)
    for (std::size_t y = 0; y < band.values.size(); ++y) {
      csv.text(band.name.substr(0, band.name.find(' ')))
          .number(scenario.world.start + static_cast<double>(y));
      csv.number(band.values[y].p5).number(band.values[y].p50).number(band.values[y].p95);
      csv.end_row();
    }
  csv.close();
  const std::string title = scenario.title.empty() ? "years" : scenario.title;
  out.write("fans.svg", fan_chart(title + ": energy of AI, median and 5 to 95 %", "TWh a year",
                                  scenario.world.start, bands));
}

void write_maps(const OutputDir& out, const YearsStudy& study) {
  CsvFile csv{out.file("maps.csv"), "map,row,elasticity,rebound,net_change_share"};
  int number = 0;
  for (const ReboundMap& map : study.maps) {
    for (std::size_t r = 0; r < map.rows.size(); ++r)
      for (std::size_t c = 0; c < map.elasticities.size(); ++c) {
        csv.text(map.row_name).number(map.rows[r]).number(map.elasticities[c]);
        if (map.rebound[r][c])
          csv.number(*map.rebound[r][c]);
        else
          csv.text("");
        csv.number(map.net[r][c]);
        csv.end_row();
      }
    out.write("rebound_map_" + std::to_string(++number) + ".svg",
              cell_map({"rebound: blue is saved, red is more than without", map.row_name,
                        "price elasticity of demand", map.rows, map.elasticities, map.rebound}));
  }
  csv.close();
}

}  // namespace

void write_years_pictures(const OutputDir& out, const YearsScenario& scenario,
                          const YearsStudy& study) {
  if (!study.worlds.empty()) write_fans(out, scenario, study);
  if (!study.maps.empty()) write_maps(out, study);
}

}  // namespace jevons
