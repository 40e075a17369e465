#pragma once
// Chips that a vendor could cut from a die without being caught: where arithmetic, memory bandwidth
// and link stand when a rule just lets them pass. Limits are not copied from rules. They are found
// by asking whether a chip passes, again and again, so that they are those of the rules exactly.
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/hardware/chip.h"

namespace jevons {

// What a die can be sold as. Arithmetic is cut by switching units off; bandwidths are bought.
struct DesignSpace {
  ChipSpec die;  // all that it has, with the most memory and links that packages of it carry
  Bandwidth least_memory = 100 * unit::GB / unit::s;
  // A chip reaches its host at least: PCIe 5.0, 16 lanes, both directions together.
  Bandwidth least_link = 128 * unit::GB / unit::s;
  double least_arithmetic = 0.01;  // of the die
};

// The die with this share of its arithmetic: every format alike, TPP and density with it.
ChipSpec cut(const ChipSpec& die, double arithmetic, Bandwidth memory, Bandwidth link);

// The die with the most memory, bandwidth and link of any of `chips` that is the same die and was
// out by `date`; the die itself where none has more.
ChipSpec in_best_package(const ChipSpec& die, std::span<const ChipSpec> chips,
                         const std::string& date);

// Out on this day, as far as the date of release is known: "2024-11" and "2024-Q4" are their last
// days, what is not a date has not come out.
bool is_released(const ChipSpec& chip, const std::string& date);

// Chips of this space that pass and of which nothing could be raised further, none better than
// another in every respect. Passing must be monotone: raising a rate never frees a chip. Empty: not
// even the least of them passes.
std::vector<ChipSpec> legal_designs(const DesignSpace& space,
                                    const std::function<bool(const ChipSpec&)>& passes);

}  // namespace jevons
