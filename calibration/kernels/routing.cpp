#include "calibration/kernels/routing.h"

#include <algorithm>
#include <numeric>

#include "sim/ensure.h"
#include "sim/portable_math.h"
#include "sim/rng.h"

namespace jevons::calibration {

namespace {

constexpr std::uint64_t routing_seed = 20261124;

// Loads of density x^-a on [low, high] by inversion, as the imported benchmark rows draw them.
std::vector<double> power_law(const MoeShape& moe, double tokens, double a) {
  const bool is_dense = tokens * moe.top_k > moe.experts;
  const double low = is_dense ? 1 : 0.01;
  const double high = std::max(is_dense ? 0.8 * tokens : 2.0, low * 1.001);
  const double e = 1 - a;
  const double from = portable::pow(low, e), to = portable::pow(high, e);
  Rng rng{routing_seed, "expert load"};
  std::vector<double> load(static_cast<std::size_t>(moe.experts));
  for (double& x : load) {
    const double u = rng.uniform();
    x = portable::exp(portable::log(from + (to - from) * u) / e);
  }
  return load;
}

// Whole numbers in proportion to the loads; what rounding and the cap leave over is dealt one by
// one to experts that still have room.
std::vector<std::int64_t> rounded(const std::vector<double>& load, std::int64_t choices,
                                  std::int64_t cap) {
  const double sum = std::accumulate(load.begin(), load.end(), 0.0);
  std::vector<std::int64_t> count;
  std::int64_t left = choices;
  for (const double x : load) {
    const auto share = static_cast<std::int64_t>(x / sum * static_cast<double>(choices));
    count.push_back(std::min(share, cap));
    left -= count.back();
  }
  for (std::size_t i = 0; left > 0; i = (i + 1) % count.size()) {
    if (count[i] == cap) continue;
    ++count[i];
    --left;
  }
  return count;
}

std::vector<std::int64_t> one_hot(const MoeShape& moe, std::int64_t tokens) {
  std::vector<std::int64_t> count(static_cast<std::size_t>(moe.experts), 0);
  std::fill_n(count.begin(), moe.top_k, tokens);
  return count;
}

}  // namespace

std::vector<std::int64_t> expert_counts(const MoeShape& moe, std::int64_t tokens) {
  const std::int64_t all = tokens * moe.ep, choices = all * moe.top_k;
  const std::vector<double> even(static_cast<std::size_t>(moe.experts), 1.0);
  switch (moe.routing) {
    case Routing::balanced:
      return rounded(even, choices, all);
    case Routing::power_law_1_01:
      return rounded(power_law(moe, static_cast<double>(all), 1.01), choices, all);
    case Routing::power_law_1_2:
      return rounded(power_law(moe, static_cast<double>(all), 1.2), choices, all);
    case Routing::one_hot:
      return one_hot(moe, all);
  }
  ensure(false, "routing has four values");
  return {};
}

std::vector<std::int64_t> local_counts(const MoeShape& moe, std::int64_t tokens) {
  ensure(moe.experts % moe.ep == 0, "every rank holds the same number of experts");
  const std::vector<std::int64_t> all = expert_counts(moe, tokens);
  const auto local = static_cast<std::ptrdiff_t>(moe.experts / moe.ep);
  std::vector<std::int64_t> fullest;
  std::int64_t most = -1;
  for (auto from = all.begin(); from != all.end(); from += local) {
    const std::int64_t rows = std::accumulate(from, from + local, std::int64_t{0});
    if (rows <= most) continue;
    most = rows;
    fullest.assign(from, from + local);
  }
  return fullest;
}

LocalLoad local_load(const MoeShape& moe, std::int64_t tokens) {
  LocalLoad load;
  for (const std::int64_t n : local_counts(moe, tokens)) {
    load.rows += n;
    load.active += n > 0 ? 1 : 0;
  }
  return load;
}

// The choices, sorted by expert, are dealt round by round to the tokens: no expert has more choices
// than there are tokens, so none meets the same token twice. Tokens are shuffled so that
// neighbouring rows of an expert are not neighbouring tokens.
std::vector<std::int32_t> choices_with(const std::vector<std::int64_t>& counts, std::int64_t tokens,
                                       int top_k) {
  std::vector<std::size_t> order(static_cast<std::size_t>(tokens));
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng{routing_seed, "token order"};
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);

  const auto k = static_cast<std::size_t>(top_k);
  std::vector<std::int32_t> choice(order.size() * k, -1);
  std::size_t dealt = 0;
  for (std::size_t expert = 0; expert < counts.size(); ++expert) {
    for (std::int64_t i = 0; i < counts[expert]; ++i, ++dealt) {
      const std::size_t slot = order[dealt % order.size()] * k + dealt / order.size();
      choice.at(slot) = static_cast<std::int32_t>(expert);
    }
  }
  ensure(dealt == choice.size(), "every token has top_k choices");
  return choice;
}

}  // namespace jevons::calibration
