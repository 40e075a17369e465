#pragma once
// The rebound of the innovations of a world: paired runs that differ in nothing else.
//
//   A   no innovation
//   B   innovation, everybody decides as in A: the engineering saving A - B
//   B'  the same, and rivals have it too after their lags: the saving of the technique
//   C   innovation, everybody answers to it
//   R = (C - B)/(A - B): the part of the saving that is lost; over 1 backfires. The saving of one
//   small lab is little, so that R says little; R' = (C - B')/(A - B') is that of the technique.
//
// Each way of answering gets its Shapley value: the mean, over all orders in which the answers
// could be let loose one after another, of what it adds. The six values sum to C - B exactly.
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/demand/years.h"

namespace jevons {

// What is compared between the arms.
enum class Burden { energy_twh, carbon_mt, marginal_carbon_mt, water_gl };
inline constexpr std::size_t burden_count = 4;
template <>
inline constexpr std::array enum_names<Burden>{
    EnumName{Burden::energy_twh, "energy_twh"},
    EnumName{Burden::carbon_mt, "carbon_mt"},
    EnumName{Burden::marginal_carbon_mt, "marginal_carbon_mt"},
    EnumName{Burden::water_gl, "water_gl"},
};
double amount(const EnergyTotals& totals, Burden burden);

// Shapley values of a game of n players given the worth of each coalition, [2^n].
std::vector<double> shapley(const std::vector<double>& worth, std::size_t players);

// Rebound of one amount. Nothing where the saving is under 1 % of A: the ratio means nothing there.
std::optional<double> rebound_of(double a, double b, double c);

struct Rebound {
  YearsResult a, b, spread, c;  // A, B, B', C
  // [burden][response], of the whole run; empty if not asked for.
  std::vector<std::vector<double>> contributions;
  std::optional<double> of(Burden burden) const {
    return rebound_of(amount(a.total, burden), amount(b.total, burden), amount(c.total, burden));
  }
  std::optional<double> of_spread(Burden burden) const {
    return rebound_of(amount(a.total, burden), amount(spread.total, burden),
                      amount(c.total, burden));
  }
};

// `with_contributions`: 64 runs instead of 4.
Rebound rebound(const YearsSetup& setup, bool with_contributions, bool keep_ticks = true);

// Of a change other than an innovation: A and C are two worlds with the same regions, labs,
// segments and chips, innovations included; B has the change and A's decisions. B' is B.
Rebound rebound_of_change(const YearsSetup& before, const YearsSetup& after,
                          bool keep_ticks = false);

}  // namespace jevons
