#include "studies/hindcast.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"
#include "studies/parallel.h"
#include "studies/sampling.h"

namespace jevons {
namespace {

constexpr std::size_t least_quarters = 4;  // of the series, at an origin

double value_of(const StockQuarter& quarter, HindcastMetric metric) {
  return metric == HindcastMetric::h100e ? quarter.h100e.p50 : quarter.mw;
}

double value_of(const HindcastPath& path, HindcastMetric metric, std::size_t quarters) {
  return metric == HindcastMetric::h100e ? path.h100e[quarters] : path.mw[quarters];
}

std::size_t quarters_between(double origin, double date) {
  return static_cast<std::size_t>(std::lround(4 * (date - origin)));
}

// Latin hypercube of all inputs.
std::vector<HindcastInputs> drawn(const HindcastQuestion& question) {
  const auto n = static_cast<std::size_t>(question.samples);
  std::vector<HindcastInputs> samples(n);
  for (const HindcastInput& input : hindcast_inputs()) {
    const std::vector<double> u = latin_column(input.name, n, question.seed);
    for (std::size_t i = 0; i < n; ++i) samples[i].*input.member = input.range.at(u[i]);
  }
  return samples;
}

// All samples of one origin, for every quarter behind it.
std::vector<HindcastCell> cells_of(const HindcastQuestion& question, std::size_t last) {
  const std::vector<StockQuarter>& stock = question.facts.stock;
  const double origin = stock[last].end;
  const BuildOutFacts known = known_at(question.facts, origin);
  std::vector<HindcastPath> paths;
  for (const HindcastInputs& inputs : drawn(question))
    paths.push_back(hindcast_path(known, origin, stock.back().end, inputs, question.rates));
  std::vector<HindcastCell> cells;
  for (const auto& [metric, name] : enum_names<HindcastMetric>)
    for (std::size_t q = last + 1; q < stock.size(); ++q) {
      const double date = stock[q].end;
      std::vector<double> values;
      values.reserve(paths.size());
      for (const HindcastPath& path : paths)
        values.push_back(value_of(path, metric, quarters_between(origin, date)));
      HindcastCell cell{origin, date, metric, spread_of(values), value_of(stock[q], metric), {}};
      for (std::size_t n = 0; n < naive_count; ++n)
        cell.naive[n] = extrapolated(known, metric, date, static_cast<Naive>(n));
      cells.push_back(cell);
    }
  return cells;
}

// ln(forecast / actual) of installed compute at year ends, from year-end origins.
std::vector<double> log_errors(const HindcastQuestion& question, const HindcastInputs& inputs) {
  const std::vector<StockQuarter>& stock = question.facts.stock;
  std::vector<double> errors;
  for (std::size_t last = least_quarters - 1; last + 1 < stock.size(); ++last) {
    const double origin = stock[last].end;
    if (!is_year_end(origin)) continue;
    const HindcastPath path = hindcast_path(known_at(question.facts, origin), origin,
                                            stock.back().end, inputs, question.rates);
    for (std::size_t q = last + 1; q < stock.size(); ++q)
      if (is_year_end(stock[q].end))
        errors.push_back(
            std::log(path.h100e[quarters_between(origin, stock[q].end)] / stock[q].h100e.p50));
  }
  return errors;
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

// ln(p95/p5) of the data, at the dates of log_errors.
std::vector<double> bands(const HindcastQuestion& question) {
  const std::vector<StockQuarter>& stock = question.facts.stock;
  std::vector<double> widths;
  for (std::size_t last = least_quarters - 1; last + 1 < stock.size(); ++last)
    for (std::size_t q = last + 1; is_year_end(stock[last].end) && q < stock.size(); ++q)
      if (is_year_end(stock[q].end))
        widths.push_back(std::log(stock[q].h100e.p95 / stock[q].h100e.p5));
  return widths;
}

InputEffect effect_of(const HindcastQuestion& question, const HindcastInput& input, double band,
                      const HindcastInputs& others = {}) {
  InputEffect effect{&input, {}, 0, 0, band};
  const std::array<double, 3> values{input.range.p5, input.range.p50, input.range.p95};
  std::array<std::vector<double>, 3> errors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    HindcastInputs inputs = others;
    inputs.*input.member = values[i];
    errors[i] = log_errors(question, inputs);
    effect.rms_error[i] = root_mean_square(errors[i]);
  }
  std::vector<double> moves;
  for (std::size_t i = 0; i < errors[0].size(); ++i) {
    const auto [least, most] = std::minmax({errors[0][i], errors[1][i], errors[2][i]});
    moves.push_back(most - least);
    effect.largest_move = std::max(effect.largest_move, moves.back());
  }
  effect.rms_move = root_mean_square(moves);
  return effect;
}

RegimeShare regimes_of(const HindcastQuestion& question, double origin) {
  const double until = question.facts.stock.back().end;
  const HindcastPath path =
      hindcast_path(known_at(question.facts, origin), origin, until, {}, question.rates);
  RegimeShare shares{origin, {}};
  // Orders behind `until` bind nothing that is scored.
  const std::size_t ticks = std::min(path.regimes.size(), quarters_between(origin, until));
  for (std::size_t t = 0; t < ticks; ++t)
    shares.share[static_cast<std::size_t>(path.regimes[t])] += 1 / static_cast<double>(ticks);
  return shares;
}

}  // namespace

bool is_year_end(double date) {
  return std::abs(date - std::round(date)) < 1e-6;
}

double skill(double error, double other_error) {
  if (error == other_error) return 0;
  return 1 - std::abs(error) / std::abs(other_error);
}

double mean_skill(const std::vector<HindcastCell>& cells, Naive naive) {
  double ours = 0;
  double theirs = 0;
  for (const HindcastCell& cell : cells) {
    ours += std::abs(cell.error());
    theirs += std::abs(cell.naive_error(naive));
  }
  return skill(ours, theirs);
}

double extrapolated(const BuildOutFacts& known, HindcastMetric metric, double date, Naive naive) {
  const std::vector<StockQuarter>& stock = known.stock;
  ensure(stock.size() >= 3, "an origin has two quarters before it");
  const std::size_t n = stock.size() - 1;
  const std::size_t span = std::min<std::size_t>(4, n);
  const auto level = [&](std::size_t q) { return value_of(stock[q], metric); };
  const auto added = [&](std::size_t q) { return level(q) - (q > 0 ? level(q - 1) : 0); };
  const std::size_t quarters = quarters_between(stock.back().end, date);
  const auto per_quarter = [span](double ratio) {
    return std::pow(ratio, 1 / static_cast<double>(span));
  };
  if (naive == Naive::growth)
    return level(n) *
           std::pow(per_quarter(level(n) / level(n - span)), static_cast<double>(quarters));
  const double growth = naive == Naive::additions ? 1 : per_quarter(added(n) / added(n - span));
  double value = level(n);
  double addition = added(n);
  for (std::size_t q = 0; q < quarters; ++q) value += addition *= growth;
  return value;
}

HindcastReport hindcast(const HindcastQuestion& question) {
  const std::vector<StockQuarter>& stock = question.facts.stock;
  ensure(stock.size() > least_quarters, "a hindcast has an origin and something behind it");
  HindcastReport report;
  report.until = stock.back().end;
  const std::size_t origins = stock.size() - least_quarters;
  std::vector<std::vector<HindcastCell>> by_origin(origins);
  in_parallel(origins,
              [&](std::size_t i) { by_origin[i] = cells_of(question, i + least_quarters - 1); });
  for (const auto& cells : by_origin)
    report.cells.insert(report.cells.end(), cells.begin(), cells.end());
  std::stable_sort(report.cells.begin(), report.cells.end(),
                   [](const auto& a, const auto& b) { return a.metric < b.metric; });
  const double band = root_mean_square(bands(question));
  const auto inputs = hindcast_inputs();
  report.effects.resize(inputs.size());
  in_parallel(inputs.size(),
              [&](std::size_t i) { report.effects[i] = effect_of(question, inputs[i], band); });
  constexpr double plenty = 100;
  report.unbound_elasticity =
      effect_of(question, inputs.front(), band, {.supply_factor = plenty, .spending = plenty});
  for (std::size_t q = least_quarters - 1; q + 1 < stock.size(); ++q)
    if (is_year_end(stock[q].end)) report.regimes.push_back(regimes_of(question, stock[q].end));
  return report;
}

}  // namespace jevons
