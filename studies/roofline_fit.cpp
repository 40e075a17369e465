#include "studies/roofline_fit.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "sim/ensure.h"
#include "sim/rng.h"

namespace jevons {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double outlier_scale = 0.1;  // errors of ln time beyond this count less
constexpr int iterations = 60;
constexpr int replicates = 200;
constexpr std::uint64_t bootstrap_seed = 7;

// A coefficient as the fit sees it: its logarithm, free between two bounds.
struct Parameter {
  std::string name;
  double Roofline::*member;
  double start, low, high;
};

double fastest(std::span<const TimedShape> rows, double KernelWork::*amount) {
  double rate = 0;
  for (const TimedShape& r : rows)
    rate = std::max(rate, r.shape.work.*amount / std::exp(r.log_seconds));
  return rate;
}

Parameter rate_parameter(std::string name, double Roofline::*member, double seen, double peak) {
  const double top = peak > 0 ? peak : 3 * seen;
  return {std::move(name), member, std::min(0.7 * seen, 0.8 * top), 1e-3 * top, top};
}

std::vector<Parameter> parameters(const FitPlan& plan, std::span<const TimedShape> rows,
                                  const Peaks& peaks) {
  double shortest = rows.front().log_seconds;
  for (const TimedShape& r : rows) shortest = std::min(shortest, r.log_seconds);
  const double floor = std::exp(shortest);
  std::vector<Parameter> list{{"launch", &Roofline::launch, 0.9 * floor, 0.02 * floor, 20 * floor}};
  if (plan.uses_items)
    list.push_back({"per_item", &Roofline::per_item, 0.02 * floor, 1e-5 * floor, 20 * floor});
  if (plan.uses_flop)
    list.push_back(rate_parameter("flop_rate", &Roofline::flop_rate,
                                  fastest(rows, &KernelWork::flop), peaks.flop));
  if (plan.uses_bytes)
    list.push_back(rate_parameter("byte_rate", &Roofline::byte_rate,
                                  fastest(rows, &KernelWork::hbm_bytes), peaks.byte));
  if (plan.uses_link)
    list.push_back(rate_parameter("link_rate", &Roofline::link_rate,
                                  fastest(rows, &KernelWork::link_bytes), 0));
  list.push_back({"sharpness", &Roofline::sharpness, 2, 1, 12});
  return list;
}

Roofline law_from(const std::vector<Parameter>& list, const VectorXd& logs, double tile) {
  Roofline law{.tile = tile};
  for (std::size_t i = 0; i < list.size(); ++i)
    law.*list[i].member =
        std::clamp(std::exp(logs[static_cast<Eigen::Index>(i)]), list[i].low, list[i].high);
  return law;
}

class Problem {
 public:
  Problem(std::vector<Parameter> list, std::span<const TimedShape> rows, double tile)
      : list_{std::move(list)}, rows_{rows}, tile_{tile} {}

  VectorXd start() const {
    VectorXd p(static_cast<Eigen::Index>(list_.size()));
    for (std::size_t i = 0; i < list_.size(); ++i)
      p[static_cast<Eigen::Index>(i)] = std::log(list_[i].start);
    return p;
  }
  Roofline law(const VectorXd& p) const { return law_from(list_, p, tile_); }
  const std::vector<Parameter>& list() const { return list_; }

  VectorXd residuals(const VectorXd& p) const {
    const Roofline l = law(p);
    VectorXd r(static_cast<Eigen::Index>(rows_.size()));
    for (std::size_t i = 0; i < rows_.size(); ++i)
      r[static_cast<Eigen::Index>(i)] =
          std::log(roofline_time(l, rows_[i].shape)) - rows_[i].log_seconds;
    return r;
  }
  MatrixXd jacobian(const VectorXd& p, const VectorXd& r) const {
    constexpr double step = 1e-5;
    MatrixXd j(r.size(), p.size());
    for (Eigen::Index i = 0; i < p.size(); ++i) {
      VectorXd q = p;
      q[i] += step;
      j.col(i) = (residuals(q) - r) / step;
    }
    return j;
  }
  // Back between the bounds, so that a parameter cannot run away where it has no effect.
  VectorXd clamped(VectorXd p) const {
    for (std::size_t i = 0; i < list_.size(); ++i) {
      double& x = p[static_cast<Eigen::Index>(i)];
      x = std::clamp(x, std::log(list_[i].low), std::log(list_[i].high));
    }
    return p;
  }

 private:
  std::vector<Parameter> list_;
  std::span<const TimedShape> rows_;
  double tile_;
};

VectorXd robust_weights(const VectorXd& r) {
  return (1 + (r / outlier_scale).array().square()).rsqrt();
}

// sum of 2 (sqrt(1 + z^2) - 1): quadratic near 0, linear far out.
double robust_cost(const VectorXd& r) {
  return ((1 + (r / outlier_scale).array().square()).sqrt() - 1).sum();
}

VectorXd minimised(const Problem& problem) {
  VectorXd p = problem.start();
  VectorXd r = problem.residuals(p);
  double damping = 1e-2;
  for (int i = 0; i < iterations && damping < 1e8; ++i) {
    const MatrixXd j = problem.jacobian(p, r);
    const VectorXd w = robust_weights(r);
    const MatrixXd normal = j.transpose() * w.asDiagonal() * j;
    const VectorXd gradient = j.transpose() * w.cwiseProduct(r);
    MatrixXd damped = normal;
    damped.diagonal() += damping * (normal.diagonal().array() + 1e-9).matrix();
    const VectorXd next = problem.clamped(p - damped.ldlt().solve(gradient));
    const VectorXd next_r = problem.residuals(next);
    if (robust_cost(next_r) < robust_cost(r)) {
      const bool is_done = robust_cost(r) - robust_cost(next_r) < 1e-9 * robust_cost(r);
      p = next;
      r = next_r;
      damping *= 0.3;
      if (is_done) break;
    } else {
      damping *= 5;
    }
  }
  return p;
}

// One Gauss-Newton step per replicate, each row weighted by an exponential draw (Bayesian
// bootstrap, Rubin 1981, doi:10.1214/aos/1176345338).
MatrixXd bootstrap(const MatrixXd& j, const VectorXd& r, const VectorXd& w, const MatrixXd& ridge) {
  Rng rng{bootstrap_seed, "fit/bootstrap"};
  MatrixXd steps(j.cols(), replicates);
  for (int b = 0; b < replicates; ++b) {
    VectorXd draw(r.size());
    for (double& d : draw) d = -std::log(rng.uniform_open());
    const VectorXd weight = w.cwiseProduct(draw);
    const MatrixXd normal = j.transpose() * weight.asDiagonal() * j + ridge;
    steps.col(b) = -normal.ldlt().solve(j.transpose() * weight.cwiseProduct(r));
  }
  return steps;
}

void add_errors(RooflineFit& fit, const Problem& problem, const VectorXd& p) {
  const VectorXd r = problem.residuals(p);
  const MatrixXd j = problem.jacobian(p, r);
  const VectorXd w = robust_weights(r);
  MatrixXd normal = j.transpose() * w.asDiagonal() * j;
  // A parameter at its bound has no slope; the ridge keeps its variance finite.
  const MatrixXd ridge = MatrixXd::Identity(p.size(), p.size()) * 1e-6 * normal.trace();
  normal += ridge;
  const double variance = w.cwiseProduct(r).dot(r) /
                          static_cast<double>(std::max<Eigen::Index>(r.size() - p.size(), 1));
  const MatrixXd covariance = normal.inverse() * variance;
  const MatrixXd steps = bootstrap(j, r, w, ridge);
  fit.robust_error = r.cwiseAbs().mean();
  for (Eigen::Index i = 0; i < p.size(); ++i) {
    const Parameter& parameter = problem.list()[static_cast<std::size_t>(i)];
    std::vector<double> moved(static_cast<std::size_t>(replicates));
    for (int b = 0; b < replicates; ++b) moved[static_cast<std::size_t>(b)] = steps(i, b);
    std::sort(moved.begin(), moved.end());
    const double value = fit.law.*parameter.member;
    fit.coefficients.push_back({parameter.name, value, std::sqrt(covariance(i, i)),
                                value * std::exp(moved[replicates / 20]),
                                value * std::exp(moved[replicates - 1 - replicates / 20])});
    fit.covariance.emplace_back();
    for (Eigen::Index k = 0; k < p.size(); ++k) fit.covariance.back().push_back(covariance(i, k));
  }
}

}  // namespace

RooflineFit fit_roofline(const FitPlan& plan, double tile, std::span<const TimedShape> rows,
                         const Peaks& peaks) {
  ensure(!rows.empty(), "a law is fitted to rows");
  const Problem problem{parameters(plan, rows, peaks), rows, tile};
  const VectorXd p = minimised(problem);
  RooflineFit fit;
  fit.law = problem.law(p);
  add_errors(fit, problem, p);
  return fit;
}

}  // namespace jevons
