#include "calibration/meter/energy_terms.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "sim/ensure.h"

namespace jevons::calibration {
namespace {

using Index = std::size_t;
constexpr Index terms = energy_terms;

bool reads_cache(CaseKind kind) {
  return kind == CaseKind::gqa_decode || kind == CaseKind::mla_decode;
}

bool is_fp8(const KernelCase& c) {
  // The router is bf16 in either format, and quantising computes in f32; both are next to nothing.
  return c.format == Format::fp8 && c.kind != CaseKind::quantize;
}

// x of a x = b for symmetric positive a, by elimination with row exchange; columns not in `used`
// stay 0.
EnergyRow solved(const Information& a, const EnergyRow& b, const std::vector<Index>& used) {
  const Index n = used.size();
  std::vector<std::vector<double>> m(n, std::vector<double>(n + 1));
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) m[i][j] = a[used[i]][used[j]];
    m[i][n] = b[used[i]];
  }
  for (Index i = 0; i < n; ++i) {
    Index pivot = i;
    for (Index r = i + 1; r < n; ++r)
      if (std::abs(m[r][i]) > std::abs(m[pivot][i])) pivot = r;
    std::swap(m[i], m[pivot]);
    for (Index r = 0; r < n; ++r) {
      if (r == i || m[r][i] == 0) continue;
      const double factor = m[r][i] / m[i][i];
      for (Index j = i; j <= n; ++j) m[r][j] -= factor * m[i][j];
    }
  }
  EnergyRow x{};
  for (Index i = 0; i < n; ++i) x[used[i]] = m[i][n] / m[i][i];
  return x;
}

}  // namespace

EnergyRow energy_row(const KernelCase& c, double seconds, double voltage) {
  ensure(seconds > 0, "a launch takes time");
  const CaseWork work = work_of(c);
  const double flop = work.flop.in(unit::flop) / seconds * voltage * voltage;
  const double bytes = (work.read + work.written).in(unit::B) / seconds;
  const bool kv = reads_cache(c.kind), fp8 = is_fp8(c);
  return {1, fp8 ? 0 : flop, fp8 ? flop : 0, kv ? 0 : bytes, kv ? bytes : 0};
}

EnergyRow least_relative_squares(const std::vector<EnergyRow>& rows,
                                 const std::vector<double>& watts) {
  // Columns differ by fifteen orders of magnitude: each is scaled to a largest entry of 1.
  EnergyRow scale{};
  for (Index i = 0; i < rows.size(); ++i)
    for (Index j = 0; j < terms; ++j) scale[j] = std::max(scale[j], rows[i][j] / watts[i]);
  Information a{};
  EnergyRow b{};
  for (Index i = 0; i < rows.size(); ++i)
    for (Index j = 0; j < terms; ++j) {
      if (scale[j] == 0) continue;
      const double x = rows[i][j] / watts[i] / scale[j];
      b[j] += x;
      for (Index k = 0; k < terms; ++k)
        if (scale[k] > 0) a[j][k] += x * rows[i][k] / watts[i] / scale[k];
    }
  std::vector<Index> used;
  for (Index j = 0; j < terms; ++j) {
    a[j][j] *= 1 + 1e-12;  // a resample may hold no row of a term but its shadow
    if (scale[j] > 0) used.push_back(j);
  }
  EnergyRow x = solved(a, b, used);
  while (!used.empty()) {
    const auto least =
        std::min_element(used.begin(), used.end(), [&](Index p, Index q) { return x[p] < x[q]; });
    if (x[*least] >= 0) break;
    used.erase(least);
    x = solved(a, b, used);
  }
  for (Index j = 0; j < terms; ++j)
    if (scale[j] > 0) x[j] /= scale[j];
  return x;
}

double log_determinant(const Information& information) {
  // Cholesky: the determinant is the product of the squared diagonal.
  Information l{};
  double sum = 0;
  for (Index i = 0; i < terms; ++i)
    for (Index j = 0; j <= i; ++j) {
      double value = information[i][j] + (i == j ? 1e-9 : 0);
      for (Index k = 0; k < j; ++k) value -= l[i][k] * l[j][k];
      if (i == j) {
        l[i][i] = std::sqrt(std::max(value, 1e-300));
        sum += 2 * std::log(l[i][i]);
      } else {
        l[i][j] = value / l[j][j];
      }
    }
  return sum;
}

}  // namespace jevons::calibration
