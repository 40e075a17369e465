#pragma once
// The same work on fleets of several chips, with ranges.
//
// A work takes GPU-seconds and joules of a chip: from the training model, the post-training model,
// or the load surface of a serving fleet at the highest load that keeps its objective. From those
// and the cost of ownership follow all figures. Uncertain inputs are drawn together (Latin
// hypercube, one column each): coefficients of each chip's profile, prices, and what is common to
// all. Chips of one die share the draws of its static power and of its joules per FLOP and byte, so
// that these cancel where they should.
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/compare_scenario.h"
#include "studies/compare_rates.h"

namespace jevons {

enum class Measured {
  effective,  // GPU-hours of the reference over those of this chip
  days,       // wall-clock of this fleet
  gpu_hours,
  usd,          // all of it
  usd_capital,  // paid off, without what follows
  usd_duties,   // fee, tariff and premium
  usd_energy,
  usd_per_unit,  // a million units of the work
  mwh,           // at the facility
  kwh_per_unit,  // a million units
  tco2e,
  chips,           // for the same deadline
  gpu_j_per_flop,  // pJ
  usd_ratio,       // against the reference
  mwh_ratio,
};
inline constexpr std::size_t measured_count = 15;
template <>
inline constexpr std::array enum_names<Measured>{
    EnumName{Measured::effective, "effective"},
    EnumName{Measured::days, "wall_clock_days"},
    EnumName{Measured::gpu_hours, "gpu_hours"},
    EnumName{Measured::usd, "usd"},
    EnumName{Measured::usd_capital, "usd_capital"},
    EnumName{Measured::usd_duties, "usd_fee_tariff_premium"},
    EnumName{Measured::usd_energy, "usd_energy"},
    EnumName{Measured::usd_per_unit, "usd_per_million"},
    EnumName{Measured::mwh, "mwh"},
    EnumName{Measured::kwh_per_unit, "kwh_per_million"},
    EnumName{Measured::tco2e, "tco2e"},
    EnumName{Measured::chips, "chips_for_deadline"},
    EnumName{Measured::gpu_j_per_flop, "gpu_pj_per_flop"},
    EnumName{Measured::usd_ratio, "usd_ratio"},
    EnumName{Measured::mwh_ratio, "mwh_ratio"},
};

struct Influence {
  std::string input;
  double rank_correlation = 0;
};

struct ComparedResult {
  std::string why_not;  // not empty: no figures
  std::string unit;     // what is counted in millions
  Binding binding = Binding::compute;
  std::string how;
  bool extrapolated = false;
  std::array<Spread, measured_count> figures{};
  std::vector<Influence> on_usd, on_mwh;  // the three that matter most

  const Spread& operator[](Measured m) const { return figures[static_cast<std::size_t>(m)]; }
};

// Joules per FLOP and per byte against the reference, from kernels and from datasheets.
struct NameplateCheck {
  double flop_nameplate = 1, byte_nameplate = 1;  // TDP over peak, ratios
  Spread flop_ours, byte_ours;
  double flop_sign = 1, byte_sign = 1;  // probability that ours lies on the nameplate's side of 1
  std::optional<Spread> crossover;      // share of decode in the reference's joules
  double has_crossover = 0;             // probability that there is one
  double flop_time = 1, byte_time = 1;  // time per FLOP of prefill, per byte of decode, ratios
  PhaseProbe prefill, decode;
};

struct TierResult {
  std::string label, chip, status, why_not;
  Spread gpus;
  Spread price_usd;
  double fee = 0, tariff = 0;
  std::string channel;
  ProfileSource time_source = ProfileSource::assumed, energy_source = ProfileSource::assumed;
  std::string software;  // whose kernels were measured; empty: of no chip of its own
  Confidence confidence = Confidence::low;
  std::vector<ComparedResult> works;  // in the order of the scenario
  std::optional<NameplateCheck> nameplate;
};

struct CompareOutcome {
  std::vector<TierResult> tiers;
  std::vector<std::pair<std::string, Spread>> inputs;
  int samples = 0;
};

CompareOutcome compare(const CompareScenario& scenario,
                       const std::function<void(double)>& progress);
// The same as page and JSON.
Answer compare_answer(const CompareScenario& scenario, RunContext& context);

}  // namespace jevons
