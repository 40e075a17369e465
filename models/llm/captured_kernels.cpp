#include "models/llm/captured_kernels.h"

#include <algorithm>

namespace jevons {

namespace {

bool is_measured(const KernelCost& law) {
  return law.source == ProfileSource::imported || law.source == ProfileSource::measured;
}

}  // namespace

ChipProfile captured(ChipProfile measured) {
  auto& gemms = measured.costs[static_cast<std::size_t>(KernelKind::gemm)];
  const KernelCost& plain = gemms[static_cast<std::size_t>(Precision::bf16)];
  if (!plain.source) return measured;
  for (KernelCost& law : gemms) law.folded = std::max(0.0, law.base.launch - plain.base.launch);
  // The block-scaled expert kernels that were measured on chips with 4-bit units are of the
  // generation before; engines run those of the 4-bit family there, which take a per-tensor scale
  // or one per block alike.
  auto& experts = measured.costs[static_cast<std::size_t>(KernelKind::moe)];
  const KernelCost& tensor = experts[static_cast<std::size_t>(Precision::fp8)];
  const bool has_4_bit_units = is_measured(experts[static_cast<std::size_t>(Precision::nvfp4)]);
  if (has_4_bit_units && is_measured(tensor))
    for (const Precision blocks : {Precision::fp8_block, Precision::mxfp8})
      experts[static_cast<std::size_t>(blocks)] = tensor;
  return measured;
}

}  // namespace jevons
