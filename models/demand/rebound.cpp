#include "models/demand/rebound.h"

#include <cmath>

#include "sim/ensure.h"

namespace jevons {

double amount(const EnergyTotals& totals, Burden burden) {
  switch (burden) {
    case Burden::energy_twh:
      return totals.total_twh();
    case Burden::carbon_mt:
      return totals.carbon_mt;
    case Burden::marginal_carbon_mt:
      return totals.marginal_carbon_mt;
    case Burden::water_gl:
      return totals.water_gl;
  }
  return 0;
}

std::vector<double> shapley(const std::vector<double>& worth, std::size_t players) {
  ensure(worth.size() == std::size_t{1} << players, "every coalition has a worth");
  std::vector<double> orders(players);  // weight of coalitions of this size before a player
  for (std::size_t size = 0; size < players; ++size)
    orders[size] = std::tgamma(static_cast<double>(size) + 1) *
                   std::tgamma(static_cast<double>(players - size)) /
                   std::tgamma(static_cast<double>(players) + 1);
  std::vector<double> value(players);
  for (std::size_t set = 0; set < worth.size(); ++set)
    for (std::size_t p = 0; p < players; ++p) {
      const std::size_t with = set | std::size_t{1} << p;
      if (with == set) continue;
      const auto size = static_cast<std::size_t>(__builtin_popcountll(set));
      value[p] += orders[size] * (worth[with] - worth[set]);
    }
  return value;
}

std::optional<double> rebound_of(double a, double b, double c) {
  if (std::abs(a - b) < 0.01 * std::abs(a)) return std::nullopt;
  return (c - b) / (a - b);
}

Rebound rebound(const YearsSetup& setup, bool with_contributions, bool keep_ticks) {
  std::vector<TickDecisions> decisions;
  Rebound result;
  result.a = simulate_years(setup, {.has_innovations = false,
                                    .replay = nullptr,
                                    .record = &decisions,
                                    .keep_ticks = keep_ticks});
  const auto arm = [&](unsigned long released, bool keep) {
    return simulate_years(setup, {.has_innovations = true,
                                  .released = Responses{released},
                                  .replay = &decisions,
                                  .record = nullptr,
                                  .keep_ticks = keep});
  };
  constexpr unsigned long all = (1UL << response_count) - 1;
  result.b = arm(0, keep_ticks);
  result.c = arm(all, keep_ticks);
  if (!with_contributions) return result;
  std::vector<std::vector<double>> worth(burden_count, std::vector<double>(all + 1));
  for (unsigned long set = 0; set <= all; ++set) {
    const EnergyTotals total = set == 0     ? result.b.total
                               : set == all ? result.c.total
                                            : arm(set, false).total;
    for (std::size_t b = 0; b < burden_count; ++b)
      worth[b][set] = amount(total, static_cast<Burden>(b));
  }
  for (const std::vector<double>& w : worth)
    result.contributions.push_back(shapley(w, response_count));
  return result;
}

}  // namespace jevons
