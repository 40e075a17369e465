#include "sim/distributions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "sim/ensure.h"

namespace jevons {
namespace {

constexpr std::size_t draws = 40'000;

template <class Distribution>
auto sample(const Distribution& of, std::string_view stream) {
  Rng rng{1, stream};
  std::vector<decltype(of.sample(rng))> values(draws);
  for (auto& value : values) value = of.sample(rng);
  return values;
}

// Kolmogorov-Smirnov: the greatest gap between the sample's distribution and `cdf`, times sqrt(n).
// A true sampler exceeds 1.95 in one of a thousand streams (Kolmogorov's limit law); ours are
// fixed, so each check passes always or never.
constexpr double ks_limit = 1.95;

template <class Cdf>
double ks(std::vector<double> values, Cdf cdf) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double gap = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double p = cdf(values[i]), rank = static_cast<double>(i);
    gap = std::max({gap, p - rank / n, (rank + 1) / n - p});
  }
  return gap * std::sqrt(n);
}

struct Moments {
  double mean, variance;
};

template <class T>
Moments moments(const std::vector<T>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const T v : values) sum += static_cast<double>(v);
  for (const T v : values) squares += std::pow(static_cast<double>(v) - sum / n, 2);
  return {sum / n, squares / n};
}

// Pearson's statistic over cells of 10 expected draws or more, as the standard normal deviation
// equally rare (Wilson, Hilferty 1931, doi:10.1073/pnas.17.12.684): above 3.09 in one of a
// thousand.
constexpr double chi_limit = 3.09;

template <class Probability>
double chi_square(const std::vector<std::int64_t>& values, std::int64_t first, std::int64_t last,
                  Probability probability) {
  std::vector<double> seen(static_cast<std::size_t>(last - first + 1));
  for (const std::int64_t v : values)
    if (v >= first && v <= last) ++seen[static_cast<std::size_t>(v - first)];
  double statistic = 0, cells = 0, rest_seen = draws, rest = draws;
  const auto add = [&](double count, double expected) {
    statistic += (count - expected) * (count - expected) / expected;
    ++cells;
  };
  for (std::int64_t k = first; k <= last; ++k) {
    const double expected = probability(k) * draws,
                 count = seen[static_cast<std::size_t>(k - first)];
    if (expected < 10) continue;
    add(count, expected);
    rest_seen -= count;
    rest -= expected;
  }
  if (rest >= 10) add(rest_seen, rest);
  const double freedom = cells - 1, spread = 2 / (9 * freedom);
  return (std::cbrt(statistic / freedom) - (1 - spread)) / std::sqrt(spread);
}

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

// Regularised lower incomplete gamma function by its power series; good to 1e-12 for x < 60.
double gamma_cdf(double shape, double x) {
  if (x <= 0) return 0;
  double term = 1 / shape, sum = term;
  for (double k = 1; k < 500; ++k) sum += term *= x / (shape + k);
  return std::min(1.0, sum * std::exp(shape * std::log(x) - x - std::lgamma(shape)));
}

double poisson_probability(double mean, std::int64_t count) {
  const auto k = static_cast<double>(count);
  return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
}

TEST_CASE("exponential draws follow their law") {
  CHECK(ks(sample(Exponential{3}, "exponential"), [](double x) { return 1 - std::exp(-x / 3); }) <
        ks_limit);
}

TEST_CASE("normal and lognormal draws follow their laws") {
  CHECK(ks(sample(Normal{5, 2}, "normal"), [](double x) { return normal_cdf((x - 5) / 2); }) <
        ks_limit);
  CHECK(ks(sample(Lognormal{100, 1.5}, "lognormal"),
           [](double x) { return normal_cdf(std::log(x / 100) / 1.5); }) < ks_limit);
}

TEST_CASE("a lognormal made from its mean and variation has both") {
  const Lognormal lengths = Lognormal::from_mean(200, 0.5);
  CHECK(lengths.mean() == doctest::Approx(200).epsilon(1e-12));
  const auto [mean, variance] = moments(sample(lengths, "from mean"));
  CHECK(mean == doctest::Approx(200).epsilon(0.01));  // 4 standard errors
  CHECK(std::sqrt(variance) == doctest::Approx(100).epsilon(0.04));
}

TEST_CASE("gamma draws follow their law for shapes below and above one") {
  for (const double shape : {0.1, 0.5, 1.0, 3.0, 20.0}) {
    CAPTURE(shape);
    CHECK(ks(sample(Gamma{shape, 2}, "gamma"),
             [shape](double x) { return gamma_cdf(shape, x / 2); }) < ks_limit);
  }
}

TEST_CASE("Weibull and Pareto draws follow their laws") {
  CHECK(ks(sample(Weibull{0.7, 10}, "weibull"),
           [](double x) { return 1 - std::exp(-std::pow(x / 10, 0.7)); }) < ks_limit);
  CHECK(ks(sample(Pareto{2, 1.2}, "pareto"), [](double x) { return 1 - std::pow(2 / x, 1.2); }) <
        ks_limit);
}

TEST_CASE("Poisson counts follow their law on both sides of the change of method") {
  for (const double mean : {0.3, 4.0, 9.9, 10.0, 30.0, 1000.0}) {
    CAPTURE(mean);
    const auto counts = sample(Poisson{mean}, "poisson");
    CHECK(chi_square(counts, 0, static_cast<std::int64_t>(mean + 10 * std::sqrt(mean) + 10),
                     [mean](std::int64_t k) { return poisson_probability(mean, k); }) < chi_limit);
  }
  Rng rng{1, "none"};
  CHECK(Poisson{0}.sample(rng) == 0);
}

TEST_CASE("a great Poisson mean keeps its mean and variance") {
  const auto [mean, variance] = moments(sample(Poisson{1e10}, "great"));
  CHECK(std::abs(mean - 1e10) < 4 * 1e5 / std::sqrt(draws));  // 4 standard errors
  CHECK(variance == doctest::Approx(1e10).epsilon(0.03));     // 4 standard errors
}

TEST_CASE("Zipf ranks follow their law") {
  for (const double exponent : {0.5, 1.0, 1.2, 3.0})
    for (const std::int64_t n : {1, 2, 50, 1000}) {
      CAPTURE(exponent);
      CAPTURE(n);
      double total = 0;
      for (std::int64_t k = 1; k <= n; ++k) total += std::pow(static_cast<double>(k), -exponent);
      const auto ranks = sample(Zipf{n, exponent}, "zipf");
      const auto [least, greatest] = std::minmax_element(ranks.begin(), ranks.end());
      REQUIRE(*least >= 1);
      REQUIRE(*greatest <= n);
      if (n > 1)
        CHECK(chi_square(ranks, 1, n, [&](std::int64_t k) {
                return std::pow(static_cast<double>(k), -exponent) / total;
              }) < chi_limit);
    }
}

TEST_CASE("uniform integers reach both ends alike") {
  const auto values = sample(UniformInt{-3, 6}, "integers");
  CHECK(chi_square(values, -3, 6, [](std::int64_t) { return 0.1; }) < chi_limit);
  Rng rng{1, "whole range"};
  const UniformInt all{std::numeric_limits<std::int64_t>::min(),
                       std::numeric_limits<std::int64_t>::max()};
  CHECK(all.sample(rng) != all.sample(rng));
  CHECK(UniformInt{4, 4}.sample(rng) == 4);
}

TEST_CASE("an empirical variable draws each value by its weight") {
  const std::array values{10.0, 20.0, 30.0, 40.0};
  const std::array weights{1.0, 0.0, 6.0, 3.0};
  const Empirical lengths{values, weights};
  CHECK(lengths.mean() == doctest::Approx(31));
  Rng rng{1, "empirical"};
  std::vector<std::int64_t> indices(draws);
  for (auto& index : indices) index = static_cast<std::int64_t>(lengths.index(rng));
  CHECK(std::count(indices.begin(), indices.end(), 1) == 0);
  CHECK(chi_square(indices, 0, 3, [&](std::int64_t i) {
          return weights[static_cast<std::size_t>(i)] / 10;
        }) < chi_limit);
}

TEST_CASE("an empirical variable of many values keeps their mean") {
  std::vector<double> values(1000), weights(1000);
  std::iota(values.begin(), values.end(), 0.0);
  Rng rng{1, "weights"};
  for (double& w : weights) w = rng.uniform();
  const Empirical many{values, weights};
  CHECK(moments(sample(many, "many")).mean == doctest::Approx(many.mean()).epsilon(0.012));
}

TEST_CASE("draws are frozen to the last bit") {
  // These hold on every machine and compiler: no library function but sqrt and floor takes part.
  Rng rng{42, "frozen"};
  CHECK(Exponential{1}.sample(rng) == 0x1.8c99f9a3f56fbp+0);
  CHECK(Normal{}.sample(rng) == 0x1.4dedd47d5469dp-2);
  CHECK(Lognormal{}.sample(rng) == 0x1.660f2f5d7b216p-3);
  CHECK(Gamma{0.5, 1}.sample(rng) == 0x1.975340ff92aeap-1);
  CHECK(Weibull{0.7, 1}.sample(rng) == 0x1.2290a7fe68735p+1);
  CHECK(Pareto{1, 1.2}.sample(rng) == 0x1.57b545155835p+0);
  CHECK(Poisson{100}.sample(rng) == 111);
  CHECK(Zipf{1000, 1.1}.sample(rng) == 11);
}

TEST_CASE("meaningless parameters are refused") {
  Rng rng{1, "refused"};
  CHECK_THROWS_AS(static_cast<void>(Gamma{0, 1}.sample(rng)), BrokenInvariant);
  CHECK_THROWS_AS(static_cast<void>(Poisson{-1}.sample(rng)), BrokenInvariant);
  CHECK_THROWS_AS(static_cast<void>(UniformInt{2, 1}.sample(rng)), BrokenInvariant);
  CHECK_THROWS_AS((Zipf{0, 1}), BrokenInvariant);
  const std::array one{1.0}, none{0.0};
  CHECK_THROWS_AS((Empirical{one, none}), BrokenInvariant);
}

}  // namespace
}  // namespace jevons
