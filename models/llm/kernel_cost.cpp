#include "models/llm/kernel_cost.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

// Place of a coordinate between two knots: index of the lower one and share of the upper one.
struct Place {
  std::size_t lower = 0, upper = 0;
  double share = 0;
};

Place place_of(double x, const std::vector<double>& knots) {
  if (x <= knots.front()) return {};
  const std::size_t last = knots.size() - 1;
  if (x >= knots[last]) return {last, last, 0};
  std::size_t i = 0;
  while (x >= knots[i + 1]) ++i;
  return {i, i + 1, (x - knots[i]) / (knots[i + 1] - knots[i])};
}

double interpolated(const Correction& table, const std::array<Place, 3>& p) {
  const std::size_t n1 = table.knots[1].size(), n2 = table.knots[2].size();
  const auto line = [&](std::size_t i, std::size_t j) {
    const double* row = &table.value[(i * n1 + j) * n2];
    return row[p[2].lower] + p[2].share * (row[p[2].upper] - row[p[2].lower]);
  };
  const auto plane = [&](std::size_t i) {
    const double low = line(i, p[1].lower);
    return p[1].share > 0 ? low + p[1].share * (line(i, p[1].upper) - low) : low;
  };
  const double low = plane(p[0].lower);
  return p[0].share > 0 ? low + p[0].share * (plane(p[0].upper) - low) : low;
}

bool outside(const std::array<AxisRange, shape_axes>& measured, const KernelShape& shape) {
  constexpr double slack = 1e-9;  // rounding of the logarithms
  for (std::size_t d = 0; d < measured.size(); ++d)
    if (shape.at[d] < measured[d].min - slack || shape.at[d] > measured[d].max + slack) return true;
  return false;
}

double ratio(double amount, double rate) {
  return rate > 0 ? amount / rate : 0.0;
}

bool is_untuned(const KernelCost& cost, const Kernel& kernel) {
  const auto* layer = std::get_if<MoeLayer>(&kernel);
  return layer != nullptr &&
         std::binary_search(cost.untuned_layers.begin(), cost.untuned_layers.end(), key_of(*layer));
}

KernelTime time_of(const KernelCost& cost, const Kernel& kernel) {
  const KernelShape shape = shape_of(kernel, cost.base.tile);
  double t = roofline_time(cost.base, shape);
  if (!cost.corrections.empty()) t *= std::exp(log_correction(cost.corrections, shape));
  if (!cost.untuned_layers.empty() && is_untuned(cost, kernel))
    t *= std::exp(log_correction(cost.untuned, shape));
  if (cost.folded > 0) t = std::max(t, cost.base.launch) - cost.folded;
  t = std::max(t, ratio(shape.exact_flop, cost.flop_peak));
  return {t, *cost.source == ProfileSource::assumed || outside(cost.measured, shape)};
}

}  // namespace

LayerKey key_of(const MoeLayer& l) {
  const int skew = l.even ? -1 : static_cast<int>(std::lround(100 * l.skew));
  return {l.hidden, l.inner, l.top_k, l.experts, l.tp, l.ep, skew};
}

double roofline_time(const Roofline& law, const KernelShape& shape) {
  const double f = ratio(shape.work.flop, law.flop_rate);
  const double b = ratio(shape.work.hbm_bytes, law.byte_rate);
  const double n =
      ratio(shape.work.link_bytes, shape.crosses_nodes ? law.network_rate : law.link_rate);
  const double longest = std::max({f, b, n});
  const double fixed = law.launch + law.per_item * shape.items;
  if (longest <= 0) return fixed;
  const double s = law.sharpness;
  double sum = 0;  // relative to the longest, which keeps the powers in range
  for (const double part : {f, b, n})
    if (part > 0) sum += part == longest ? 1.0 : std::pow(part / longest, s);
  return fixed + longest * std::pow(sum, 1 / s);
}

double log_correction(const std::vector<Correction>& tables, const KernelShape& shape) {
  std::array<std::array<Place, 3>, most_corrections> places;
  double sum = 0;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const Correction& table = tables[t];
    for (std::size_t d = 0; d < 3; ++d) {
      const int first = table.first_place[d], own = static_cast<int>(3 * t + d);
      places[t][d] =
          first >= 0 && first < own
              ? places[static_cast<std::size_t>(first / 3)][static_cast<std::size_t>(first % 3)]
              : place_of(shape.at[static_cast<std::size_t>(table.axis[d])], table.knots[d]);
    }
    sum += interpolated(table, places[t]);
  }
  return sum;
}

void share_places(std::vector<Correction>& tables) {
  ensure(tables.size() <= most_corrections, "a law has at most 16 correction tables");
  for (std::size_t own = 0; own < 3 * tables.size(); ++own) {
    Correction& table = tables[own / 3];
    std::size_t first = 0;
    while (tables[first / 3].axis[first % 3] != table.axis[own % 3] ||
           tables[first / 3].knots[first % 3] != table.knots[own % 3])
      ++first;
    table.first_place[own % 3] = static_cast<int>(first);
  }
}

KernelCosts::KernelCosts() {
  static const auto none = std::make_shared<Table>();
  table_ = none;
}

KernelCosts::Table& KernelCosts::own() {
  if (table_.use_count() > 1) table_ = std::make_shared<Table>(*table_);
  return *table_;
}

KernelTime kernel_time(const ChipProfile& profile, const Kernel& kernel) {
  const auto kind = static_cast<std::size_t>(kind_of(kernel));
  return kernel_time(profile.costs[kind][static_cast<std::size_t>(precision_of(kernel))], kernel);
}

KernelTime kernel_time(const KernelCost& cost, const Kernel& kernel) {
  ensure(cost.source.has_value(), "the profile has a law for every kernel that is asked for");
  const auto* layer = std::get_if<MoeLayer>(&kernel);
  if (layer == nullptr || layer->kernel != MoeKernel::fastest || !layer->gated ||
      cost.measured[moe_kernel_axis].max < low_latency_variant)
    return time_of(cost, kernel);
  MoeLayer other = *layer;
  other.kernel = MoeKernel::low_latency;
  const KernelTime a = time_of(cost, kernel), b = time_of(cost, other);
  return a.seconds <= b.seconds ? a : b;
}

}  // namespace jevons
