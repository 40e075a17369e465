#include "calibration/kernels/dense_gemm.h"

#include <stdexcept>
#include <string>

#include <cublasLt.h>

namespace jevons::calibration {

namespace {

void check(cublasStatus_t status, const char* what) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw std::runtime_error(std::string{what} + " failed: " + cublasLtGetStatusString(status));
}

constexpr std::size_t workspace_bytes = 64U << 20U;

// One handle per process: making one takes some 100 ms.
cublasLtHandle_t handle() {
  static cublasLtContext* const made = [] {
    cublasLtHandle_t h{};
    check(cublasLtCreate(&h), "cublasLtCreate");
    return h;
  }();
  return made;
}

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* p) const {
    Destroy(p);
  }
};
using Description =
    std::unique_ptr<cublasLtMatmulDescOpaque_t, Destroyer<cublasLtMatmulDescDestroy>>;
using Layout =
    std::unique_ptr<cublasLtMatrixLayoutOpaque_t, Destroyer<cublasLtMatrixLayoutDestroy>>;
using Preference =
    std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, Destroyer<cublasLtMatmulPreferenceDestroy>>;

template <class T>
void set(const Description& d, cublasLtMatmulDescAttributes_t what, const T& value) {
  check(cublasLtMatmulDescSetAttribute(d.get(), what, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
}

Layout layout(cudaDataType_t type, std::int64_t rows, std::int64_t columns) {
  cublasLtMatrixLayout_t made{};
  check(cublasLtMatrixLayoutCreate(&made, type, static_cast<std::uint64_t>(rows),
                                   static_cast<std::uint64_t>(columns), rows),
        "cublasLtMatrixLayoutCreate");
  return Layout{made};
}

// The library thinks in columns: y^T (n x m) = w (k x n, transposed) x^T (k x m).
Description description(const DenseOperands& o) {
  cublasLtMatmulDesc_t made{};
  check(cublasLtMatmulDescCreate(&made, CUBLAS_COMPUTE_32F, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
  Description d{made};
  set(d, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
  set(d, CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N);
  if (o.format == Format::bf16) return d;
  set(d, CUBLASLT_MATMUL_DESC_A_SCALE_MODE,
      std::int32_t{CUBLASLT_MATMUL_MATRIX_SCALE_BLK128x128_32F});
  set(d, CUBLASLT_MATMUL_DESC_B_SCALE_MODE, std::int32_t{CUBLASLT_MATMUL_MATRIX_SCALE_VEC128_32F});
  set(d, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, o.w_scale);
  set(d, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, o.x_scale);
  return d;
}

}  // namespace

struct DenseGemm::Plan {
  DenseOperands operands;
  Description description;
  Layout w, x, y;
  cublasLtMatmulHeuristicResult_t best{};
  DeviceBytes workspace;
};

DenseGemm::DenseGemm(const DenseOperands& o) : plan_{std::make_unique<Plan>()} {
  const cudaDataType_t in = o.format == Format::fp8 ? CUDA_R_8F_E4M3 : CUDA_R_16BF;
  plan_->operands = o;
  plan_->description = description(o);
  plan_->w = layout(in, o.k, o.n);
  plan_->x = layout(in, o.k, o.m);
  plan_->y = layout(o.is_f32_result ? CUDA_R_32F : CUDA_R_16BF, o.n, o.m);
  plan_->workspace = DeviceBytes{workspace_bytes};
  cublasLtMatmulPreference_t made{};
  check(cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  const Preference preference{made};
  check(cublasLtMatmulPreferenceSetAttribute(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                             &workspace_bytes, sizeof workspace_bytes),
        "cublasLtMatmulPreferenceSetAttribute");
  int found = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
      handle(), plan_->description.get(), plan_->w.get(), plan_->x.get(), plan_->y.get(),
      plan_->y.get(), made, 1, &plan_->best, &found);
  if (status != CUBLAS_STATUS_SUCCESS || found == 0)
    throw CaseUnavailable("cuBLASLt has no algorithm for this product");
}

DenseGemm::DenseGemm(DenseGemm&& other) noexcept = default;
DenseGemm& DenseGemm::operator=(DenseGemm&& other) noexcept = default;
DenseGemm::~DenseGemm() = default;

void DenseGemm::launch(Stream stream) const {
  const DenseOperands& o = plan_->operands;
  const float one = 1, zero = 0;
  check(cublasLtMatmul(handle(), plan_->description.get(), &one, o.w, plan_->w.get(), o.x,
                       plan_->x.get(), &zero, o.y, plan_->y.get(), o.y, plan_->y.get(),
                       &plan_->best.algo, plan_->workspace.data(), workspace_bytes, stream),
        "cublasLtMatmul");
}

}  // namespace jevons::calibration
