#include <cmath>

#include <doctest/doctest.h>

#include "calibration/meter/energy_window.h"
#include "calibration/meter/refusal.h"
#include "calibration/meter/statistics.h"
#include "calibration/meter/warm_up.h"
#include "sim/rng.h"
#include "tests/support/fake_gpu.h"

using namespace jevons;
using namespace jevons::calibration;
using jevons::test::FakeGpu;
using jevons::test::FakeTruth;

namespace {
const auto nothing = [] {};
}

TEST_CASE("constant power is weighed within half a percent where before and after would miss") {
  FakeTruth truth;
  FakeGpu gpu{truth};
  gpu.forced_w = [](double) { return 400.0; };
  const EnergyWindow w = weigh(gpu.instrument(), {.window_s = 2}, nothing);
  CHECK(w.watts() == doctest::Approx(400).epsilon(0.005));
  CHECK(w.seconds >= 2);
  CHECK(w.seconds < 2.2);
  CHECK(w.ticks >= 20);
  CHECK(w.disagreement() < 0.01);
  const Instrument at = gpu.instrument();
  const double begin = at.now(), before = *at.joules();
  at.wait(0.73);
  const double naive = (*at.joules() - before) / (at.now() - begin);
  CHECK(std::abs(naive / 400 - 1) > 0.005);
}

TEST_CASE("power in steps is weighed within half a percent of its mean") {
  for (const double period : {0.3, 0.7, 1.9}) {
    FakeTruth truth;
    FakeGpu gpu{truth};
    double sum = 0, last = 0;
    gpu.forced_w = [&](double now) { return std::fmod(now, period) < period / 3 ? 650.0 : 180.0; };
    // The truth over the very window: energy is integrated by hand at the edges.
    const EnergyWindow w = weigh(gpu.instrument(), {.settle_s = 0.5, .window_s = 5}, nothing);
    const double end = gpu.now(), begin = end - w.seconds;
    for (double t = begin; t < end; t += 1e-4) sum += gpu.forced_w(t) * 1e-4;
    last = sum / w.seconds;
    CHECK(w.watts() == doctest::Approx(last).epsilon(0.005));
    CHECK(w.disagreement() < sensor_disagreement);
  }
}

TEST_CASE("a power sensor that is wrong is noticed at three percent") {
  for (const double gain : {0.94, 0.98, 1.02, 1.06}) {
    FakeTruth truth;
    truth.sensor_gain = gain;
    FakeGpu gpu{truth};
    gpu.forced_w = [](double) { return 500.0; };
    const EnergyWindow w = weigh(gpu.instrument(), {}, nothing);
    CHECK((w.disagreement() > sensor_disagreement) == (std::abs(gain - 1) > 0.03));
  }
}

TEST_CASE("a sensor that averages over a second is given ten") {
  FakeTruth truth;
  FakeGpu gpu{truth};
  gpu.has_instant = false;
  gpu.forced_w = [](double) { return 500.0; };
  CHECK(weigh(gpu.instrument(), {.window_s = 5}, nothing).seconds >= 10);
}

TEST_CASE("no counter or one that stands still is refused") {
  FakeTruth truth;
  FakeGpu gpu{truth};
  gpu.has_counter = false;
  CHECK_THROWS_WITH_AS(weigh(gpu.instrument(), {}, nothing),
                       "this GPU has no energy counter: its joules cannot be measured", Refusal);
  gpu.has_counter = true;
  gpu.forced_w = [](double) { return 0.0; };
  CHECK_THROWS_WITH_AS(weigh(gpu.instrument(), {}, nothing),
                       "the energy counter of this GPU stands still: its joules cannot be measured",
                       Refusal);
}

TEST_CASE("a window logs its sensors ten to twenty times a second") {
  FakeTruth truth;
  FakeGpu gpu{truth};
  gpu.forced_w = [](double) { return 500.0; };
  const EnergyWindow w = weigh(gpu.instrument(), {}, nothing);
  CHECK(w.conditions.samples / w.seconds > 10);
  CHECK(w.conditions.samples / w.seconds < 20);
  CHECK(w.conditions.sm_mhz == doctest::Approx(truth.full_mhz));
}

TEST_CASE("warming ends when the temperature stands still and not before") {
  FakeTruth truth;
  FakeGpu gpu{truth};
  gpu.forced_w = [](double) { return 600.0; };
  const WarmUp warm = warm_up(gpu.instrument(), 300, nothing);
  CHECK(warm.is_steady);
  CHECK(warm.seconds > 20);
  CHECK(std::abs(warm.degrees_per_10_s) < steady_degrees_per_10_s);
  // The last degree is still to come, no more: 30 + 600 / 12 C in the end.
  CHECK(gpu.celsius() > 78.5);
  FakeGpu short_of_time{truth};
  short_of_time.forced_w = [](double) { return 600.0; };
  const WarmUp cut = warm_up(short_of_time.instrument(), 15, nothing);
  CHECK(!cut.is_steady);
  CHECK(cut.seconds < 15.1);
}

TEST_CASE("medians and quantiles are those of the definition") {
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 2, 3}) == 2.5);
  CHECK(quantile({0, 10}, 0.25) == 2.5);
  const Estimate one = estimate({5}, "x");
  CHECK(one.low == 5);
  CHECK(one.high == 5);
}

TEST_CASE("the bootstrap interval of a median holds the truth about as often as it says") {
  int inside = 0;
  constexpr int trials = 400;
  for (int trial = 0; trial < trials; ++trial) {
    Rng rng{3, "coverage", static_cast<std::uint64_t>(trial)};
    std::vector<double> values(25);
    for (double& v : values) v = rng.uniform() + rng.uniform() + rng.uniform();
    const Estimate e = estimate(values, "coverage");
    inside += static_cast<int>(e.low <= 1.5 && 1.5 <= e.high);
  }
  CHECK(inside > trials * 0.90);
  CHECK(inside < trials * 0.99);
}

TEST_CASE("the same values give the same interval") {
  const std::vector<double> values{1, 5, 2, 8, 3, 9};
  CHECK(estimate(values, "a").low == estimate(values, "a").low);
  CHECK(estimate(values, "a").high == estimate(values, "a").high);
}
