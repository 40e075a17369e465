#include "models/economics/ownership.h"

#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

// Of a used hour.
struct Hourly {
  double interest, hours_used;

  Money of(Money price, Time life) const { return price * (annuity(interest, life) / hours_used); }
  Money interest_of(Money price, Time life) const {
    return price * ((annuity(interest, life) - annuity(0, life)) / hours_used);
  }
};

}  // namespace

double annuity(double interest, Time life) {
  const double years = life.in(unit::year);
  ensure(years > 0, "what is paid off lasts for a while");
  if (interest == 0) return 1 / years;
  return interest / -std::expm1(-years * std::log1p(interest));
}

OwnershipCost cost_of_gpu_hour(const OwnershipTerms& t, Power mean_power) {
  ensure(t.used_share > 0 && t.used_share <= 1, "hours are used, and no more than there are");
  const double hours = (1 * unit::year).in(unit::h)*t.used_share;
  const Hourly hourly{t.interest, hours};
  const Money chip = t.chip.price;
  const Money building = t.building * t.peak;
  OwnershipCost c;
  c.chip = hourly.of(chip, t.chip.life);
  c.fee = t.fee * c.chip;
  c.tariff = t.tariff * c.chip;
  c.premium = t.premium * c.chip;
  c.server = hourly.of(t.server.price, t.server.life);
  c.network = hourly.of(t.network.price, t.network.life);
  c.building = hourly.of(building, t.building_life);
  c.upkeep = (t.upkeep / hours) * (chip + t.server.price + t.network.price);
  c.staff = t.staff / hours;
  c.power = t.electricity * (t.pue * mean_power * (1 * unit::h));
  c.interest = hourly.interest_of((1 + t.fee + t.tariff + t.premium) * chip, t.chip.life) +
               hourly.interest_of(t.server.price, t.server.life) +
               hourly.interest_of(t.network.price, t.network.life) +
               hourly.interest_of(building, t.building_life);
  return c;
}

Money capex_per_gpu(const OwnershipTerms& t) {
  return (1 + t.fee + t.tariff + t.premium) * t.chip.price + t.server.price + t.network.price +
         t.building * t.peak;
}

Money cost_of(const OwnershipCost& hour, double gpu_hours) {
  return gpu_hours * hour.total();
}

Money cost_per_million_tokens(const OwnershipCost& hour, double tokens_per_s_per_gpu) {
  ensure(tokens_per_s_per_gpu > 0, "tokens that cost something are made");
  return hour.total() * (1e6 / (3600 * tokens_per_s_per_gpu));
}

}  // namespace jevons
