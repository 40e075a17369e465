#pragma once
// What is measured, in which order: the most valuable first, so that a run that ends early has
// lost the least. The same cases and options give the same plan in every call.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "calibration/kernels/kernel_case.h"
#include "calibration/meter/raw_log.h"

namespace jevons::calibration {

inline constexpr int time_repeats = 5, energy_repeats = 3;
inline constexpr double time_window_s = 0.2;  // at least, of each repeat
inline constexpr int energy_points = 30;      // at most, expert layers as a whole among them
inline constexpr int points_per_block = 10;   // between two reference GEMMs

struct Item {
  Measure measure = Measure::time;
  KernelCase c{};
  int repeat = 0;      // of an energy window
  double seconds = 0;  // it will take, about
};

struct PlanOptions {
  std::set<CaseKind> kinds{};  // empty: all
  int gpus = 1;
  std::uint64_t seed = 1;  // of the order of energy windows
};

// Times: tier by tier, kinds in turn, within a kind the case farthest (in the logarithms of its
// work) from those before it. Energies: thirty designed points in three groups, each measured three
// times in shuffled order; the first group after the first tier, the others each 35 cases
// later, so that three calls of eight minutes hold all that is weighed.
std::vector<Item> plan_of(const std::vector<KernelCase>& cases, const PlanOptions& options);

// The items that the log does not hold yet. Cases that cannot run, and windows that were refused
// twice, are not tried again.
std::vector<Item> remaining(const std::vector<Item>& plan, const RawLog& log);

// The dense bf16 product that opens and closes every block.
KernelCase reference_case();

// Seconds that a call spends before its first block: idle, idle with context, warming, spinning.
inline constexpr double opening_seconds = 60;
// Items with the references around them.
double seconds_of(const std::vector<Item>& items);

}  // namespace jevons::calibration
