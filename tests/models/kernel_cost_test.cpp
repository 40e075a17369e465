#include "models/llm/kernel_cost.h"

#include <cmath>

#include <doctest/doctest.h>

#include "sim/ensure.h"

namespace jevons {

namespace {

ChipSpec a_chip() {
  ChipSpec chip;
  chip.id = "a-chip";
  chip.peak.bf16 = 1000 * unit::TFLOP / unit::s;
  chip.memory_bandwidth = 3000 * unit::GB / unit::s;
  chip.link_bandwidth = 900 * unit::GB / unit::s;
  return chip;
}

KernelCost a_law(double sharpness) {
  KernelCost law;
  law.source = ProfileSource::imported;
  law.base = {.launch = 1e-6, .flop_rate = 1e15, .byte_rate = 1e12, .sharpness = sharpness};
  law.measured.fill({-100, 100});
  return law;
}

}  // namespace

TEST_CASE("a sharp roofline takes the longer of arithmetic and traffic and a flat one adds them") {
  const KernelShape shape{.work = {3e9, 4e6, 0}};  // 3 us of arithmetic, 4 us of traffic
  CHECK(roofline_time(a_law(1).base, shape) == doctest::Approx(8e-6));
  CHECK(roofline_time(a_law(2).base, shape) == doctest::Approx(6e-6));
  CHECK(roofline_time(a_law(90).base, shape) == doctest::Approx(5e-6));
}

TEST_CASE("a correction is linear between its knots and constant beyond them") {
  const std::vector<Correction> tables{
      {.axis = {0, 1, 0}, .knots = {{{2, 4}, {0, 1}, {0}}}, .value = {0, 1, 2, 3}}};
  const auto at = [&](double x, double y) {
    KernelShape shape;
    shape.at = {x, y};
    return log_correction(tables, shape);
  };
  CHECK(at(2, 0) == doctest::Approx(0));
  CHECK(at(3, 0.5) == doctest::Approx(1.5));
  CHECK(at(4, 1) == doctest::Approx(3));
  CHECK(at(9, 5) == doctest::Approx(3));
  CHECK(at(-9, 0) == doctest::Approx(0));
}

TEST_CASE("no product is faster than the datasheet allows whatever its correction says") {
  KernelCost law = a_law(2);
  law.flop_peak = 1e15;
  law.corrections = {{.axis = {0, 0, 0}, .knots = {{{0}, {0}, {0}}}, .value = {-5}}};
  const Gemm gemm{Precision::bf16, 8192, 8192, 8192};
  CHECK(kernel_time(law, gemm).seconds == doctest::Approx(work_of(gemm).flop / 1e15));
}

TEST_CASE("an expert layer takes the faster of two measured kernels unless it names one") {
  KernelCost law = a_law(2);
  law.corrections = {{.axis = {6, 0, 0}, .knots = {{{1, 2}, {0}, {0}}}, .value = {0, -1}}};
  law.measured[6] = {0, 2};
  MoeLayer layer{.tokens = 64, .hidden = 1024, .inner = 512, .top_k = 2, .experts = 8};
  const double fastest = kernel_time(law, layer).seconds;
  layer.kernel = MoeKernel::throughput;
  const double throughput = kernel_time(law, layer).seconds;
  layer.kernel = MoeKernel::low_latency;
  CHECK(kernel_time(law, layer).seconds == doctest::Approx(fastest));
  CHECK(throughput == doctest::Approx(fastest * std::exp(1.0)));
}

TEST_CASE("only the layer that was measured untuned is slow") {
  KernelCost law = a_law(2);
  law.untuned = {{.axis = {0, 0, 0}, .knots = {{{0}, {0}, {0}}}, .value = {1}}};
  MoeLayer layer{.tokens = 64, .hidden = 1024, .inner = 512, .top_k = 2, .experts = 8};
  layer.even = true;
  const double tuned = kernel_time(law, layer).seconds;
  law.untuned_layers = {key_of(layer)};
  CHECK(kernel_time(law, layer).seconds == doctest::Approx(tuned * std::exp(1.0)));
  layer.even = false;
  CHECK(kernel_time(law, layer).seconds < 1.2 * tuned);
}

TEST_CASE("a chip nobody measured has a time for every kernel and says that it is assumed") {
  const ChipProfile profile = assumed_profile(a_chip());
  const std::vector<Kernel> kernels{Gemm{Precision::fp8, 64, 4096, 4096}, Elementwise{1e6},
                                    Collective{CollectiveKind::all_reduce, 1e6, 8, 8},
                                    PointToPoint{1e6, true}};
  for (const Kernel& kernel : kernels) {
    const KernelTime time = kernel_time(profile, kernel);
    CHECK(time.seconds > 0);
    CHECK(time.extrapolated);
  }
}

TEST_CASE("a kernel without a law breaks a law of ours") {
  CHECK_THROWS_AS(kernel_time(KernelCost{}, Elementwise{1}), BrokenInvariant);
}

}  // namespace jevons
