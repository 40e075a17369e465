#pragma once
// Samples of uncertain inputs, and what comes of them.
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/economics/spread.h"

namespace jevons {

// One input of a Latin hypercube: `n` values between 0 and 1, one in each n-th, in an order that
// the name and the seed decide. Adding an input shifts no other. Source: McKay, Beckman, Conover
// 1979, doi:10.2307/1268522.
std::vector<double> latin_column(std::string_view name, std::size_t n, std::uint64_t seed);

// 5 %, 50 %, 95 % of a sample, linear between its sorted values. Not empty.
Spread spread_of(std::vector<double> values);

// Spearman's rank correlation; 0 where one of them is constant.
double rank_correlation(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace jevons
