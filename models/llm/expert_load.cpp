#include "models/llm/expert_load.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/ensure.h"
#include "sim/portable_math.h"
#include "sim/rng.h"

namespace jevons {

namespace {

constexpr std::uint64_t table_seed = 20240501;
constexpr int draws = 32;

// Pairs per expert from uniform draws: whole numbers that need not add up to tokens x top_k
// exactly. A load of density x^-skew on [low, high] is made by inversion.
void draw_counts(const ExpertLayout& l, double tokens, const std::vector<double>& uniform,
                 std::vector<double>& count) {
  const double pairs = tokens * l.top_k;
  const bool is_dense = pairs > l.experts;
  const double low = is_dense ? 1 : 0.01;
  const double high = std::max(is_dense ? 0.8 * tokens : 2.0, low * 1.001);
  const double e = std::abs(1 - l.skew) < 1e-6 ? 1e-6 : 1 - l.skew;
  const double a = portable::pow(low, e), b = portable::pow(high, e);
  double sum = 0;
  for (std::size_t i = 0; i < count.size(); ++i)
    sum += count[i] = portable::exp(portable::log(a + (b - a) * uniform[i]) / e);
  for (double& c : count) c = std::min(std::round(c * pairs / sum), tokens);
}

// What rounding and the cap left over (or took too much) is evened out rank by rank.
ExpertLoad contiguous_fullest(const ExpertLayout& l, double tokens,
                              const std::vector<double>& count) {
  const double missing =
      (tokens * l.top_k - std::accumulate(count.begin(), count.end(), 0.0)) / l.ep;
  const std::size_t local = count.size() / static_cast<std::size_t>(l.ep);
  ExpertLoad fullest;
  for (std::size_t first = 0; first + local <= count.size(); first += local) {
    double pairs = 0, active = 0;
    for (std::size_t i = first; i < first + local; ++i) {
      pairs += count[i];
      active += count[i] > 0 ? 1 : 0;
    }
    if (pairs > fullest.pairs || first == 0) fullest = {pairs, active};
  }
  const double spread = std::max(missing, 0.0);  // missing pairs go to idle experts first
  return {std::max(fullest.pairs + missing, 0.0),
          std::min(fullest.active + spread, static_cast<double>(local))};
}

// Slots of experts: the most loaded expert is copied until the redundant slots are used up.
std::vector<double> slot_loads(const std::vector<double>& count, int redundant) {
  std::vector<double> copies(count.size(), 1.0);
  for (int r = 0; r < redundant; ++r) {
    std::size_t worst = 0;
    for (std::size_t i = 1; i < count.size(); ++i)
      if (count[i] / copies[i] > count[worst] / copies[worst]) worst = i;
    copies[worst] += 1;
  }
  std::vector<double> slots;
  for (std::size_t i = 0; i < count.size(); ++i)
    slots.insert(slots.end(), static_cast<std::size_t>(copies[i]), count[i] / copies[i]);
  std::sort(slots.begin(), slots.end(), std::greater<>{});
  return slots;
}

ExpertLoad placed_fullest(const ExpertLayout& l, const std::vector<double>& count) {
  const std::vector<double> slots = slot_loads(count, l.redundant);
  const std::size_t room =
      (slots.size() + static_cast<std::size_t>(l.ep) - 1) / static_cast<std::size_t>(l.ep);
  struct Rank {
    double pairs = 0, active = 0;
    std::size_t slots = 0;
  };
  std::vector<Rank> ranks(static_cast<std::size_t>(l.ep));
  const auto is_better = [room](const Rank& a, const Rank& b) {
    if ((a.slots < room) != (b.slots < room)) return a.slots < room;
    return a.pairs < b.pairs;
  };
  for (const double load : slots) {
    Rank& r = *std::min_element(ranks.begin(), ranks.end(), is_better);
    r.pairs += load;
    r.active += load > 0 ? 1 : 0;
    ++r.slots;
  }
  const Rank& fullest = *std::max_element(
      ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) { return a.pairs < b.pairs; });
  return {fullest.pairs, fullest.active};
}

}  // namespace

ExpertLoadTable::ExpertLoadTable(const ExpertLayout& layout) : layout_{layout} {
  ensure(layout.redundant > 0 || layout.experts % layout.ep == 0,
         "every rank holds the same number of experts, or copies fill the places left");
  std::vector<double> uniform(static_cast<std::size_t>(layout.experts)), count(uniform.size());
  for (std::uint64_t d = 0; d < draws; ++d) {
    // The same luck at every number of tokens keeps the curve smooth.
    Rng rng{table_seed, "expert load", d};
    for (double& u : uniform) u = rng.uniform();
    for (std::size_t node = 0; node < nodes; ++node) {
      const double tokens = std::exp2(static_cast<double>(node));
      draw_counts(layout, tokens, uniform, count);
      const ExpertLoad load = layout.redundant > 0 ? placed_fullest(layout, count)
                                                   : contiguous_fullest(layout, tokens, count);
      hottest_[node] += load.pairs * layout.ep / (tokens * layout.top_k) / draws;
      active_[node] += load.active / draws;
    }
  }
  for (double& x : hottest_) x = std::max(x, 1.0);
  for (double& x : active_) x = std::max(x, 1.0);
}

ExpertLoad ExpertLoadTable::at(double tokens) const {
  const double x = std::clamp(std::log2(std::max(tokens, 1.0)), 0.0, nodes - 1 - 1e-9);
  const auto i = static_cast<std::size_t>(x);
  const double f = x - static_cast<double>(i);
  const double hottest = hottest_[i] * (1 - f) + hottest_[i + 1] * f;
  return {hottest * tokens * layout_.top_k / layout_.ep, active_[i] * (1 - f) + active_[i + 1] * f};
}

double ExpertLoadTable::hottest_over_mean(double tokens) const {
  return at(tokens).pairs * layout_.ep / (tokens * layout_.top_k);
}

}  // namespace jevons
