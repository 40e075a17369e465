#include "models/jobs/training/fitted_software.h"

#include <cmath>
#include <limits>

namespace jevons {

namespace {

constexpr const FittedSoftware& stand_in = fitted_software_table[1];
static_assert(stand_in.chip == "h100-sxm");

bool is_of_die(const FittedSoftware& fit, const ChipSpec& chip) {
  return chip.vendor == fit.vendor && chip.facts.process_node == fit.process_node &&
         chip.facts.die_area_mm2 == fit.die_area_mm2;
}

// How unlike the peaks of two chips of one die are.
double distance(const FittedSoftware& fit, const ChipSpec& chip) {
  if (!chip.peak.bf16) return 1e9;
  return std::abs(std::log(chip.peak.bf16->in(unit::TFLOP / unit::s) / fit.bf16_tflops));
}

}  // namespace

DefaultSoftware default_software(const ChipSpec& chip) {
  DefaultSoftware best;
  double least = std::numeric_limits<double>::infinity();
  for (const FittedSoftware& fit : fitted_software_table) {
    if (fit.chip == chip.id) return {&fit, true};
    if (!is_of_die(fit, chip) || distance(fit, chip) >= least) continue;
    best = {&fit, true};
    least = distance(fit, chip);
  }
  return best.fit != nullptr ? best : DefaultSoftware{&stand_in, false};
}

}  // namespace jevons
