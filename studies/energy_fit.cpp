#include "studies/energy_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <Eigen/Dense>

#include "models/jobs/inference/serving.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

// Link energy cannot be told apart in closed-loop serving: it is set, not fitted. About 1.3 pJ/bit
// on each side of NVLink 4 and the switch between.
constexpr double assumed_link_pj_per_byte = 30;
// Context alive, no kernel.
constexpr double assumed_idle_share_of_limit = 0.11;
constexpr double voltage_floor = 0.7;  // fitted to training runs under power caps, see docs
constexpr double pico = 1e-12;

constexpr std::size_t coefficients = 4;  // static W, J/FLOP, J/byte, J/byte of KV
using Row = std::array<double, coefficients>;
Row features(const TokenWork& w) {
  return {w.gpu_seconds, w.flop, w.bytes, w.kv_bytes};
}

ChipEnergy nothing() {
  ChipEnergy e;
  e.limit = 1e12 * unit::W;  // no clipping: the joules of a unit coefficient count the work
  return e;
}

double measure(const Deployment& d, ServingConfig config, const ChipEnergy& energy) {
  for (PoolConfig& pool : config.pools) pool.hardware.energy = energy;
  return run_deployment(d, config).joules_per_token.value_or(0);
}

TokenWork work_of(const MeasuredDeployment& row, const ServingConfig& config,
                  const FormatShares& shares) {
  const Deployment& d = row.deployment;
  // Units small enough that a run's picojoules fit their integers, large enough not to round.
  constexpr double per_flop = 1e-12, per_byte = 1e-10;
  TokenWork w;
  w.model = d.model;
  w.joules = *row.measured.joules_per_token;
  w.gpu_seconds = d.gpus() / *row.measured.output_tokens_per_s;
  ChipEnergy arithmetic = nothing();
  for (std::size_t p = 0; p < arithmetic.joule_per_flop.size(); ++p) {
    const double bytes = bytes_per_element(static_cast<Precision>(p));
    arithmetic.joule_per_flop[p] = per_flop * (bytes > 1.5   ? 1.0
                                               : bytes > 0.9 ? shares.fp8
                                                             : shares.fp4);
  }
  w.flop = measure(d, config, arithmetic) / per_flop;
  ChipEnergy kv = nothing();
  for (const KernelKind k : {KernelKind::decode_attention, KernelKind::mla_decode,
                             KernelKind::prefill_attention, KernelKind::mla_prefill})
    kv.joule_per_byte[static_cast<std::size_t>(k)] = per_byte;
  w.kv_bytes = measure(d, config, kv) / per_byte;
  ChipEnergy all = nothing();
  all.joule_per_byte.fill(per_byte);
  w.bytes = measure(d, config, all) / per_byte - w.kv_bytes;
  ChipEnergy link = nothing();
  link.joule_per_link_byte = per_byte;
  w.link_bytes = measure(d, config, link) / per_byte;
  return w;
}

struct Solved {
  std::vector<double> x;
  std::vector<double> relative;  // predicted / measured, of the rows asked for
};

double link_joules(const TokenWork& w) {
  return w.link_bytes * assumed_link_pj_per_byte * pico;
}

std::vector<double> solve(std::span<const TokenWork> rows, const std::string& without) {
  std::vector<std::vector<double>> a;
  std::vector<double> b;
  for (const TokenWork& w : rows) {
    if (w.model == without) continue;
    a.emplace_back();
    for (const double f : features(w)) a.back().push_back(f / w.joules);
    b.push_back(1 - link_joules(w) / w.joules);
  }
  // Weights and KV cache lie in the same memory: their energies per byte are drawn to each other.
  std::vector<double> prior(coefficients, 0.0);
  std::vector<double> ridge(coefficients, 0.0);
  const std::vector<double> free = least_squares(a, b, prior, ridge);
  double common = 0;
  double bytes = 0;
  for (const TokenWork& w : rows) {
    common += (free[2] * w.bytes + free[3] * w.kv_bytes) / w.joules;
    bytes += (w.bytes + w.kv_bytes) / w.joules;
  }
  constexpr double assumed_prior_weight = 0.02;  // of the rows' own weight
  for (const std::size_t j : {2UL, 3UL}) {
    prior[j] = common / bytes;
    for (const auto& row : a) ridge[j] += assumed_prior_weight * row[j] * row[j];
  }
  return least_squares(a, b, prior, ridge);
}

double predict(const std::vector<double>& x, const TokenWork& w) {
  const Row f = features(w);
  double joules = link_joules(w);
  for (std::size_t j = 0; j < coefficients; ++j) joules += x[j] * f[j];
  return joules;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(std::lround(q * last))];
}

// Standard errors from the curvature at the solution and the scatter of the rows around it.
void add_uncertainty(EnergyText& text, std::span<const TokenWork> rows,
                     const std::vector<double>& x) {
  const auto n = static_cast<Eigen::Index>(rows.size());
  const auto m = static_cast<Eigen::Index>(coefficients);
  Eigen::MatrixXd a(n, m);
  double scatter = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    const TokenWork& w = rows[static_cast<std::size_t>(i)];
    const Row f = features(w);
    for (Eigen::Index j = 0; j < m; ++j) {
      const auto c = static_cast<std::size_t>(j);
      a(i, j) = f[c] * std::max(x[c], 1e-30) / w.joules;
    }
    const double error = predict(x, w) / w.joules - 1;
    scatter += error * error;
  }
  const Eigen::MatrixXd inverse =
      (a.transpose() * a + 1e-9 * Eigen::MatrixXd::Identity(m, m)).inverse() *
      (scatter / static_cast<double>(n - m));
  const std::array<double, coefficients> units{1, 1 / pico, 1 / pico, 1 / pico};
  for (Eigen::Index j = 0; j < m; ++j) {
    const auto c = static_cast<std::size_t>(j);
    text.standard_errors.push_back(std::sqrt(inverse(j, j)) * x[c] * units[c]);
    text.correlation.emplace_back();
    for (Eigen::Index k = 0; k < m; ++k)
      text.correlation.back().push_back(inverse(j, k) / std::sqrt(inverse(j, j) * inverse(k, k)));
  }
}

}  // namespace

std::vector<double> least_squares(const std::vector<std::vector<double>>& a,
                                  const std::vector<double>& b, const std::vector<double>& prior,
                                  const std::vector<double>& ridge) {
  const auto n = static_cast<Eigen::Index>(a.size());
  const auto m = static_cast<Eigen::Index>(prior.size());
  Eigen::MatrixXd matrix(n, m);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < m; ++j)
      matrix(i, j) = a[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  Eigen::VectorXd scale = matrix.colwise().norm().transpose();
  for (Eigen::Index j = 0; j < m; ++j) scale(j) = std::max(scale(j), 1e-30);
  matrix = matrix * scale.cwiseInverse().asDiagonal();
  const Eigen::Map<const Eigen::VectorXd> target(b.data(), n);
  Eigen::MatrixXd gram = matrix.transpose() * matrix;
  Eigen::VectorXd right = matrix.transpose() * target;
  for (Eigen::Index j = 0; j < m; ++j) {
    const auto c = static_cast<std::size_t>(j);
    const double weight = ridge[c] / (scale(j) * scale(j));
    gram(j, j) += weight + 1e-12;
    right(j) += weight * prior[c] * scale(j);
  }
  // Cyclic descent along the coordinates; the minimum of a convex function on a box is unique.
  Eigen::VectorXd x = Eigen::VectorXd::Zero(m);
  for (int round = 0; round < 20'000; ++round) {
    double moved = 0;
    for (Eigen::Index j = 0; j < m; ++j) {
      const double step = (right(j) - gram.row(j).dot(x)) / gram(j, j);
      const double next = std::max(0.0, x(j) + step);
      moved = std::max(moved, std::abs(next - x(j)));
      x(j) = next;
    }
    if (moved < 1e-13) break;
  }
  std::vector<double> out;
  for (Eigen::Index j = 0; j < m; ++j) out.push_back(x(j) / scale(j));
  return out;
}

std::vector<TokenWork> token_work(std::span<const MeasuredDeployment> rows, const std::string& chip,
                                  const FormatShares& shares, ReplayParts& parts) {
  std::vector<TokenWork> all;
  for (const MeasuredDeployment& row : rows) {
    if (row.refusal || row.deployment.chip != chip) continue;
    if (!row.measured.joules_per_token || !row.measured.output_tokens_per_s) continue;
    const ServingConfig config = serving_config(row.deployment, EngineOverhead{}, parts);
    const bool fits = std::all_of(config.pools.begin(), config.pools.end(),
                                  [](const auto& pool) { return kv_capacity(pool).blocks > 0; });
    if (fits) all.push_back(work_of(row, config, shares));
  }
  return all;
}

EnergyText fit_energy(std::span<const TokenWork> rows, const ChipSpec& chip,
                      const FormatShares& shares) {
  ensure(rows.size() >= 12, "an energy is fitted to at least a dozen rows");
  const std::vector<double> x = solve(rows, "");
  EnergyText t;
  t.chip = chip.id;
  t.limit_w = chip.tdp->in(unit::W);
  t.idle_w = assumed_idle_share_of_limit * t.limit_w;
  t.static_w = x[0];
  t.voltage_floor = voltage_floor;
  t.bf16_pj_per_flop = x[1] / pico;
  t.fp8_pj_per_flop = shares.fp8 * t.bf16_pj_per_flop;
  t.fp4_pj_per_flop = shares.fp4 * t.bf16_pj_per_flop;
  t.memory_pj_per_byte = x[2] / pico;
  t.kv_pj_per_byte = x[3] / pico;
  t.link_pj_per_byte = assumed_link_pj_per_byte;
  t.rows = static_cast<int>(rows.size());
  std::set<std::string> models;
  for (const TokenWork& w : rows) {
    t.mape += std::abs(predict(x, w) / w.joules - 1) / t.rows;
    models.insert(w.model);
  }
  std::vector<double> left_out;  // measured over predicted, each model from the others
  for (const std::string& model : models) {
    const std::vector<double> others = solve(rows, model);
    for (const TokenWork& w : rows)
      if (w.model == model) left_out.push_back(w.joules / predict(others, w));
  }
  for (const double r : left_out) {
    t.left_out_mape += std::abs(1 / r - 1) / t.rows;
    t.left_out_worst = std::max(t.left_out_worst, std::abs(1 / r - 1));
  }
  t.low = std::min(1.0, quantile(left_out, 0.05));
  t.high = std::max(1.0, quantile(left_out, 0.95));
  add_uncertainty(t, rows, x);
  return t;
}

}  // namespace jevons
