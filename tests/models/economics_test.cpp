#include <cmath>

#include <doctest/doctest.h>

#include "models/economics/ownership.h"
#include "models/economics/spread.h"
#include "sim/rng.h"

namespace jevons {

namespace {

using namespace unit;

OwnershipTerms an_h100() {
  OwnershipTerms t;
  t.chip.price = 25000 * usd;
  t.peak = 1275 * W;
  return t;
}

}  // namespace

TEST_CASE("a spread gives back its own three numbers") {
  for (const Spread spread : {Spread{1, 2, 5}, Spread{-1, 0, 4}, Spread{0.1, 0.11, 0.3}}) {
    CHECK(spread.at(0.05) == doctest::Approx(spread.p5).epsilon(1e-6));
    CHECK(spread.at(0.5) == doctest::Approx(spread.p50));
    CHECK(spread.at(0.95) == doctest::Approx(spread.p95).epsilon(1e-6));
  }
  CHECK(Spread::exactly(3).at(0.9) == 3);
  CHECK(together({1, 2, 3}, {10, 20, 30}) == Spread{11, 22, 33});
}

TEST_CASE("the quantile of the normal law undoes its distribution") {
  Rng rng{1, "quantile"};
  for (int i = 0; i < 1000; ++i) {
    const double u = rng.uniform_open();
    const double z = normal_quantile(u);
    CHECK(0.5 * std::erfc(-z / std::sqrt(2.0)) == doctest::Approx(u).epsilon(2e-6));
  }
  CHECK(normal_quantile(0.5) == 0);
}

TEST_CASE("payments of an annuity are worth the price today") {
  for (const double interest : {0.0, 0.01, 0.08, 0.3}) {
    const double pay = annuity(interest, 5 * year);
    double worth = 0;
    for (int y = 1; y <= 5; ++y) worth += pay / std::pow(1 + interest, y);
    CHECK(worth == doctest::Approx(1));
  }
}

TEST_CASE("the parts of a GPU-hour are its price and a lifetime of hours pays for everything") {
  OwnershipTerms t = an_h100();
  t.interest = 0;
  const OwnershipCost hour = cost_of_gpu_hour(t, 900 * W);
  const double hours = (5 * year).in(h);
  CHECK((hours * hour.chip).in(usd) == doctest::Approx(25000));
  CHECK((hours * hour.server).in(usd) == doctest::Approx(t.server.price.in(usd)));
  CHECK(hour.interest.in(usd) == doctest::Approx(0).epsilon(1e-12));
  CHECK(hour.power.in(usd) == doctest::Approx(0.9 * 1.2 * 0.08));
  CHECK(hour.building.in(usd) == doctest::Approx(11 * 1275 / (20 * year).in(h)));
}

TEST_CASE("an hour costs more with interest and fee and tariff and idle hours") {
  const auto total = [](const OwnershipTerms& t) {
    return cost_of_gpu_hour(t, 900 * W).total().in(usd);
  };
  const OwnershipTerms plain = an_h100();
  OwnershipTerms t = plain;
  t.interest = 0.15;
  CHECK(total(t) > total(plain));
  t = plain;
  t.fee = 0.25;
  CHECK(total(t) - total(plain) ==
        doctest::Approx(0.25 * cost_of_gpu_hour(plain, 900 * W).chip.in(usd)));
  t = plain;
  t.used_share = 0.5;
  CHECK(total(t) == doctest::Approx(2 * total(plain) - cost_of_gpu_hour(t, 900 * W).power.in(usd)));
}

TEST_CASE("an H100 costs what its market says") {
  // All in 51,000 USD in 2024 at 26,268 USD a chip (ai-2040, Epoch AI); rent of 2024 and 2025 from
  // 2 to 3 USD an hour leaves an owner his margin and his idle hours.
  OwnershipTerms t = an_h100();
  t.chip.price = 26268 * usd;
  CHECK(capex_per_gpu(t).in(usd) == doctest::Approx(51000).epsilon(0.10));
  const double hour = cost_of_gpu_hour(t, 900 * W).total().in(usd);
  CHECK(hour > 1.2);
  CHECK(hour < 2.2);
  CHECK(cost_per_million_tokens(cost_of_gpu_hour(t, 900 * W), 1000).in(usd) ==
        doctest::Approx(hour / 3.6));
  CHECK(cost_of(cost_of_gpu_hour(t, 900 * W), 10).in(usd) == doctest::Approx(10 * hour));
}

}  // namespace jevons
