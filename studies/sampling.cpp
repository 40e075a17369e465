#include "studies/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "sim/ensure.h"
#include "sim/rng.h"

namespace jevons {

namespace {

// Ranks from 0 on, equal values share the mean of theirs.
std::vector<double> ranks(const std::vector<double>& x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&x](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  std::vector<double> rank(x.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && x[order[j]] == x[order[i]]) ++j;
    const double mean = 0.5 * static_cast<double>(i + j - 1);
    for (; i < j; ++i) rank[order[i]] = mean;
  }
  return rank;
}

}  // namespace

std::vector<double> latin_column(std::string_view name, std::size_t n, std::uint64_t seed) {
  Rng rng{seed, "latin/" + std::string{name}};
  std::vector<double> u(n);
  for (std::size_t i = 0; i < n; ++i)
    u[i] = (static_cast<double>(i) + rng.uniform_open()) / static_cast<double>(n);
  for (std::size_t i = n; i > 1; --i)
    std::swap(u[i - 1], u[static_cast<std::size_t>(rng.uniform() * static_cast<double>(i))]);
  return u;
}

Spread spread_of(std::vector<double> values) {
  ensure(!values.empty(), "a sample has values");
  std::sort(values.begin(), values.end());
  const auto at = [&values](double u) {
    const double x = u * static_cast<double>(values.size() - 1);
    const auto i = static_cast<std::size_t>(x);
    const std::size_t j = std::min(i + 1, values.size() - 1);
    return values[i] + (x - static_cast<double>(i)) * (values[j] - values[i]);
  };
  return {at(0.05), at(0.5), at(0.95)};
}

double rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  ensure(x.size() == y.size(), "a correlation is that of pairs");
  const std::vector<double> a = ranks(x), b = ranks(y);
  const double mean = 0.5 * (static_cast<double>(x.size()) - 1);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace jevons
