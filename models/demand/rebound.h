#pragma once
// The rebound of the innovations of a world: paired runs that differ in nothing else.
//
//   A   no innovation
//   B   innovation, everybody decides as in A: the engineering saving A - B
//   C   innovation, everybody answers to it
//   R = (C - B)/(A - B): the part of the saving that is lost; over 1 backfires
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
  YearsResult a, b, c;
  // [burden][response], of the whole run; empty if not asked for.
  std::vector<std::vector<double>> contributions;
  std::optional<double> of(Burden burden) const {
    return rebound_of(amount(a.total, burden), amount(b.total, burden), amount(c.total, burden));
  }
};

// `with_contributions`: 64 runs instead of 3.
Rebound rebound(const YearsSetup& setup, bool with_contributions, bool keep_ticks = true);

}  // namespace jevons
