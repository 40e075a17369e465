#pragma once
// How well one chip is predicted from another: the error of transferred laws.
#include <span>
#include <string>

#include "models/hardware/chip.h"
#include "models/llm/kernel_cost.h"
#include "studies/kernel_rows.h"

namespace jevons {

std::string transfer_table_head();

// One Markdown row per (kernel kind, precision) that both chips have: errors of `donor`,
// transferred from `from` to `to`, on all `rows` measured on `to`.
std::string transfer_table(const ChipProfile& donor, const ChipSpec& from, const ChipSpec& to,
                           std::span<const KernelRow> rows);

}  // namespace jevons
