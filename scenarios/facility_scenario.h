#pragma once
// What a scenario says about the building around the machines and where it stands.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/facility/facility.h"
#include "models/hardware/cluster/cluster_spec.h"
#include "scenarios/diagnostics.h"
#include "scenarios/grid_cards.h"
#include "scenarios/json_value.h"

namespace jevons {

// 164 kg a GPU with its share of the baseboard (NVIDIA, product carbon footprint of HGX H100, 2025:
// 1,312 kg for eight), and 2,500 kg for the rest of an 8-GPU server (Luccioni et al. 2023,
// arXiv:2211.02001, from a comparable server), by eight.
inline constexpr Carbon default_embodied_per_gpu = 476 * unit::kgCO2e;
inline constexpr Power assumed_asleep = 150 * unit::W;  // a node off but for its controller

struct FacilityScenario {
  GridCard grid;
  WeatherCard weather;
  std::string begins = "2022-01-01";
  SiteLimit limit;
  PowerChain power_chain;
  Cooling cooling;
  std::optional<Span> sleep_after;
  Span wake = std::chrono::minutes{2};
  Power asleep = assumed_asleep;
  Carbon embodied_per_gpu = default_embodied_per_gpu;
  Time lifetime = 5 * unit::year;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("grid"), grid, "power grid: carbon, price and water by the hour");
    field(required("weather"), weather, "air outside, which cooling depends on");
    field("begins", begins, "day of the year on which the run begins; the year does not matter");
    field("limit", limit, "most power that the site may take, and how it keeps to that");
    field("power_chain", power_chain, "losses from the grid to the chips");
    field("cooling", cooling, "how heat gets out");
    field("sleep_after", sleep_after, "nodes free for so long go to sleep; nothing: never");
    field("wake", wake, "until a sleeping node can work");
    field("asleep", asleep, Range{0 * unit::W, 10 * unit::kW}, "power of a sleeping node");
    field("embodied_per_gpu", embodied_per_gpu, Range{0 * unit::gCO2e, 1e5 * unit::kgCO2e},
          "carbon of manufacture, with a GPU's share of its node");
    field("lifetime", lifetime, Range{1 * unit::day, 100 * unit::year},
          "over which that is spread evenly");
  }
};

// `pointer` is where the facility stands in the document.
Mistakes laws(const FacilityScenario& facility, const JsonDocument& document,
              std::string_view pointer);

// The same for a cluster and the network between its nodes.
Mistakes laws(const ClusterSpec& cluster, const JsonDocument& document, std::string_view pointer);

// `gpu_idle`: of one GPU without work, from its energy profile.
PoweredNodes powered_nodes(const ClusterSpec& cluster, const FacilityScenario& facility,
                           Power gpu_idle);

// Reads the tables. `network`: power of the switches between nodes. Throws ScenarioError.
FacilityModel facility_model(const FacilityScenario& facility, std::vector<PoweredNodes> pools,
                             Power network);

}  // namespace jevons
