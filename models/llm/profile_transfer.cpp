#include "models/llm/profile_transfer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace jevons {

namespace {

constexpr std::size_t at(Precision p) {
  return static_cast<std::size_t>(p);
}

template <class T>
double ratio(const std::optional<T>& to, const std::optional<T>& from) {
  return to && from ? *to / *from : 1.0;
}

// Formats whose kernels resemble those of `p`, nearest first.
std::span<const Precision> relatives(Precision p) {
  using enum Precision;
  static constexpr std::array wide{bf16, fp16, fp8, fp8_block};
  static constexpr std::array eight{fp8, fp8_block, int8, bf16};
  static constexpr std::array blocks{fp8_block, fp8, bf16};
  static constexpr std::array four{nvfp4, mxfp4, int4, fp8, bf16};
  switch (p) {
    case bf16:
    case fp16:
      return wide;
    case fp8:
    case fp8_block:
    case int8:
      return eight;
    case mxfp8:
      return blocks;
    case mxfp4:
    case nvfp4:
    case int4:
      return four;
  }
  return wide;
}

// Matrix rate of a format, that of bf16 where the chip has no units for it.
std::optional<Speed> rate(const ChipSpec& chip, Precision p) {
  const auto own = peak_rate(chip, p);
  return own ? own : chip.peak.bf16;
}

KernelCost scaled(KernelCost law, double flop, double bytes, double link) {
  law.source = ProfileSource::transferred;
  law.base.flop_rate *= flop;
  law.flop_peak *= flop;
  law.base.byte_rate *= bytes;
  law.base.link_rate *= link;
  law.held_out = law.held_out_roofline = law.held_out_tuned = {};
  return law;
}

// Their tables are short by nature: a few sizes on a few GPU counts.
bool is_collective(KernelKind k) {
  using enum KernelKind;
  return k == all_reduce || k == peer_all_reduce || k == all_gather || k == reduce_scatter ||
         k == all_to_all || k == dispatch || k == combine || k == dispatch_low_latency ||
         k == combine_low_latency || k == point_to_point;
}

// How unlike two chips are: factors between their rates, and a step for another vendor.
double distance(const ChipSpec& a, const ChipSpec& b) {
  const double flop = std::abs(std::log(ratio(a.peak.bf16, b.peak.bf16)));
  const double bytes = std::abs(std::log(ratio(a.memory_bandwidth, b.memory_bandwidth)));
  constexpr double other_vendor = 3;
  return flop + bytes + (a.vendor == b.vendor ? 0 : other_vendor);
}

}  // namespace

bool is_same_die(const ChipSpec& a, const ChipSpec& b) {
  const auto& area = a.facts.die_area_mm2;
  return a.vendor == b.vendor && area && area == b.facts.die_area_mm2 &&
         a.facts.process_node == b.facts.process_node;
}

std::vector<const ChipSpec*> by_likeness(const ChipSpec& chip, std::span<const ChipSpec> known) {
  constexpr double another_die = 100;
  std::vector<std::pair<double, const ChipSpec*>> all;
  for (const ChipSpec& k : known)
    if (k.id != chip.id)
      all.emplace_back(distance(chip, k) + (is_same_die(chip, k) ? 0 : another_die), &k);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const ChipSpec*> nearest_first;
  nearest_first.reserve(all.size());
  for (const auto& [distance, spec] : all) nearest_first.push_back(spec);
  return nearest_first;
}

ChipProfile transferred(const ChipProfile& profile, const ChipSpec& from, const ChipSpec& to) {
  ChipProfile out = profile;
  out.chip = to.id;
  out.source = ProfileSource::transferred;
  const double bytes = ratio(to.memory_bandwidth, from.memory_bandwidth);
  const double link = ratio(to.link_bandwidth, from.link_bandwidth);
  for (std::size_t k = 0; k < out.costs.size(); ++k)
    for (std::size_t p = 0; p < out.costs[k].size(); ++p) {
      auto& kind = out.costs[k];
      if (!kind[p].source) continue;
      // A law of few rows follows them; it does not travel to another chip.
      constexpr int rows_to_travel = 100;
      if (from.id != to.id && kind[p].fitted_rows < rows_to_travel &&
          !is_collective(static_cast<KernelKind>(k))) {
        kind[p] = KernelCost{};
        continue;
      }
      const auto format = static_cast<Precision>(p);
      kind[p] = scaled(kind[p], ratio(rate(to, format), rate(from, format)), bytes, link);
    }
  return out;
}

void fill_gaps(ChipProfile& profile, const ChipProfile& other) {
  for (std::size_t k = 0; k < profile.costs.size(); ++k)
    for (std::size_t p = 0; p < profile.costs[k].size(); ++p)
      if (!profile.costs[k][p].source) profile.costs[k][p] = other.costs[k][p];
}

void fill_formats(ChipProfile& profile, const ChipSpec& chip) {
  for (auto& kind : profile.costs) {
    const auto known = kind;
    for (std::size_t p = 0; p < kind.size(); ++p) {
      if (kind[p].source) continue;
      const auto format = static_cast<Precision>(p);
      for (const Precision near : relatives(format)) {
        if (!known[at(near)].source) continue;
        kind[p] = scaled(known[at(near)], ratio(rate(chip, format), rate(chip, near)), 1, 1);
        break;
      }
    }
  }
}

ChipProfile completed(const ChipSpec& chip, ChipProfile own,
                      std::span<const ChipProfile> siblings) {
  own.chip = chip.id;
  for (const ChipProfile& sibling : siblings) fill_gaps(own, sibling);
  fill_formats(own, chip);
  fill_gaps(own, assumed_profile(chip));
  return own;
}

}  // namespace jevons
