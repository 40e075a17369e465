#include "scenarios/facility_scenario.h"

#include <utility>

#include "models/hardware/cluster/cluster_graph.h"
#include "scenarios/check.h"
#include "scenarios/hourly_table.h"

namespace jevons {

Mistakes laws(const FacilityScenario& facility, const JsonDocument& document,
              std::string_view pointer) {
  const std::string at{pointer};
  Mistakes mistakes;
  if (!hour_of_year(facility.begins))
    mistakes.add(mistake_at(document, at + "/begins", "a day such as 2022-07-01",
                            in_quotes(facility.begins)));
  const GridCard& grid = facility.grid;
  if (!grid.file && !grid.annual && !grid.carbon)
    mistakes.add(mistake_at(document, at + "/grid", "a table of hours, a country or carbon", "none",
                            R"(say such as "carbon": "350 gCO2e/kWh")"));
  if (grid.price_follows_load > 0 && !grid.file)
    mistakes.add(mistake_at(document, at + "/grid/price_follows_load",
                            "0 where there is no table of what generates", "more"));
  for (std::size_t i = 0; i < facility.limit.demand_response.size(); ++i) {
    const DemandResponse& d = facility.limit.demand_response[i];
    if (d.every && *d.every < d.lasts)
      mistakes.add(mistake_at(document,
                              at + "/limit/demand_response/" + std::to_string(i) + "/every",
                              "a period that is not shorter than what it repeats", "less"));
  }
  return mistakes;
}

Mistakes laws(const ClusterSpec& cluster, const JsonDocument& document, std::string_view pointer) {
  Mistakes mistakes;
  for (const ClusterMistake& m : cluster_mistakes(cluster.network, cluster.nodes))
    mistakes.add(
        mistake_at(document, std::string{pointer} + "/network" + m.key, m.expected, m.got));
  constexpr Power most = 4 * unit::GW;
  const Power node =
      cluster.gpus_per_node * cluster.chip.tdp.value_or(Power{}) + cluster.host.full();
  if (cluster.nodes * node > most)
    mistakes.add(mistake_at(document, std::string{pointer} + "/nodes",
                            "nodes that together draw at most 4 GW: " +
                                std::to_string(static_cast<std::int64_t>(most / node)),
                            std::to_string(cluster.nodes)));
  return mistakes;
}

PoweredNodes powered_nodes(const ClusterSpec& cluster, const FacilityScenario& facility,
                           Power gpu_idle) {
  return {.nodes = cluster.nodes,
          .gpus_per_node = cluster.gpus_per_node,
          .gpu_idle = gpu_idle,
          .gpu_limit = cluster.chip.tdp.value_or(Power{}),
          .host = cluster.host,
          .asleep = facility.asleep,
          .embodied_per_gpu = facility.embodied_per_gpu,
          .lifetime = facility.lifetime};
}

FacilityModel facility_model(const FacilityScenario& facility, std::vector<PoweredNodes> pools,
                             Power network) {
  const std::int64_t first_hour = hour_of_year(facility.begins).value_or(0);
  return {.pools = std::move(pools),
          .network = network,
          .chain = facility.power_chain,
          .cooling = facility.cooling,
          .grid = read_grid(facility.grid, first_hour),
          .weather = read_weather(facility.weather, first_hour),
          .limit = facility.limit,
          .sleep_after = facility.sleep_after,
          .wake = facility.wake};
}

}  // namespace jevons
