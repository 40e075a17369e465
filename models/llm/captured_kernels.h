#pragma once
// Kernels as a serving engine runs them. Measured alone, a GEMM on 8- or 4-bit inputs includes a
// kernel that quantises its input, launched by the host. An engine folds that step into the norm or
// activation before it, and replays kernels from a captured graph: such a GEMM starts as a bf16 one
// does.
#include "models/llm/kernel_cost.h"

namespace jevons {

ChipProfile captured(ChipProfile measured);

}  // namespace jevons
