#include "calibration/kernels/device.h"
#include "calibration/kernels/prepared_kinds.h"

namespace jevons::calibration {

namespace {

// What the kernels' instructions ask for. sm_90a code runs on 9.0 alone; the others are compiled
// for sm_80 and later.
void expect_architecture(const KernelCase& c) {
  const bool is_hopper_kernel = c.kind == CaseKind::grouped_gate_up ||
                                c.kind == CaseKind::grouped_down || c.kind == CaseKind::moe_layer ||
                                c.kind == CaseKind::mla_decode ||
                                c.kind == CaseKind::prefill_attention;
  const int architecture = device_facts().architecture();
  const std::string found = "compute capability " + std::to_string(architecture / 10) + "." +
                            std::to_string(architecture % 10);
  if (is_hopper_kernel && architecture != 90)
    throw CaseUnavailable("this kernel is written for compute capability 9.0, this GPU has " +
                          found);
  if (architecture < 80)
    throw CaseUnavailable("the kernels need compute capability 8.0, this GPU has " + found);
  if (c.format == Format::fp8 && architecture < 89)
    throw CaseUnavailable("fp8 needs compute capability 8.9, this GPU has " + found);
}

}  // namespace

Prepared prepare(const KernelCase& c, const PrepareOptions& options) {
  expect_architecture(c);
  switch (c.kind) {
    case CaseKind::copy:
    case CaseKind::quantize:
    case CaseKind::swiglu:
    case CaseKind::combine:
    case CaseKind::rms_norm:
      return prepare_elementwise(c, options);
    case CaseKind::router_topk:
    case CaseKind::dispatch:
      return prepare_router(c, options);
    case CaseKind::grouped_gate_up:
    case CaseKind::grouped_down:
      return prepare_grouped(c, options);
    case CaseKind::dense_gemm:
    case CaseKind::router_gemm:
    case CaseKind::shared_expert:
      return prepare_dense(c, options);
    case CaseKind::prefill_attention:
    case CaseKind::gqa_decode:
    case CaseKind::mla_decode:
      return prepare_attention(c, options);
    case CaseKind::moe_layer:
      return prepare_layer(c, options);
    case CaseKind::all_reduce:
    case CaseKind::all_to_all:
      return prepare_collective(c, options);
  }
  throw CaseUnavailable("no kernel of this kind");
}

}  // namespace jevons::calibration
