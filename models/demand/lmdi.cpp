#include "models/demand/lmdi.h"

#include <cmath>

#include "sim/ensure.h"

namespace jevons {
namespace {

constexpr double limit_share = 1e-100;

double product(const std::vector<double>& factors) {
  double all = 1;
  for (const double f : factors) all *= f;
  return all;
}

// Pairs of factors with the zeros at their limit.
std::pair<double, double> without_zeros(double a, double b) {
  if (a <= 0 && b <= 0) return {1, 1};
  return {a > 0 ? a : b * limit_share, b > 0 ? b : a * limit_share};
}

// Power of a tick as parts: each segment as tasks, tokens of a task, joules of a token; training as
// effective FLOP/s and joules of one; and the share of hosts and cooling in both.
std::vector<std::vector<double>> parts_of(const YearsTick& tick) {
  double serving = 0;
  double training = 0;
  double total = 0;
  for (const EnergyFlows& r : tick.regions) {
    serving += r.serving_mw;
    training += r.training_mw;
    total += r.total_mw();
  }
  const double overhead = serving + training > 0 ? total / (serving + training) : 1;
  double flop = 0;
  for (const LabTick& lab : tick.labs) flop += lab.training_flop_per_s;
  double asked = 0;
  for (const SegmentTick& s : tick.segments) asked += s.tokens_per_s * s.joules_per_token;
  std::vector<std::vector<double>> parts;
  for (const SegmentTick& s : tick.segments) {
    const double length = s.tasks_per_s > 0 ? s.tokens_per_s / s.tasks_per_s : 0;
    // Boards of the segment in MW per token a second.
    const double joules = asked > 0 ? serving * s.joules_per_token / asked : 0;
    parts.push_back({s.tasks_per_s, length, joules, 1, 1, overhead});
  }
  parts.push_back({1, 1, 1, flop, flop > 0 ? training / flop : 0, overhead});
  return parts;
}

}  // namespace

double logarithmic_mean(double a, double b) {
  const double ratio = std::log(a / b);
  return std::abs(ratio) < 1e-9 ? (a + b) / 2 : (a - b) / ratio;
}

std::vector<double> lmdi(const std::vector<std::vector<double>>& from,
                         const std::vector<std::vector<double>>& to) {
  ensure(from.size() == to.size() && !from.empty(), "both ends have the same parts");
  std::vector<double> effects(from.front().size());
  for (std::size_t p = 0; p < from.size(); ++p) {
    const auto [before, after] = without_zeros(product(from[p]), product(to[p]));
    const double whole = std::log(after / before);
    if (whole == 0) {
      // The product stays: what one factor adds the others take.
      for (std::size_t f = 0; f < effects.size(); ++f) {
        const auto [a, b] = without_zeros(from[p][f], to[p][f]);
        effects[f] += product(from[p]) * std::log(b / a);
      }
      continue;
    }
    double logs = 0;
    std::vector<double> ratio(effects.size());
    for (std::size_t f = 0; f < effects.size(); ++f) {
      const auto [a, b] = without_zeros(from[p][f], to[p][f]);
      ratio[f] = std::log(b / a);
      logs += ratio[f];
    }
    // With several zeros in one product the limits share the change by their logarithms.
    const double change = product(to[p]) - product(from[p]);
    for (std::size_t f = 0; f < effects.size(); ++f)
      effects[f] += logs != 0 ? change * ratio[f] / logs : 0;
  }
  return effects;
}

GrowthAccount account_of_growth(const YearsResult& run) {
  ensure(run.ticks.size() > 1, "growth is that between ticks");
  GrowthAccount account{{{"tasks", 0},
                         {"tokens of a task", 0},
                         {"joules of a token", 0},
                         {"training compute, effective", 0},
                         {"joules of effective training compute", 0},
                         {"hosts and cooling", 0}},
                        0,
                        0};
  for (const EnergyFlows& r : run.ticks.front().regions) account.first_mw += r.total_mw();
  for (const EnergyFlows& r : run.ticks.back().regions) account.last_mw += r.total_mw();
  for (std::size_t i = 1; i < run.ticks.size(); ++i) {
    const std::vector<double> effects = lmdi(parts_of(run.ticks[i - 1]), parts_of(run.ticks[i]));
    for (std::size_t f = 0; f < effects.size(); ++f) account.effects[f].second += effects[f];
  }
  return account;
}

}  // namespace jevons
