// Every kind of kernel against its reference on every correctness case: random data, poisoned
// outputs, odd sizes, experts without work, one-hot routing. Needs a GPU.
#include <array>
#include <iostream>

#include <cuda_runtime_api.h>
#include <doctest/doctest.h>

#include "calibration/kernels/comparison.h"
#include "calibration/kernels/device.h"
#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/grouped_gemm.h"
#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/prepared_case.h"
#include "calibration/kernels/reference.h"

using namespace jevons;
using namespace jevons::calibration;

namespace {

// ctest turns the printed line into "skipped".
bool has_gpu() {
  int count = 0;
  const cudaError_t result = cudaGetDeviceCount(&count);
  if (result == cudaSuccess && count > 0) return true;
  std::cout << "skipped: no usable GPU (" << cudaGetErrorString(result) << ")\n";
  return false;
}

// Cases of this kind that do not agree with their reference; none without a GPU or where the kernel
// takes none of the cases, and then ctest is told.
int disagreeing(CaseKind kind) {
  if (!has_gpu()) return 0;
  int ran = 0;
  int wrong = 0;
  std::string why;
  for (const KernelCase& c : correctness_cases()) {
    if (c.kind != kind) continue;
    INFO(name_of(c));
    try {
      const Verdict verdict = prepare(c)->verify();
      INFO(verdict.worst, "; error ", verdict.max_error, " of ", verdict.tolerance);
      CHECK(verdict.passed);  // here too, where it is known which case it is
      wrong += verdict.passed ? 0 : 1;
      ++ran;
    } catch (const CaseUnavailable& reason) {
      why = reason.what();
    }
  }
  if (ran == 0) std::cout << "skipped: " << why << "\n";
  return wrong;
}

}  // namespace

TEST_CASE("copy gives back what it got") {
  CHECK(disagreeing(CaseKind::copy) == 0);
}
TEST_CASE("dense products agree with their reference") {
  CHECK(disagreeing(CaseKind::dense_gemm) == 0);
}
TEST_CASE("router products agree with their reference") {
  CHECK(disagreeing(CaseKind::router_gemm) == 0);
}
TEST_CASE("routers choose as their reference") {
  CHECK(disagreeing(CaseKind::router_topk) == 0);
}
TEST_CASE("dispatch sorts and moves as its reference") {
  CHECK(disagreeing(CaseKind::dispatch) == 0);
}
TEST_CASE("quantised rows agree with their reference") {
  CHECK(disagreeing(CaseKind::quantize) == 0);
}
TEST_CASE("grouped gate and up products agree with their reference") {
  CHECK(disagreeing(CaseKind::grouped_gate_up) == 0);
}
TEST_CASE("SwiGLU agrees with its reference") {
  CHECK(disagreeing(CaseKind::swiglu) == 0);
}
TEST_CASE("grouped down products agree with their reference") {
  CHECK(disagreeing(CaseKind::grouped_down) == 0);
}
TEST_CASE("combined rows agree with their reference") {
  CHECK(disagreeing(CaseKind::combine) == 0);
}
TEST_CASE("shared experts agree with their reference") {
  CHECK(disagreeing(CaseKind::shared_expert) == 0);
}
TEST_CASE("whole expert layers agree with their reference") {
  CHECK(disagreeing(CaseKind::moe_layer) == 0);
}
TEST_CASE("prefill attention agrees with its reference") {
  CHECK(disagreeing(CaseKind::prefill_attention) == 0);
}
TEST_CASE("grouped decode attention agrees with its reference") {
  CHECK(disagreeing(CaseKind::gqa_decode) == 0);
}
TEST_CASE("latent decode attention agrees with its reference") {
  CHECK(disagreeing(CaseKind::mla_decode) == 0);
}
TEST_CASE("RMSNorm agrees with its reference") {
  CHECK(disagreeing(CaseKind::rms_norm) == 0);
}
TEST_CASE("all-reduce agrees with its reference") {
  CHECK(disagreeing(CaseKind::all_reduce) == 0);
}
TEST_CASE("all-to-all agrees with its reference") {
  CHECK(disagreeing(CaseKind::all_to_all) == 0);
}

namespace {

// A small grouped product whose group sizes can be changed between launches.
class SmallProduct {
 public:
  static constexpr int experts = 3, n = 128, k = 64, rows = 100;

  SmallProduct() {
    fill_bf16(x_.data(), rows * k, 1, 1.0F);
    fill_bf16(w_.data(), experts * n * k, 2, 1.0F);
    gemm_ = plan_grouped_gemm({.experts = experts,
                               .n = n,
                               .k = k,
                               .row_capacity = rows,
                               .expected_rows = rows,
                               .x = x_.data(),
                               .w = w_.data(),
                               .y = y_.data(),
                               .offsets = offsets_.data()},
                              device_facts().multiprocessors);
  }
  void launch(Stream stream) { calibration::launch(gemm_, stream); }
  void route(const std::array<std::int32_t, experts + 1>& offsets) {
    CUDA_TRY(cudaMemcpy(offsets_.data(), offsets.data(), sizeof offsets, cudaMemcpyHostToDevice));
    y_.bytes().fill_poison();
    CUDA_TRY(cudaDeviceSynchronize());
  }
  Verdict compare(const std::array<std::int32_t, experts + 1>& offsets) const {
    Comparison comparison{0.01};
    const auto got = y_.to_host();
    for (int e = 0; e < experts; ++e)
      for (int row = offsets.at(static_cast<std::size_t>(e));
           row < offsets.at(static_cast<std::size_t>(e) + 1); ++row)
        for (int column = 0; column < n; ++column)
          comparison.add(value(got.at(static_cast<std::size_t>(row * n + column))),
                         wanted(e, row, column), row, column);
    return comparison.verdict();
  }

 private:
  static double value(Bf16Bits bits) { return static_cast<double>(from_bf16(bits)); }
  static double wanted(int expert, int row, int column) {
    const auto at = [](int first, std::int64_t i) {
      return static_cast<std::uint64_t>(first) * k + static_cast<std::uint64_t>(i);
    };
    return reference::dot(
        k, [&](std::int64_t i) { return value(random_bf16(1, at(row, i), 1.0F)); },
        [&](std::int64_t i) { return value(random_bf16(2, at(expert * n + column, i), 1.0F)); });
  }

  DeviceBuffer<std::uint16_t> x_{rows * k}, w_{experts * n * k}, y_{rows * n};
  DeviceBuffer<std::int32_t> offsets_{experts + 1};
  GroupedGemm gemm_;
};

}  // namespace

TEST_CASE("a captured product follows the group sizes that lie on the device") {
  if (!has_gpu()) return;
  if (device_facts().architecture() != 90) {
    std::cout << "skipped: the grouped product needs compute capability 9.0\n";
    return;
  }
  SmallProduct product;
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t ready = nullptr;
  CUDA_TRY(cudaStreamCreate(&stream));
  CUDA_TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  product.launch(stream);
  CUDA_TRY(cudaStreamEndCapture(stream, &graph));
  CUDA_TRY(cudaGraphInstantiate(&ready, graph, 0));
  for (const std::array<std::int32_t, 4>& offsets :
       {std::array{0, 10, 90, 100}, std::array{0, 0, 0, 100}, std::array{0, 99, 100, 100}}) {
    product.route(offsets);
    CUDA_TRY(cudaGraphLaunch(ready, stream));
    CUDA_TRY(cudaStreamSynchronize(stream));
    const Verdict verdict = product.compare(offsets);
    INFO(verdict.worst);
    CHECK(verdict.passed);
  }
  CUDA_TRY(cudaGraphExecDestroy(ready));
  CUDA_TRY(cudaGraphDestroy(graph));
  CUDA_TRY(cudaStreamDestroy(stream));
}
