#include "models/policy/legal_design.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "models/llm/profile_transfer.h"
#include "models/policy/ruled_chip.h"

namespace jevons {

namespace {

enum Axis : std::size_t { arithmetic, memory, link };
constexpr std::size_t axes = 3;
using Point = std::array<double, axes>;  // each 0 (least) to 1 (all that the die has)

using Passes = std::function<bool(const Point&)>;

// The highest place on an axis that passes, others as they are; to the last bit.
double highest(Point p, std::size_t axis, const Passes& passes) {
  p[axis] = 1;
  if (passes(p)) return 1;
  double good = 0, fails = 1;
  for (;;) {
    const double middle = 0.5 * (good + fails);
    if (middle <= good || middle >= fails) return good;
    p[axis] = middle;
    (passes(p) ? good : fails) = middle;
  }
}

// Rates rise with the place; logarithmic, since 0.01 of the arithmetic is as far from 0.1 as that
// from 1.
double at_place(double least, double most, double place) {
  if (place >= 1 || least >= most) return most;
  return least * std::pow(most / least, place);
}

bool is_no_better(const Point& a, const Point& b) {
  return a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2];
}

// Each axis in turn as far as it goes; on the way, the first one also only a part of that.
std::vector<Point> corners(const Passes& passes) {
  constexpr std::array parts{1.0, 0.9, 0.8, 0.6, 0.4, 0.2};
  std::vector<Point> found;
  std::array<std::size_t, axes> order{arithmetic, memory, link};
  do {
    const double most = highest({}, order[0], passes);
    for (const double part : parts) {
      Point p{};
      p[order[0]] = part * most;
      p[order[1]] = highest(p, order[1], passes);
      p[order[2]] = highest(p, order[2], passes);
      p[order[0]] = highest(p, order[0], passes);
      found.push_back(p);
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return found;
}

std::vector<Point> undominated(const std::vector<Point>& all) {
  std::vector<Point> kept;
  for (const Point& p : all) {
    const auto beats = [&p](const Point& q) { return is_no_better(p, q); };
    if (std::any_of(kept.begin(), kept.end(), beats)) continue;
    kept.erase(std::remove_if(kept.begin(), kept.end(),
                              [&p](const Point& q) { return is_no_better(q, p); }),
               kept.end());
    kept.push_back(p);
  }
  return kept;
}

// The last day that a date of release can mean; empty: no date.
std::string last_day(const std::string& release) {
  if (release.size() < 4 || !std::all_of(release.begin(), release.begin() + 4,
                                         [](char c) { return c >= '0' && c <= '9'; }))
    return "";
  const std::string year = release.substr(0, 4);
  constexpr std::array ends{"-03-31", "-06-30", "-09-30", "-12-31"};
  if (release.size() == 7 && release[5] == 'Q' && release[6] >= '1' && release[6] <= '4')
    return year + ends.at(static_cast<std::size_t>(release[6] - '1'));
  if (release.size() == 4 || release.substr(4) == "-H2") return year + "-12-31";
  if (release.substr(4) == "-H1") return year + "-06-30";
  return release.size() == 7 ? release + "-31" : release;
}

template <class T>
void take_more(std::optional<T>& own, const std::optional<T>& other) {
  if (own && other) own = std::max(*own, *other);
}

}  // namespace

ChipSpec cut(const ChipSpec& die, double share, Bandwidth memory_rate, Bandwidth link_rate) {
  ChipSpec chip = die;
  for (auto* rate :
       {&chip.peak.bf16, &chip.peak.fp8, &chip.peak.int8, &chip.peak.fp4, &chip.peak.int4})
    if (*rate) *rate = share * **rate;
  if (const auto tpp = ruled_chip(die)[ChipFact::tpp]) chip.facts.tpp = share * *tpp;
  if (die.facts.tpp_per_mm2) chip.facts.tpp_per_mm2 = share * *die.facts.tpp_per_mm2;
  chip.memory_bandwidth = memory_rate;
  chip.link_bandwidth = link_rate;
  return chip;
}

bool is_released(const ChipSpec& chip, const std::string& date) {
  const std::string day = last_day(chip.facts.release);
  return !day.empty() && day <= date;
}

ChipSpec in_best_package(const ChipSpec& die, std::span<const ChipSpec> chips,
                         const std::string& date) {
  ChipSpec best = die;
  for (const ChipSpec& chip : chips) {
    if (!is_same_die(die, chip) || !is_released(chip, date)) continue;
    take_more(best.memory, chip.memory);
    take_more(best.memory_bandwidth, chip.memory_bandwidth);
    take_more(best.link_bandwidth, chip.link_bandwidth);
  }
  return best;
}

std::vector<ChipSpec> legal_designs(const DesignSpace& space,
                                    const std::function<bool(const ChipSpec&)>& passes) {
  const ChipSpec& die = space.die;
  const Bandwidth most_memory = *die.memory_bandwidth;
  const Bandwidth most_link = die.link_bandwidth.value_or(space.least_link);
  const auto chip_at = [&](const Point& p) {
    const double memory_ratio = at_place(space.least_memory / most_memory, 1, p[memory]);
    const double link_ratio = at_place(space.least_link / most_link, 1, p[link]);
    return cut(die, at_place(space.least_arithmetic, 1, p[arithmetic]), memory_ratio * most_memory,
               link_ratio * most_link);
  };
  const Passes point_passes = [&](const Point& p) { return passes(chip_at(p)); };
  if (!point_passes({})) return {};
  std::vector<ChipSpec> designs;
  for (const Point& p : undominated(corners(point_passes))) designs.push_back(chip_at(p));
  return designs;
}

}  // namespace jevons
