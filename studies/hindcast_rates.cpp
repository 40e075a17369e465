#include "studies/hindcast_rates.h"

#include "studies/years_rates.h"

namespace jevons {

RatesByChip hindcast_rates(const BuildOutFacts& facts, const Catalogues& catalogues) {
  World world;
  Segment segment;
  segment.model = read_entry<ModelCard>(catalogues, "gpt-175b");
  world.segments["compute"] = segment;
  for (const ChipOnSale& chip : facts.chips) {
    ChipOffer offer;
    offer.chip = read_entry<ChipSpec>(catalogues, chip.chip);
    world.chips.push_back(offer);
  }
  const std::vector<ChipRates> rates = years_rates(world);
  RatesByChip by_chip;
  for (std::size_t c = 0; c < rates.size(); ++c) by_chip[facts.chips[c].chip] = rates[c];
  return by_chip;
}

}  // namespace jevons
