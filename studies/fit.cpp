#include "studies/fit.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "scenarios/profile_io.h"
#include "sim/ensure.h"
#include "studies/table_fit.h"

namespace jevons {

namespace {

using RowPointers = std::vector<const KernelRow*>;

constexpr std::size_t most_roofline_rows = 4000;

std::vector<TimedShape> timed_shapes(const RowPointers& rows, double tile) {
  const std::size_t stride = rows.size() / most_roofline_rows + 1;
  std::vector<TimedShape> shapes;
  for (std::size_t i = 0; i < rows.size(); i += stride)
    shapes.push_back({shape_of(rows[i]->kernel, tile), std::log(rows[i]->seconds)});
  return shapes;
}

RooflineFit best_roofline(const FitPlan& plan, const RowPointers& rows, const Peaks& peaks) {
  RooflineFit best;
  for (const double tile : plan.tiles) {
    const std::vector<TimedShape> shapes = timed_shapes(rows, tile);
    RooflineFit fit = fit_roofline(plan, tile, shapes, peaks);
    if (best.coefficients.empty() || fit.robust_error < 0.995 * best.robust_error)
      best = std::move(fit);
  }
  return best;
}

std::vector<Residual> residuals(const KernelCost& cost, const RowPointers& rows) {
  std::vector<Residual> list;
  list.reserve(rows.size());
  for (const KernelRow* row : rows) {
    const KernelShape shape = shape_of(row->kernel, cost.base.tile);
    const double predicted =
        std::log(roofline_time(cost.base, shape)) + log_correction(cost.corrections, shape);
    list.push_back({shape, std::log(row->seconds) - predicted});
  }
  return list;
}

std::array<AxisRange, shape_axes> ranges(const RowPointers& rows) {
  std::array<AxisRange, shape_axes> r{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const KernelShape shape = shape_of(rows[i]->kernel, 1);
    for (std::size_t d = 0; d < r.size(); ++d) {
      r[d].min = i == 0 ? shape.at[d] : std::min(r[d].min, shape.at[d]);
      r[d].max = i == 0 ? shape.at[d] : std::max(r[d].max, shape.at[d]);
    }
  }
  return r;
}

LayerKey layer_of(const KernelRow& row) {
  return key_of(std::get<MoeLayer>(row.kernel));
}

// Parts the rows of expert layers into those measured with a tuned kernel and the others. Rows of
// one layer were measured in one session, so a layer is one or the other.
class Regimes {
 public:
  Regimes(const FitPlan& plan, const RowPointers& rows) : plan_{plan}, rows_{rows} {}

  void separate(KernelCost& cost) {
    for (int round = 0; round < 3; ++round) {
      fit(cost);
      std::vector<LayerKey> found = untuned_layers(cost);
      const bool is_stable = found == cost.untuned_layers;
      cost.untuned_layers = std::move(found);
      if (is_stable) break;
    }
    fit(cost);
  }

 private:
  static constexpr std::size_t fewest_rows = 60;  // below, a regime has no law of its own

  bool is_untuned(const KernelCost& cost, const KernelRow& row) const {
    return std::binary_search(cost.untuned_layers.begin(), cost.untuned_layers.end(),
                              layer_of(row));
  }
  void fit(KernelCost& cost) {
    RowPointers tuned, untuned;
    for (const KernelRow* row : rows_) (is_untuned(cost, *row) ? untuned : tuned).push_back(row);
    cost.corrections.clear();
    cost.corrections = fit_tables(plan_, residuals(cost, tuned));
    cost.untuned.clear();
    if (untuned.size() < fewest_rows) return;
    FitPlan stiff = plan_;
    stiff.smoothness *= 5;
    cost.untuned = fit_tables(stiff, residuals(cost, untuned));
  }
  // A layer is untuned if that law fits its rows clearly better.
  std::vector<LayerKey> untuned_layers(const KernelCost& cost) const {
    struct Sums {
      double tuned = 0, untuned = 0;
      int rows = 0;
    };
    std::map<LayerKey, Sums> layers;
    for (const KernelRow* row : rows_) {
      const Residual r = residuals(cost, {row}).front();
      Sums& s = layers[layer_of(*row)];
      s.tuned += std::abs(r.log_ratio);
      const double slower =
          cost.untuned.empty() ? first_guess : log_correction(cost.untuned, r.shape);
      s.untuned += std::abs(r.log_ratio - slower);
      ++s.rows;
    }
    std::vector<LayerKey> keys;
    for (const auto& [key, s] : layers)
      if (s.untuned + clear_gain < s.tuned) keys.push_back(key);
    return keys;
  }

  static constexpr double first_guess = 1.0;  // e times slower
  static constexpr double clear_gain = 0.3;

  const FitPlan& plan_;
  const RowPointers& rows_;
};

void split(std::span<const KernelRow> rows, RowPointers& fitted, RowPointers& held_out) {
  for (const KernelRow& row : rows) (is_held_out(row.shape) ? held_out : fitted).push_back(&row);
  if (held_out.empty()) held_out = fitted;
}

RowPointers without_untuned(const KernelCost& law, const RowPointers& rows) {
  RowPointers tuned;
  for (const KernelRow* row : rows)
    if (!std::binary_search(law.untuned_layers.begin(), law.untuned_layers.end(), layer_of(*row)))
      tuned.push_back(row);
  return tuned;
}

}  // namespace

HeldOutError judged(const KernelCost& cost, std::span<const KernelRow* const> rows) {
  HeldOutError error;
  error.rows = static_cast<int>(rows.size());
  if (rows.empty()) return error;
  std::vector<double> sizes;
  for (const KernelRow* row : rows) {
    const double e = kernel_time(cost, row->kernel).seconds / row->seconds - 1;
    error.bias += e / static_cast<double>(rows.size());
    error.mape += std::abs(e) / static_cast<double>(rows.size());
    if (std::abs(e) > error.worst) {
      error.worst = std::abs(e);
      error.worst_shape = row->shape;
    }
    sizes.push_back(std::abs(e));
  }
  std::sort(sizes.begin(), sizes.end());
  error.median = sizes[sizes.size() / 2];
  error.p90 = sizes[sizes.size() * 9 / 10];
  return error;
}

KernelCost fit_law(std::span<const KernelRow> rows, const Peaks& peaks) {
  ensure(!rows.empty(), "a law is fitted to rows");
  const KernelKind kind = kind_of(rows.front().kernel);
  const FitPlan plan = fit_plan(kind);
  RowPointers fitted, held_out;
  split(rows, fitted, held_out);
  const RooflineFit roofline = best_roofline(plan, fitted, peaks);
  KernelCost law;
  law.source = ProfileSource::imported;
  law.base = roofline.law;
  law.coefficients = roofline.coefficients;
  law.covariance = roofline.covariance;
  law.flop_peak = peaks.flop;
  law.measured = ranges(fitted);
  law.fitted_rows = static_cast<int>(fitted.size());
  law.held_out_roofline = judged(law, held_out);
  if (kind == KernelKind::moe)
    Regimes{plan, fitted}.separate(law);
  else
    law.corrections = fit_tables(plan, residuals(law, fitted));
  law = rounded(law);
  law.held_out = judged(law, held_out);
  if (kind == KernelKind::moe) law.held_out_tuned = judged(law, without_untuned(law, held_out));
  return rounded(law);
}

}  // namespace jevons
