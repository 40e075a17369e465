#pragma once
// What would turn an answer round: values of one input, the others at their medians, and pairs of
// inputs, at which a net change passes through zero.
#include <optional>
#include <string>
#include <vector>

#include "studies/years_samples.h"

namespace jevons {

// Energy of C less that of A over the whole run, TWh.
double net_change(const YearsSetup& setup);

struct Turn {
  std::string input;
  Spread range;
  std::string unit;                        // of its levels
  double low_change = 0, high_change = 0;  // C - A at p5 and p95
  std::optional<double> threshold;  // level at which C - A passes through zero, within p1..p99
};

std::vector<Turn> turns(const YearsBench& bench);

// Rebound over two inputs. Rows: gain, or share of energy in the cost of a task at the start.
struct ReboundMap {
  std::string row_name;
  std::vector<double> rows, elasticities;
  // [row][elasticity]; C/A - 1 of all energy, and R' = (C - B')/(A - B') where the saving is not
  // next to nothing.
  std::vector<std::vector<double>> net;
  std::vector<std::vector<std::optional<double>>> rebound;
};

// All segments at the same elasticity; factors of the innovations as the rows say.
ReboundMap map_of_gain(const YearsBench& bench);
// The innovations save joules of chips instead, by their factors for serving; electricity prices
// are those that make up the share.
ReboundMap map_of_energy_share(const YearsBench& bench);

}  // namespace jevons
