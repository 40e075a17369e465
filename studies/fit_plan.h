#pragma once
// What is fitted for each kind of kernel: which terms of the roofline, which tiles are tried, and
// over which axes the correction tables spread.
#include <array>
#include <vector>

#include "models/llm/kernel.h"

namespace jevons {

struct TablePlan {
  std::array<int, 3> axis{};
  std::array<std::vector<double>, 3> knots;  // {0}: the axis is not used
};

struct FitPlan {
  bool uses_flop = false, uses_bytes = false, uses_link = false, uses_items = false;
  std::vector<double> tiles{1};
  std::vector<TablePlan> tables;
  double smoothness = 0.05;  // weight of second differences against rows
  double pull = 0.03;        // of every knot towards 0 and towards its neighbours
};

FitPlan fit_plan(KernelKind kind);

}  // namespace jevons
