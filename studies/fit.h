#pragma once
// Measured rows -> cost law. Deterministic: the same rows give the same digits.
#include <span>
#include <vector>

#include "models/llm/kernel_cost.h"
#include "studies/kernel_rows.h"
#include "studies/roofline_fit.h"

namespace jevons {

struct LawFit {
  KernelCost cost;
  RooflineFit roofline;
  int fitted_rows = 0;
  HeldOutError roofline_alone;  // without the correction tables
  HeldOutError tuned_only;      // expert layers: without those measured with an untuned kernel
};

// Fits to the rows that are not held out and judges by those that are. All rows are of one kind and
// one precision.
LawFit fit_law(std::span<const KernelRow> rows, const Peaks& peaks);

// Errors of a law on rows.
HeldOutError judged(const KernelCost& cost, std::span<const KernelRow* const> rows);

}  // namespace jevons
