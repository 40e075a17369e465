#include "studies/years_turns.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/demand/number_places.h"
#include "studies/parallel.h"

namespace jevons {
namespace {

constexpr std::array elasticities{0.2, 0.5, 0.8, 1.0, 1.2, 1.5, 2.0};
constexpr std::array gains{1.5, 2.0, 3.0, 5.0, 10.0};
constexpr std::array energy_shares{0.05, 0.1, 0.2, 0.4, 0.6};
constexpr double lowest_quantile = 0.01, highest_quantile = 0.99;
constexpr int scan_points = 9, halvings = 20;

YearsSetup with_level(const YearsBench& bench, const Uncertain& input, double level) {
  // The median is put elsewhere, and the factor counts from the scenario, not from the median.
  World world = bench.scenario->world;
  for (const auto& [name, other] : bench.scenario->uncertain)
    put_input(world, other, &other == &input ? level : other.range().p50);
  return bench.at(std::move(world));
}

Turn turn_of(const YearsBench& bench, const std::string& name, const Uncertain& input) {
  const Spread& range = input.range();
  const auto change = [&](double level) { return net_change(with_level(bench, input, level)); };
  Turn turn{name, range, input.unit(), change(range.p5), change(range.p95), {}};
  std::vector<double> levels;
  levels.reserve(scan_points);
  for (int i = 0; i < scan_points; ++i)
    levels.push_back(
        range.at(lowest_quantile + (highest_quantile - lowest_quantile) * i / (scan_points - 1)));
  std::optional<double> nearest;
  double last = change(levels.front());
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const double here = change(levels[i]);
    if ((here > 0) != (last > 0)) {
      double low = levels[i - 1];
      double high = levels[i];
      for (int h = 0; h < halvings; ++h) {
        const double middle = (low + high) / 2;
        ((change(middle) > 0) == (last > 0) ? low : high) = middle;
      }
      const double found = (low + high) / 2;
      if (!nearest || std::abs(found - range.p50) < std::abs(*nearest - range.p50)) nearest = found;
    }
    last = here;
  }
  turn.threshold = nearest;
  return turn;
}

void set_elasticity(World& world, double elasticity) {
  for (auto& [name, segment] : world.segments) segment.demand.elasticity = elasticity;
}

template <class Make>
ReboundMap filled(std::string row_name, std::vector<double> rows, Make&& make) {
  ReboundMap map{
      std::move(row_name), std::move(rows), {elasticities.begin(), elasticities.end()}, {}, {}};
  const std::size_t width = map.elasticities.size();
  map.net.assign(map.rows.size(), std::vector<double>(width));
  map.rebound.assign(map.rows.size(), std::vector<std::optional<double>>(width));
  in_parallel(map.rows.size() * width, [&](std::size_t i) {
    const std::size_t row = i / width;
    const std::size_t column = i % width;
    const Rebound r = rebound(make(map.rows[row], map.elasticities[column]), false, false);
    map.net[row][column] = r.c.total.total_twh() / r.a.total.total_twh() - 1;
    map.rebound[row][column] = r.of_spread(Burden::energy_twh);
  });
  return map;
}

void scale_power_prices(World& world, double factor) {
  for (auto& [name, region] : world.regions)
    for (auto& [year, price] : region.electricity_usd_per_kwh) price *= factor;
}

// Mean over segments of energy's share in the unit cost at the start, power prices scaled.
double energy_share(YearsSetup setup, double factor) {
  scale_power_prices(setup.world, factor);
  setup.world.end = setup.world.start + 1;
  const YearsResult run = simulate_years(setup, {.has_innovations = false, .keep_ticks = false});
  double sum = 0;
  for (const CostShares& share : run.cost_shares) sum += share.energy;
  return sum / static_cast<double>(run.cost_shares.size());
}

// Factor on power prices that makes energy this share of the cost. Staff and software follow the
// cost of chips and energy, so there is no closed form, and the share stays below 1 less theirs.
double power_price_factor(const YearsSetup& setup, double share) {
  double low = std::log(1e-5);
  double high = std::log(1e5);
  for (int i = 0; i < 2 * halvings; ++i) {
    const double middle = (low + high) / 2;
    (energy_share(setup, std::exp(middle)) < share ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
}

}  // namespace

double net_change(const YearsSetup& setup) {
  const double with = simulate_years(setup, {.keep_ticks = false}).total.total_twh();
  return with -
         simulate_years(setup, {.has_innovations = false, .keep_ticks = false}).total.total_twh();
}

std::vector<Turn> turns(const YearsBench& bench) {
  std::vector<std::pair<const std::string*, const Uncertain*>> inputs;
  for (const auto& [name, input] : bench.scenario->uncertain) inputs.emplace_back(&name, &input);
  std::vector<Turn> result(inputs.size());
  in_parallel(inputs.size(), [&](std::size_t i) {
    result[i] = turn_of(bench, *inputs[i].first, *inputs[i].second);
  });
  return result;
}

ReboundMap map_of_gain(const YearsBench& bench) {
  const YearsSetup setup = bench.medians();
  return filled("gain", {gains.begin(), gains.end()}, [&](double gain, double elasticity) {
    YearsSetup here = setup;
    set_elasticity(here.world, elasticity);
    for (Innovation& innovation : here.world.innovations) {
      innovation.inference = gain;
      if (innovation.channel == Channel::algorithmic) innovation.training = gain;
    }
    return here;
  });
}

ReboundMap map_of_energy_share(const YearsBench& bench) {
  YearsSetup setup = bench.medians();
  for (Innovation& innovation : setup.world.innovations) {
    innovation.channel = Channel::chip_joules;
    innovation.training = 1;
  }
  const double most = 1 - setup.world.conduct.other_cost_share;
  std::vector<double> shares;
  for (const double share : energy_shares)
    if (share < 0.99 * most) shares.push_back(share);
  std::map<double, double> factors;
  for (const double share : shares) factors[share] = power_price_factor(setup, share);
  return filled("energy share of cost", shares, [&](double share, double elasticity) {
    YearsSetup here = setup;
    set_elasticity(here.world, elasticity);
    scale_power_prices(here.world, factors.at(share));
    return here;
  });
}

}  // namespace jevons
