#include "studies/energy_files.h"

#include <algorithm>
#include <map>

#include "studies/csv_rows.h"
#include "studies/deployment_rows.h"
#include "studies/overhead.h"

namespace jevons {

namespace {

// The chip whose kernels were weighed stands in for its sibling of the same die.
struct EnergyChip {
  std::string_view id, weighed;
};
constexpr std::array chips{EnergyChip{"h100-sxm", "h200-sxm"}, EnergyChip{"b200", "b200"}};
// First guess of static power, W; the shares hardly depend on it.
constexpr double assumed_static_watts = 300;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

FormatShares format_shares(const std::filesystem::path& gemm_power, const std::string& chip,
                           double static_watts) {
  CsvRows rows{gemm_power.string()};
  const int id = rows.column("chip"), dtype = rows.column("dtype"), ms = rows.column("latency_ms"),
            watts = rows.column("power_w"), flop = rows.column("flop");
  std::map<std::string, std::vector<double>> per_flop;
  while (rows.next())
    if (rows.text(id) == chip)
      per_flop[std::string{rows.text(dtype)}].push_back((rows.number(watts) - static_watts) *
                                                        rows.number(ms) * 1e-3 / rows.number(flop));
  FormatShares shares;
  const double bf16 = median(per_flop.at("bfloat16"));
  if (per_flop.contains("fp8_block")) shares.fp8 = median(per_flop["fp8_block"]) / bf16;
  shares.fp4 = per_flop.contains("nvfp4") ? median(per_flop["nvfp4"]) / bf16 : 1.0;
  return shares;
}

std::vector<EnergyText> fit_energies(const std::filesystem::path& raw,
                                     const std::filesystem::path& profiles,
                                     const Catalogues& catalogues) {
  auto rows = read_mlenergy((raw / "mlenergy_v3.csv.gz").string(), catalogues);
  std::erase_if(rows, [](const auto& row) { return !is_fitted_half(key_of(row.deployment)); });
  ReplayParts parts{catalogues, profiles};
  std::vector<EnergyText> all;
  for (const EnergyChip& chip : chips) {
    const FormatShares shares =
        format_shares(raw / "gemm_power.csv", std::string{chip.weighed}, assumed_static_watts);
    const std::string id{chip.id};
    EnergyText text = fit_energy(token_work(rows, id, shares, parts), parts.chip(id), shares);
    text.source =
        "ML.ENERGY benchmark v3, joules per output token of vLLM in closed loop, ml.energy; shares "
        "of number formats from long GEMM kernels in NVIDIA aiconfigurator";
    text.licence = "Apache-2.0";
    text.sensor = "NVML total-energy counter over a steady-state window, GPU board only";
    text.note =
        "fitted to a fixed half of the rows; prompt lengths are not published and assumed; link "
        "energy and idle power are assumed; "
        "4-bit weights without 4-bit units count as 16-bit arithmetic";
    all.push_back(std::move(text));
  }
  return all;
}

}  // namespace jevons
