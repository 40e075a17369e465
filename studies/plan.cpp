#include "studies/plan.h"

#include <array>
#include <cstdio>

#include "sim/fields.h"

namespace jevons {

namespace {

std::string line_of(const Plan& p) {
  std::array<char, 200> line{};
  const TrainingLayout& l = p.layout;
  std::snprintf(line.data(), line.size(),
                "%4d %4d %4d %4d %5d %6d %6d  %-11s  %-9s  %10.3f  %5.1f %%  %6.0f  %6.1f\n", l.tp,
                l.pp, l.cp, l.ep, l.dp, l.chunks, p.micro_batch,
                std::string{name_of(p.schedule)}.c_str(), std::string{name_of(p.recompute)}.c_str(),
                p.step.seconds, 100 * p.step.mfu, p.step.watts_per_gpu,
                p.step.memory.total() * 1e-9);
  return line.data();
}

std::string value_text(const SetupMistake& mistake, double value) {
  if (mistake.field == "precision")
    return std::string{name_of(static_cast<Precision>(static_cast<int>(value)))};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

}  // namespace

std::string to_text(const PlanAnswer& answer) {
  if (answer.best.empty()) return "no configuration fits into memory\n";
  std::string text =
      "  tp   pp   cp   ep    dp chunks  batch  schedule     recompute   step (s)      MFU   "
      "W/GPU      GB\n";
  for (const Plan& plan : answer.best) text += line_of(plan);
  if (answer.best.size() < 2) return text;
  text += "the second loses in:";
  for (const StepPhase phase : why_first(answer.best[0], answer.best[1])) {
    std::array<char, 80> part{};
    const double lost = answer.best[1].step[phase] - answer.best[0].step[phase];
    std::snprintf(part.data(), part.size(), " %s %.3f s", std::string{name_of(phase)}.c_str(),
                  lost);
    text += part.data();
  }
  return text + "\n";
}

std::string to_text(const SetupMistake& m) {
  return std::string{m.field} + ": expected " + std::string{m.expected} + ", got " +
         value_text(m, m.got) + " (hint: " + value_text(m, m.nearest) + ")";
}

}  // namespace jevons
