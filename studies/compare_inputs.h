#pragma once
// The uncertain inputs of a comparison: their ranges, their samples, and what a sample makes of a
// chip's profile and of its costs.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/compare_scenario.h"
#include "studies/compare_rates.h"

namespace jevons {

// How well a chip is known.
struct TierKnowledge {
  ProfileSource time = ProfileSource::assumed, energy = ProfileSource::assumed;
  Confidence confidence = Confidence::low;
  std::string software;                    // whose kernels were measured
  double energy_low = 1, energy_high = 1;  // of the energy profile
  std::size_t family = 0;                  // the first tier of the same die
  bool is_cut = false;                     // fewer FLOP than the first of its die
};
TierKnowledge knowledge_of(const std::vector<ComparedTier>& tiers, std::size_t tier);

class CompareInputs {
 public:
  explicit CompareInputs(const CompareScenario& scenario);

  std::size_t add(std::string name, const Spread& spread);
  double value(std::size_t input, std::size_t sample) const { return values_[input][sample]; }
  std::size_t samples() const { return samples_; }
  const std::vector<std::pair<std::string, Spread>>& list() const { return list_; }
  const std::vector<double>& column(std::size_t input) const { return values_[input]; }

  void add_tier(const std::vector<ComparedTier>& tiers, std::size_t tier,
                const TierKnowledge& known);
  ProfileFactors factors(std::size_t tier, std::size_t sample) const;
  double price(std::size_t tier, std::size_t sample) const {
    return value(tiers_[tier].price, sample);
  }
  // The terms of a tier in this sample: duties and premium are the caller's.
  OwnershipTerms terms(const CompareScenario& scenario, std::size_t tier, std::size_t sample) const;

  std::size_t electricity = 0, carbon = 0, pue = 0, interest = 0, life = 0, server = 0;

 private:
  struct TierInputs {
    std::size_t price = 0, matrix = 0, memory = 0, link = 0, overhead = 0, level = 0;
    std::size_t fixed = 0, flop = 0, byte = 0;  // of the die
    std::size_t cut = 0;
    bool is_cut = false;
  };
  std::size_t samples_;
  std::uint64_t seed_;
  std::vector<std::pair<std::string, Spread>> list_;
  std::vector<std::vector<double>> values_;
  std::vector<TierInputs> tiers_;
};

// Price of a chip with its range.
Spread price_of(const ComparedTier& tier);

}  // namespace jevons
