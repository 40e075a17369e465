#include "studies/table_fit.h"

#include <algorithm>
#include <cmath>

#include <Eigen/IterativeLinearSolvers>
#include <Eigen/Sparse>

namespace jevons {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double, Eigen::RowMajor>;
using Triplets = std::vector<Eigen::Triplet<double>>;

constexpr double noise = 0.03;  // errors below this are not told apart
constexpr int reweightings = 4;

// Knots that touch [min, max]; a single one where the axis does not vary.
std::vector<double> covered(const std::vector<double>& knots, double min, double max) {
  std::vector<double> kept;
  for (std::size_t i = 0; i < knots.size(); ++i) {
    const bool below = i + 1 < knots.size() && knots[i + 1] <= min;
    const bool above = i > 0 && knots[i - 1] >= max;
    if (!below && !above) kept.push_back(knots[i]);
  }
  if (max - min < 1e-9 || kept.empty()) kept.assign(1, knots.front());
  return kept;
}

Correction empty_table(const TablePlan& plan, std::span<const Residual> residuals) {
  Correction table;
  table.axis = plan.axis;
  std::size_t size = 1;
  for (std::size_t d = 0; d < 3; ++d) {
    const auto axis = static_cast<std::size_t>(plan.axis[d]);
    double min = residuals.front().shape.at[axis], max = min;
    for (const Residual& r : residuals) {
      min = std::min(min, r.shape.at[axis]);
      max = std::max(max, r.shape.at[axis]);
    }
    table.knots[d] = covered(plan.knots[d], min, max);
    size *= table.knots[d].size();
  }
  table.value.assign(size, 0.0);
  return table;
}

struct Corner {
  std::size_t knot = 0;
  double weight = 1;
};

std::array<Corner, 2> corners(double x, const std::vector<double>& knots) {
  if (knots.size() == 1 || x <= knots.front()) return {{{0, 1}, {0, 0}}};
  const std::size_t last = knots.size() - 1;
  if (x >= knots[last]) return {{{last, 1}, {last, 0}}};
  std::size_t i = 0;
  while (x >= knots[i + 1]) ++i;
  const double share = (x - knots[i]) / (knots[i + 1] - knots[i]);
  return {{{i, 1 - share}, {i + 1, share}}};
}

void add_row(Triplets& entries, const Correction& t, std::size_t offset, const KernelShape& shape,
             Index row) {
  std::array<std::array<Corner, 2>, 3> c;
  for (std::size_t d = 0; d < 3; ++d)
    c[d] = corners(shape.at[static_cast<std::size_t>(t.axis[d])], t.knots[d]);
  for (const Corner& a : c[0])
    for (const Corner& b : c[1])
      for (const Corner& e : c[2]) {
        const double weight = a.weight * b.weight * e.weight;
        const std::size_t at = (a.knot * t.knots[1].size() + b.knot) * t.knots[2].size() + e.knot;
        if (weight > 0) entries.emplace_back(row, static_cast<Index>(offset + at), weight);
      }
}

// Differences along each axis of a table, as rows that should be 0.
class Penalty {
 public:
  Penalty(const FitPlan& plan, Triplets& entries)
      : smooth_{std::sqrt(plan.smoothness)}, pull_{plan.pull}, entries_{entries} {}

  Index rows() const { return row_; }

  void add(const Correction& t, std::size_t offset) {
    const std::array<std::size_t, 3> n{t.knots[0].size(), t.knots[1].size(), t.knots[2].size()};
    const std::array<std::size_t, 3> stride{n[1] * n[2], n[2], 1};
    for (std::size_t at = 0; at < t.value.size(); ++at) {
      put(offset + at, pull_);
      ++row_;
      for (std::size_t d = 0; d < 3; ++d)
        differences(t.knots[d], at / stride[d] % n[d], offset + at, stride[d]);
    }
  }

 private:
  void put(std::size_t column, double value) {
    entries_.emplace_back(row_, static_cast<Index>(column), value);
  }
  void differences(const std::vector<double>& knots, std::size_t i, std::size_t at,
                   std::size_t stride) {
    if (i + 1 >= knots.size()) return;
    const double h = knots[i + 1] - knots[i];
    put(at, -pull_ / h);
    put(at + stride, pull_ / h);
    ++row_;
    if (i + 2 >= knots.size()) return;
    const double g = knots[i + 2] - knots[i + 1];
    put(at, smooth_ / h);
    put(at + stride, -smooth_ / h - smooth_ / g);
    put(at + 2 * stride, smooth_ / g);
    ++row_;
  }

  double smooth_, pull_;
  Triplets& entries_;
  Index row_ = 0;
};

VectorXd row_weights(const VectorXd& errors) {
  VectorXd w = errors.cwiseAbs().cwiseMax(noise).cwiseInverse();
  std::vector<double> sorted(w.begin(), w.end());
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<long>(sorted.size() / 2),
                   sorted.end());
  return (w / sorted[sorted.size() / 2]).cwiseMin(3.0);
}

// Minimises |sqrt(w) (A x - b)|^2 + |P x|^2, w reweighted towards the median.
VectorXd solved(const Sparse& basis, const Sparse& penalty, const VectorXd& target) {
  VectorXd x = VectorXd::Zero(basis.cols()), w = VectorXd::Ones(basis.rows());
  for (int i = 0; i < reweightings; ++i) {
    const VectorXd root = w.cwiseSqrt();
    Sparse stacked(basis.rows() + penalty.rows(), basis.cols());
    stacked.topRows(basis.rows()) = root.asDiagonal() * basis;
    stacked.bottomRows(penalty.rows()) = penalty;
    VectorXd right = VectorXd::Zero(stacked.rows());
    right.head(basis.rows()) = root.cwiseProduct(target);
    Eigen::LeastSquaresConjugateGradient<Sparse> solver;
    solver.setMaxIterations(200);
    solver.setTolerance(1e-7);
    solver.compute(stacked);
    x = solver.solveWithGuess(right, x);
    w = row_weights(target - basis * x);
  }
  return x;
}

}  // namespace

std::vector<Correction> fit_tables(const FitPlan& plan, std::span<const Residual> residuals) {
  std::vector<Correction> tables;
  std::vector<std::size_t> offsets;
  std::size_t columns = 0;
  for (const TablePlan& t : plan.tables) {
    tables.push_back(empty_table(t, residuals));
    offsets.push_back(columns);
    columns += tables.back().value.size();
  }
  Triplets rows, penalties;
  VectorXd target(static_cast<Index>(residuals.size()));
  Penalty penalty{plan, penalties};
  for (std::size_t t = 0; t < tables.size(); ++t) penalty.add(tables[t], offsets[t]);
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    target[static_cast<Index>(i)] = residuals[i].log_ratio;
    for (std::size_t t = 0; t < tables.size(); ++t)
      add_row(rows, tables[t], offsets[t], residuals[i].shape, static_cast<Index>(i));
  }
  Sparse basis(static_cast<Index>(residuals.size()), static_cast<Index>(columns));
  basis.setFromTriplets(rows.begin(), rows.end());
  Sparse rough(penalty.rows(), static_cast<Index>(columns));
  rough.setFromTriplets(penalties.begin(), penalties.end());
  const VectorXd x = solved(basis, rough, target);
  for (std::size_t t = 0; t < tables.size(); ++t)
    for (std::size_t i = 0; i < tables[t].value.size(); ++i)
      tables[t].value[i] = x[static_cast<Index>(offsets[t] + i)];
  share_places(tables);
  return tables;
}

}  // namespace jevons
