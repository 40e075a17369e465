#pragma once
// Measured rows -> cost law. Deterministic: the same rows give the same digits.
#include <span>
#include <vector>

#include "models/llm/kernel_cost.h"
#include "studies/kernel_rows.h"
#include "studies/roofline_fit.h"

namespace jevons {

// Fits to the rows that are not held out and judges by those that are. All rows are of one kind and
// one precision. The law is rounded as its text is, so that what is judged is what is stored.
KernelCost fit_law(std::span<const KernelRow> rows, const Peaks& peaks);

// Errors of a law on rows.
HeldOutError judged(const KernelCost& cost, std::span<const KernelRow* const> rows);

}  // namespace jevons
