#include "calibration/meter/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "calibration/meter/design.h"
#include "calibration/meter/evidence.h"
#include "sim/rng.h"

namespace jevons::calibration {
namespace {

using Cases = std::vector<KernelCase>;

// Allocating and filling operands, capturing a graph.
constexpr double assumed_load_s = 0.4;
constexpr double time_item_s = assumed_load_s + 0.1 + time_repeats * (time_window_s + 0.05);
constexpr double energy_item_s = assumed_load_s + 1.0 + 5.1;
constexpr double reference_s = assumed_load_s + 0.6;
constexpr int energy_groups = 3;
// So that three calls of eight minutes hold all that is weighed.
constexpr std::size_t times_between_groups = 35;

// Where a case stands: logarithms of what it does.
using Place = std::array<double, 5>;
Place place_of(const KernelCase& c) {
  const auto log = [](double x) { return std::log2(1 + x); };
  const CaseWork work = work_of(c);
  const auto octaves = log(static_cast<double>(c.tokens));
  return {octaves, log(static_cast<double>(c.attention.context)), log(work.flop.in(unit::flop)),
          log((work.read + work.written).in(unit::B)), 4.0 * static_cast<int>(c.format)};
}

double distance(const Place& a, const Place& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// The largest first, then always the one farthest from all before it.
Cases spread(Cases cases) {
  std::vector<Place> places;
  for (const KernelCase& c : cases) places.push_back(place_of(c));
  std::vector<double> nearest(cases.size(), std::numeric_limits<double>::infinity());
  Cases order;
  std::size_t next = 0;
  for (std::size_t i = 1; i < cases.size(); ++i)
    if (places[i][3] > places[next][3]) next = i;
  while (order.size() < cases.size()) {
    order.push_back(cases[next]);
    const Place here = places[next];
    nearest[next] = -1;
    for (std::size_t i = 0; i < cases.size(); ++i)
      if (nearest[i] >= 0) nearest[i] = std::min(nearest[i], distance(places[i], here));
    next = static_cast<std::size_t>(std::max_element(nearest.begin(), nearest.end()) -
                                    nearest.begin());
  }
  return order;
}

// Cases of a tier, kinds in turn.
std::vector<Item> tier_items(const Cases& cases, int tier) {
  std::map<CaseKind, Cases> kinds;
  std::size_t longest = 0;
  for (const KernelCase& c : cases)
    if (tier_of(c) == tier) kinds[c.kind].push_back(c);
  for (auto& [kind, list] : kinds) {
    list = spread(std::move(list));
    longest = std::max(longest, list.size());
  }
  std::vector<Item> items;
  for (std::size_t i = 0; i < longest; ++i)
    for (const auto& [kind, list] : kinds)
      if (i < list.size())
        items.push_back({.measure = Measure::time, .c = list[i], .seconds = time_item_s});
  return items;
}

bool is_whole_layer(const KernelCase& c) {
  return c.kind == CaseKind::moe_layer;
}

// Expert layers as a whole, which test the coefficients and take no part in them, then the design.
Cases energy_cases(const Cases& cases) {
  Cases candidates, chosen;
  for (const KernelCase& c : cases) {
    if (tier_of(c) > 1 || c.gpus > 1) continue;
    if (!is_whole_layer(c))
      candidates.push_back(c);
    else if (tier_of(c) == 0 && chosen.size() < 4)
      chosen.push_back(c);
  }
  DesignLimits limits;
  limits.points = energy_points - static_cast<int>(chosen.size());
  Cases designed;
  for (const std::size_t i : energy_design(candidates, limits)) designed.push_back(candidates[i]);
  // One whole layer in the first group, the others behind.
  if (!chosen.empty()) designed.insert(designed.begin(), chosen.front());
  if (chosen.size() > 1) designed.insert(designed.end(), chosen.begin() + 1, chosen.end());
  return designed;
}

void shuffle(std::vector<Item>& items, Rng& rng) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(i)]);
}

std::vector<std::vector<Item>> energy_items(const Cases& cases, std::uint64_t seed) {
  const Cases chosen = energy_cases(cases);
  std::vector<std::vector<Item>> groups(energy_groups);
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (int repeat = 0; repeat < energy_repeats; ++repeat) {
      std::vector<Item> round;
      const std::size_t n = chosen.size();
      for (std::size_t i = g * n / energy_groups; i < (g + 1) * n / energy_groups; ++i)
        round.push_back({Measure::energy, chosen[i], repeat, energy_item_s});
      Rng rng{seed, "calibration/order", g * energy_repeats + static_cast<std::size_t>(repeat)};
      shuffle(round, rng);
      groups[g].insert(groups[g].end(), round.begin(), round.end());
    }
  return groups;
}

void append(std::vector<Item>& out, const std::vector<Item>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Item> plan_of(const Cases& cases, const PlanOptions& options) {
  Cases wanted;
  for (const KernelCase& c : cases)
    if (c.gpus <= options.gpus && (options.kinds.empty() || options.kinds.contains(c.kind)))
      wanted.push_back(c);
  const std::vector<std::vector<Item>> energy = energy_items(wanted, options.seed);
  const std::vector<Item> second = tier_items(wanted, 1);
  std::vector<Item> plan = tier_items(wanted, 0);
  append(plan, energy[0]);
  for (std::size_t i = 0; i < second.size() || i <= 2 * times_between_groups; ++i) {
    if (i == times_between_groups || i == 2 * times_between_groups)
      append(plan, energy[i / times_between_groups]);
    if (i < second.size()) plan.push_back(second[i]);
  }
  append(plan, tier_items(wanted, 2));
  return plan;
}

std::vector<Item> remaining(const std::vector<Item>& plan, const RawLog& log) {
  using Key = std::pair<Measure, std::string>;
  std::map<Key, std::set<int>> done;  // repeats that count
  std::map<Key, std::map<int, int>> refused;
  std::set<std::string> unavailable;
  for (const WindowRow* row : accepted_rows(log))
    done[{row->measure, row->name}].insert(row->repeat);
  for (const WindowRow& row : log.windows) {
    if (row.outcome == Outcome::unavailable) unavailable.insert(row.name);
    if (row.outcome == Outcome::disagreement || row.outcome == Outcome::throttled)
      ++refused[{row.measure, row.name}][row.repeat];
  }
  std::vector<Item> left;
  for (const Item& item : plan) {
    const std::string name = name_of(item.c);
    const Key key{item.measure, name};
    const std::set<int>& have = done[key];
    const bool is_done = item.measure == Measure::time
                             ? static_cast<int>(have.size()) >= time_repeats
                             : have.contains(item.repeat);
    const bool is_hopeless = unavailable.contains(name) || refused[key][item.repeat] >= 2;
    if (!is_done && !is_hopeless) left.push_back(item);
  }
  return left;
}

KernelCase reference_case() {
  return {.kind = CaseKind::dense_gemm,
          .format = Format::bf16,
          .tokens = 8192,
          .moe = {.hidden = 8192, .inner = 8192}};
}

double seconds_of(const std::vector<Item>& items) {
  double sum = 0;
  for (const Item& item : items) sum += item.seconds;
  const auto blocks = static_cast<double>((items.size() + points_per_block - 1) / points_per_block);
  return sum + blocks * 2 * reference_s;
}

}  // namespace jevons::calibration
