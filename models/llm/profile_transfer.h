#pragma once
// Cost laws for kernels and chips that nobody measured, from those that somebody did. Each law says
// afterwards that it was transferred; where nothing is near, the datasheet's roofline stands in.
#include <span>
#include <vector>

#include "models/hardware/chip.h"
#include "models/llm/kernel_cost.h"

namespace jevons {

// Two chips cut from the same silicon: same vendor, process and die area.
bool is_same_die(const ChipSpec& a, const ChipSpec& b);

// The others of `known`, those first whose laws suit `chip` best: the same die, then the same
// vendor, then the nearest in arithmetic and bandwidth.
std::vector<const ChipSpec*> by_likeness(const ChipSpec& chip, std::span<const ChipSpec> known);

// The laws of `from` on `to`: every rate scaled by the ratio of the datasheets, resource by
// resource; launch times and the shape of the corrections stay. Laws fitted to fewer than 100 rows
// are left out (collectives excepted), unless it is the same chip with other rates.
ChipProfile transferred(const ChipProfile& profile, const ChipSpec& from, const ChipSpec& to);

// Takes from `other` the laws that `profile` lacks.
void fill_gaps(ChipProfile& profile, const ChipProfile& other);

// Gives formats without a law of their own that of the nearest format of the same kernel.
void fill_formats(ChipProfile& profile, const ChipSpec& chip);

// A law for every kernel: of `own` where it has one, then of the siblings (transferred, nearest
// first), of a near format, of the datasheet.
ChipProfile completed(const ChipSpec& chip, ChipProfile own, std::span<const ChipProfile> siblings);

}  // namespace jevons
