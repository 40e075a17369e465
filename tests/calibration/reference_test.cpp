#include "calibration/kernels/reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <doctest/doctest.h>

#include "calibration/kernels/comparison.h"
#include "calibration/kernels/definitions.h"

using namespace jevons::calibration;
using doctest::Approx;

TEST_CASE("softmax routing takes the largest logits and lets their weights sum to one") {
  const std::vector<float> logits{1, 3, 2, 3};
  const auto choice = reference::choose(logits, {}, 3, RouterRule::softmax);
  CHECK(choice.expert == std::vector<std::int32_t>{1, 3, 2});  // of equals the smaller number first
  const double e = std::exp(1.0);
  CHECK(choice.weight[0] == Approx(e / (2 * e + 1)));
  CHECK(choice.weight[2] == Approx(1 / (2 * e + 1)));
}

TEST_CASE("grouped routing keeps four groups by their two best and weighs without the bias") {
  std::vector<float> logits(256, -4.0F), bias(256, 0.0F);
  // Groups 0 to 4 have one good expert each; group 5 has two fair ones and beats group 4.
  for (std::size_t g = 0; g < 5; ++g) logits[g * 32] = 3.0F - 0.1F * static_cast<float>(g);
  logits[5 * 32] = logits[5 * 32 + 1] = 1.5F;
  auto choice = reference::choose(logits, bias, 8, RouterRule::grouped_sigmoid);
  const auto has = [&](std::int32_t e) {
    return std::find(choice.expert.begin(), choice.expert.end(), e) != choice.expert.end();
  };
  CHECK(has(5 * 32));
  CHECK(has(2 * 32));
  CHECK(!has(3 * 32));  // its group came fifth
  const double sum = std::accumulate(choice.weight.begin(), choice.weight.end(), 0.0);
  CHECK(sum == Approx(static_cast<double>(router_scale)));
  // A bias moves the choice; the weight stays that of the score without it.
  bias[7] = 1.0F;
  choice = reference::choose(logits, bias, 8, RouterRule::grouped_sigmoid);
  CHECK(choice.expert[0] == 7);
  CHECK(choice.weight[0] < choice.weight[1]);
}

TEST_CASE("sorting by expert is stable and leaves room for experts without work") {
  const std::vector<std::int32_t> choice{2, 0, 2, 4, 0};
  const auto sorted = reference::sort_by_expert(choice, 5);
  CHECK(sorted.offsets == std::vector<std::int32_t>{0, 2, 2, 4, 4, 5});
  CHECK(sorted.row == std::vector<std::int32_t>{2, 0, 3, 4, 1});
}

TEST_CASE("a quantised block reaches its largest value and errs by at most half a step") {
  std::vector<float> x;
  for (std::uint64_t i = 0; i < 128; ++i) x.push_back(5 * random_value(1, i));
  const auto block = reference::quantize(x);
  float largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float back = from_e4m3(block.codes[i]) * block.scale;
    CHECK(std::abs(back - x[i]) <= std::abs(x[i]) / 16 + block.scale * 0x1p-9F);
    largest = std::max(largest, std::abs(back));
  }
  CHECK(static_cast<double>(largest) == Approx(static_cast<double>(block.scale * e4m3_max)));
  CHECK(reference::quantize(std::vector<float>(7, 0.0F)).scale > 0);
}

TEST_CASE("swiglu and the norm follow their formulas") {
  CHECK(reference::swiglu(0, 3) == 0);
  CHECK(reference::swiglu(1, 2) == Approx(2 / (1 + std::exp(-1.0))));
  const std::vector<double> x{3, 4}, gain{1, 2};
  const auto y = reference::rms_norm(x, gain);
  CHECK(y[0] == Approx(3 / std::sqrt(12.5 + 1e-6)));
  CHECK(y[1] == Approx(8 / std::sqrt(12.5 + 1e-6)));
}

TEST_CASE("attention averages equal keys and follows a dominant one") {
  const std::vector<double> q{1};
  const auto v = [](std::int64_t j, std::int64_t) { return static_cast<double>(j); };
  const auto even = reference::attend(
      q, 5, [](std::int64_t, std::int64_t) { return 1.0; }, v, 1, 1.0);
  CHECK(even[0] == Approx(2));
  const auto sharp = reference::attend(
      q, 5, [](std::int64_t j, std::int64_t) { return j == 3 ? 100.0 : 0.0; }, v, 1, 1.0);
  CHECK(sharp[0] == Approx(3));
}

TEST_CASE("a comparison passes within its tolerance and names the worst place") {
  Comparison good{0.01};
  for (int i = 1; i <= 100; ++i) good.add(i * 1.001, i, 0, i);
  CHECK(good.verdict().passed);
  Comparison bad{0.01};
  for (int i = 1; i <= 100; ++i) bad.add(i == 7 ? 90 : i, i, 4, i);
  CHECK(!bad.verdict().passed);
  CHECK(bad.verdict().worst == "row 4, column 7: got 90.000000, want 7.000000");
}

TEST_CASE("a comparison fails on values that were never written and on none at all") {
  Comparison poisoned{0.01};
  poisoned.add(1, 1, 0, 0);
  poisoned.add(std::nan(""), 1, 0, 1);
  CHECK(!poisoned.verdict().passed);
  CHECK(!Comparison{1}.verdict().passed);
  Comparison mistaken{1};
  mistaken.add(1, 1, 0, 0);
  mistaken.fail("the offsets differ");
  CHECK(!mistaken.verdict().passed);
  CHECK(mistaken.verdict().worst == "the offsets differ");
}

TEST_CASE("samples hold the ends and the edges of tiles") {
  const auto all = samples(5, 100);
  CHECK(all == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  const auto some = samples(10'000, 20);
  for (const std::int64_t i : {0, 63, 64, 127, 128, 255, 256, 9999})
    CHECK(std::find(some.begin(), some.end(), i) != some.end());
  CHECK(some.size() < 40);
  CHECK(samples(0, 3).empty());
  CHECK(few_samples(1) == std::vector<std::int64_t>{0});
  CHECK(few_samples(9) == std::vector<std::int64_t>{0, 4, 8});
}
