#pragma once
// The base case of the years beside published electricity of all data centres.
#include <array>
#include <string>
#include <vector>

#include "models/demand/years.h"
#include "studies/hindcast_facts.h"

namespace jevons {

// Of a year: TWh of AI facilities as simulated (accelerators, hosts, cooling).
struct BaseYear {
  double twh = 0, boards_twh = 0;
  std::vector<double> by_region;  // [published region]; 0 where no lab of the world stands
};

struct BaseCase {
  std::vector<PublishedEnergy> published;  // the world first
  BaseYear in_2024, in_2030;
  std::array<double, 3> tokens_per_month{};  // output tokens in 2024, 2025, 2026
  double price_fall = 0;                     // times a year that a token gets cheaper, 2024 to 2026
};

// Arm C of a world that plays from 2024 or before to 2031 or later.
BaseCase base_case(const YearsSetup& setup, std::vector<PublishedEnergy> published);

// Electricity of accelerated servers that follows from what the agency says of them: they grow by
// 30 % a year and take almost half of the growth of all data centres to 2030.
struct AcceleratedServers {
  double twh_2024 = 0, twh_2030 = 0;
};
AcceleratedServers accelerated_servers(const PublishedEnergy& world);

// Nameplate power of boards over a year as energy: at the load factor of measured production nodes
// and two assumed ones, and with what stands around the boards.
struct NameplateEnergy {
  int year = 0;
  double mean_mw = 0, low_twh = 0, mid_twh = 0, high_twh = 0, facility_twh = 0;
};
// Share of TDP that a board draws on average, and facility energy over that of the boards.
struct LoadBand {
  double low = 0, mid = 0, high = 0, facility = 0;
};
LoadBand load_band();
// Years whose every quarter end is known, the year before as the first.
std::vector<NameplateEnergy> nameplate_energy(const std::vector<StockQuarter>& stock);

}  // namespace jevons
