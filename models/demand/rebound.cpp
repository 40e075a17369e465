#include "models/demand/rebound.h"

#include <cmath>
#include <utility>

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
  if (std::abs(a - b) <= 0.01 * std::abs(a)) return std::nullopt;
  return (c - b) / (a - b);
}

namespace {

constexpr unsigned long all = (1UL << response_count) - 1;
constexpr unsigned long adoption = 1UL << static_cast<unsigned>(Response::adoption);

// Runs of one world that replay the decisions of another, or of itself without innovations.
class Arms {
 public:
  Arms(const YearsSetup& before, bool has_innovations, const YearsSetup& after, bool keep_ticks)
      : after_{&after}, keep_ticks_{keep_ticks} {
    a = simulate_years(before, {.has_innovations = has_innovations,
                                .replay = nullptr,
                                .record = &decisions_,
                                .keep_ticks = keep_ticks});
  }
  YearsResult releasing(unsigned long responses) const { return run(responses, keep_ticks_); }
  EnergyTotals total(unsigned long responses) const { return run(responses, false).total; }

  YearsResult a;

 private:
  YearsResult run(unsigned long responses, bool keep) const {
    return simulate_years(*after_, {.has_innovations = true,
                                    .released = Responses{responses},
                                    .replay = &decisions_,
                                    .record = nullptr,
                                    .keep_ticks = keep});
  }

  const YearsSetup* after_;
  bool keep_ticks_;
  std::vector<TickDecisions> decisions_;
};

}  // namespace

Rebound rebound(const YearsSetup& setup, bool with_contributions, bool keep_ticks) {
  Arms arms{setup, false, setup, keep_ticks};
  Rebound result;
  result.b = arms.releasing(0);
  result.spread = arms.releasing(adoption);
  result.c = arms.releasing(all);
  if (with_contributions) {
    std::vector<std::vector<double>> worth(burden_count, std::vector<double>(all + 1));
    for (unsigned long set = 0; set <= all; ++set) {
      const EnergyTotals total = set == 0          ? result.b.total
                                 : set == adoption ? result.spread.total
                                 : set == all      ? result.c.total
                                                   : arms.total(set);
      for (std::size_t b = 0; b < burden_count; ++b)
        worth[b][set] = amount(total, static_cast<Burden>(b));
    }
    for (const std::vector<double>& w : worth)
      result.contributions.push_back(shapley(w, response_count));
  }
  result.a = std::move(arms.a);
  return result;
}

Rebound rebound_of_change(const YearsSetup& before, const YearsSetup& after, bool keep_ticks) {
  Arms arms{before, true, after, keep_ticks};
  Rebound result;
  result.b = result.spread = arms.releasing(adoption);
  result.c = arms.releasing(all);
  result.a = std::move(arms.a);
  return result;
}

}  // namespace jevons
