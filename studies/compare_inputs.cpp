#include "studies/compare_inputs.h"

#include <cmath>

#include "models/llm/profile_transfer.h"
#include "scenarios/profiles.h"
#include "scenarios/write_value.h"
#include "studies/sampling.h"

namespace jevons {

namespace {

// 90 % ranges as factors up and down. Rates of kernels: held-out errors of imported profiles are 3
// to 9 % (docs/calibration.md); what is carried to another chip is worse, and what rests on a
// datasheet is as bad as the datasheet. See docs/assumptions.md, "ranges of a comparison".
double assumed_rate_range(ProfileSource source) {
  switch (source) {
    case ProfileSource::measured:
    case ProfileSource::imported:
      return 1.10;
    case ProfileSource::transferred:
      return 1.25;
    case ProfileSource::assumed:
      return 1.6;
  }
  return 1.6;
}
double assumed_data_range(Confidence c) {
  if (c == Confidence::high) return 1.02;
  return c == Confidence::medium ? 1.10 : 1.30;
}
double assumed_price_range(Confidence c) {
  if (c == Confidence::high) return 1.15;
  return c == Confidence::medium ? 1.25 : 1.6;
}

// Standard errors of the fitted energies of the H100, as 90 % factors: static power 6 %, J/FLOP 8
// %, J/byte 21 %. Source: calibration/energy/h100-sxm.json.
constexpr double static_range = 1.10, flop_range = 1.15, byte_range = 1.40;
// A chip with part of its die switched off may also leak less; nobody weighed one.
constexpr Spread assumed_cut_static{0.65, 1.0, 1.05};
constexpr double same_die_widening = 1.10;

Spread around(double factor) {
  return {1 / factor, 1, factor};
}

// Two independent ranges together.
double both(double a, double b) {
  return std::exp(std::hypot(std::log(a), std::log(b)));
}

std::string name_of_tier(const ComparedTier& tier) {
  return tier.label.empty() ? tier.chip.id : tier.label;
}

}  // namespace

TierKnowledge knowledge_of(const std::vector<ComparedTier>& tiers, std::size_t tier) {
  const ChipSpec& chip = tiers[tier].chip;
  const HardwareProfile hardware = profile_for(chip);
  TierKnowledge known;
  known.time = hardware.time.source;
  known.energy = hardware.energy.source;
  if (known.time != ProfileSource::transferred) known.software = hardware.time.provenance.source;
  known.confidence = chip.facts.confidence;
  known.energy_low = hardware.energy.low;
  known.energy_high = hardware.energy.high;
  known.family = tier;
  for (std::size_t i = tier; i-- > 0;)
    if (is_same_die(tiers[i].chip, chip)) known.family = i;
  known.is_cut = *chip.peak.bf16 < 0.9 * *tiers[known.family].chip.peak.bf16;
  return known;
}

Spread price_of(const ComparedTier& tier) {
  if (tier.price_usd) return *tier.price_usd;
  const double usd = tier.chip.price->in(unit::usd);
  const double range = assumed_price_range(tier.chip.facts.confidence);
  return {usd / range, usd, usd * range};
}

CompareInputs::CompareInputs(const CompareScenario& scenario)
    : samples_{static_cast<std::size_t>(scenario.samples)}, seed_{scenario.seed} {
  electricity = add("electricity, USD/kWh", scenario.electricity_usd_per_kwh);
  carbon = add("carbon intensity, g/kWh", scenario.carbon_g_per_kwh);
  pue = add("PUE", scenario.pue);
  interest = add("interest", scenario.interest);
  life = add("life of equipment, years", scenario.chip_life_years);
  server = add("server, USD a GPU", scenario.server_usd);
}

std::size_t CompareInputs::add(std::string name, const Spread& spread) {
  std::vector<double> column = latin_column(name, samples_, seed_);
  for (double& u : column) u = spread.at(u);
  values_.push_back(std::move(column));
  list_.emplace_back(std::move(name), spread);
  return values_.size() - 1;
}

void CompareInputs::add_tier(const std::vector<ComparedTier>& tiers, std::size_t tier,
                             const TierKnowledge& known) {
  const std::string name = name_of_tier(tiers[tier]);
  const double data = assumed_data_range(known.confidence);
  const double kernels = assumed_rate_range(known.time);
  const Spread rates = around(both(kernels, known.time == ProfileSource::imported ? 1 : data));
  const std::size_t price = add(name + ": price, USD", price_of(tiers[tier]));
  // The same chip once more, at another price or under another name, is known just as well.
  for (std::size_t i = 0; i < tier; ++i)
    if (to_text(to_json(tiers[i].chip)) == to_text(to_json(tiers[tier].chip))) {
      tiers_.push_back(tiers_[i]);
      tiers_.back().price = price;
      return;
    }
  TierInputs in;
  in.price = price;
  in.matrix = add(name + ": matrix rate", rates);
  in.memory = add(name + ": memory rate", rates);
  in.link = add(name + ": link rate", around(both(1.2, data)));
  in.overhead = add(name + ": overheads", around(1.3));
  if (known.family == tier) {
    in.fixed = add(name + " die: static power", around(static_range));
    in.flop = add(name + " die: J/FLOP", around(flop_range));
    in.byte = add(name + " die: J/byte", around(byte_range));
    in.level = add(name + ": energy level", {known.energy_low, 1, known.energy_high});
  } else {
    const TierInputs& die = tiers_[known.family];
    in.fixed = die.fixed;
    in.flop = die.flop;
    in.byte = die.byte;
    in.level = add(name + ": energy against its die", around(same_die_widening));
  }
  in.is_cut = known.is_cut;
  if (in.is_cut) in.cut = add(name + ": static power of a cut die", assumed_cut_static);
  tiers_.push_back(in);
}

ProfileFactors CompareInputs::factors(std::size_t tier, std::size_t sample) const {
  const TierInputs& in = tiers_[tier];
  ProfileFactors f;
  const auto v = [&](std::size_t input) { return value(input, sample); };
  f[Factor::matrix_rate] = v(in.matrix);
  f[Factor::memory_rate] = v(in.memory);
  f[Factor::link_rate] = v(in.link);
  f[Factor::overhead_time] = v(in.overhead);
  f[Factor::static_power] = v(in.level) * v(in.fixed) * (in.is_cut ? v(in.cut) : 1);
  f[Factor::flop_energy] = v(in.level) * v(in.flop);
  f[Factor::byte_energy] = v(in.level) * v(in.byte);
  return f;
}

OwnershipTerms CompareInputs::terms(const CompareScenario& scenario, std::size_t tier,
                                    std::size_t sample) const {
  OwnershipTerms t = scenario.costs;
  const Time years = value(life, sample) * unit::year;
  t.chip = {price(tier, sample) * unit::usd, years};
  t.server = {value(server, sample) * unit::usd, years};
  t.network.life = years;
  t.interest = value(interest, sample);
  t.electricity = value(electricity, sample) * (unit::usd / unit::kWh);
  t.pue = value(pue, sample);
  t.peak = *scenario.tiers[tier].chip.tdp + scenario.host_power_per_gpu;
  return t;
}

}  // namespace jevons
