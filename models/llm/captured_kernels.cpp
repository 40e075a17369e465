#include "models/llm/captured_kernels.h"

#include <algorithm>

namespace jevons {

ChipProfile captured(ChipProfile measured) {
  auto& gemms = measured.costs[static_cast<std::size_t>(KernelKind::gemm)];
  const KernelCost& plain = gemms[static_cast<std::size_t>(Precision::bf16)];
  if (!plain.source) return measured;
  for (KernelCost& law : gemms) law.base.launch = std::min(law.base.launch, plain.base.launch);
  return measured;
}

}  // namespace jevons
