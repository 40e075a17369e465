#include "studies/compare_nameplate.h"

#include <vector>

#include "studies/sampling.h"

namespace jevons {

namespace {

Speed best_rate(const ChipSpec& chip) {
  if (chip.peak.fp8) return *chip.peak.fp8;
  return chip.peak.int8 ? *chip.peak.int8 : *chip.peak.bf16;
}

double joules_per(const Elastic& joules, double of, const ProfileFactors& factors) {
  return joules.at(factors) / of;
}

double flop_time(const PhaseProbe& p) {
  return p.seconds.value / p.flop;
}
double byte_time(const PhaseProbe& p) {
  return p.seconds.value / p.bytes;
}

// Ratios of joules over the samples, and how often they stand on the side of 1 that the datasheets
// say. They cross where one chip wins per FLOP and the other per byte.
void draw_ratios(const ProbedChip& asked, const ProbedChip& reference, const CompareInputs& inputs,
                 NameplateCheck& n) {
  const PhaseProbe& p = reference.phases->prefill;
  const PhaseProbe& d = reference.phases->decode;
  std::vector<double> flop, byte, cross;
  double flop_agrees = 0;
  double byte_agrees = 0;
  for (std::size_t i = 0; i < inputs.samples(); ++i) {
    const ProfileFactors f = inputs.factors(asked.tier, i);
    const ProfileFactors g = inputs.factors(reference.tier, i);
    const double rf =
        joules_per(n.prefill.joules, n.prefill.flop, f) / joules_per(p.joules, p.flop, g);
    const double rb =
        joules_per(n.decode.joules, n.decode.bytes, f) / joules_per(d.joules, d.bytes, g);
    flop.push_back(rf);
    byte.push_back(rb);
    flop_agrees += (rf > 1) == (n.flop_nameplate > 1);
    byte_agrees += (rb > 1) == (n.byte_nameplate > 1);
    if ((rf - 1) * (rb - 1) < 0) cross.push_back((rf - 1) / (rf - rb));
  }
  const auto samples = static_cast<double>(inputs.samples());
  n.flop_ours = spread_of(flop);
  n.byte_ours = spread_of(byte);
  n.flop_sign = flop_agrees / samples;
  n.byte_sign = byte_agrees / samples;
  n.has_crossover = static_cast<double>(cross.size()) / samples;
  if (!cross.empty()) n.crossover = spread_of(cross);
}

}  // namespace

NameplateCheck nameplate_check(const ProbedChip& asked, const ProbedChip& reference,
                               const CompareInputs& inputs) {
  const ChipSpec& own = *asked.chip;
  const ChipSpec& other = *reference.chip;
  NameplateCheck n;
  n.flop_nameplate = (*own.tdp / *other.tdp) / (best_rate(own) / best_rate(other));
  n.byte_nameplate = (*own.tdp / *other.tdp) / (*own.memory_bandwidth / *other.memory_bandwidth);
  n.prefill = asked.phases->prefill;
  n.decode = asked.phases->decode;
  draw_ratios(asked, reference, inputs, n);
  n.flop_time = flop_time(n.prefill) / flop_time(reference.phases->prefill);
  n.byte_time = byte_time(n.decode) / byte_time(reference.phases->decode);
  return n;
}

}  // namespace jevons
