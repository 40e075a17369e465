#pragma once
// What datasheets say of the joules per FLOP and per byte of two chips, beside what their kernels
// say.
#include <cstddef>

#include "studies/compare.h"
#include "studies/compare_inputs.h"

namespace jevons {

struct ProbedChip {
  const ChipSpec* chip = nullptr;
  const ChipPhases* phases = nullptr;  // of a served model
  std::size_t tier = 0;                // whose inputs are drawn
};

// Nameplate: TDP over peak rate, TDP over memory bandwidth. Ours: joules of a prefill per FLOP and
// of a decode iteration per byte, over all samples. Both as ratios of `asked` to `reference`.
NameplateCheck nameplate_check(const ProbedChip& asked, const ProbedChip& reference,
                               const CompareInputs& inputs);

}  // namespace jevons
