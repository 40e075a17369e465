#pragma once
// What the power of a board is made of while one kernel runs again and again:
//
//   P = P_s + v^2 (e_16 F_16 + e_8 F_8) / t + (e_B B + e_KV B_KV) / t
//
// F arithmetic by number format, B bytes through memory, B_KV those of a KV cache, t time per
// launch. The five coefficients are those of the chip: the same for every kind of kernel.
#include <array>
#include <string_view>
#include <vector>

#include "calibration/kernels/kernel_case.h"

namespace jevons::calibration {

inline constexpr int energy_terms = 5;
inline constexpr std::array<std::string_view, energy_terms> energy_term_names{
    "static power, W", "bf16, pJ/FLOP", "fp8, pJ/FLOP", "memory, pJ/byte", "KV cache, pJ/byte"};

using EnergyRow = std::array<double, energy_terms>;

// What a launch of `seconds` has per second of each term: 1, FLOP/s, FLOP/s, B/s, B/s.
// `voltage` is relative to that at full clock.
EnergyRow energy_row(const KernelCase& c, double seconds, double voltage);

// Lowest voltage over that at full clock. Source: docs/decisions.md, fitted to training under
// power caps (Zeus).
inline constexpr double voltage_floor = 0.7;

// Coefficients x >= 0 for which the sum of ((row . x - watts) / watts)^2 is least: active set on
// the normal equations, for these few columns. A term that no row has is 0.
EnergyRow least_relative_squares(const std::vector<EnergyRow>& rows,
                                 const std::vector<double>& watts);

// ln det of the information matrix of rows that are each relative to their power; a ridge of 1e-9
// keeps it finite while there are fewer rows than terms.
using Information = std::array<EnergyRow, energy_terms>;
double log_determinant(const Information& information);

}  // namespace jevons::calibration
