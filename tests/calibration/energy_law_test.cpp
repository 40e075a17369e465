#include "calibration/meter/energy_law.h"

#include <doctest/doctest.h>

#include "calibration/meter/design.h"
#include "calibration/meter/layer_check.h"
#include "sim/rng.h"

using namespace jevons;
using namespace jevons::calibration;

TEST_CASE("the intervals of the energy coefficients hold the truth about as often as they say") {
  const EnergyRow truth{250, 0.9e-12, 0.4e-12, 65e-12, 90e-12};
  std::vector<KernelCase> candidates;
  for (const KernelCase& c : all_cases())
    if (c.gpus == 1 && tier_of(c) <= 1 && c.kind != CaseKind::moe_layer) candidates.push_back(c);
  const std::vector<std::size_t> design = energy_design(candidates, {});
  std::vector<WindowRow> rows;
  for (const std::size_t i : design) rows.push_back(row_of(candidates[i]));
  constexpr int trials = 60;
  int inside = 0;
  for (int trial = 0; trial < trials; ++trial) {
    Rng rng{5, "energy coverage", static_cast<std::uint64_t>(trial)};
    Evidence evidence;
    for (const WindowRow& row : rows) {
      EnergyPoint point{.row = &row, .seconds = planned_seconds(case_of(row))};
      const EnergyRow terms = energy_row(case_of(row), point.seconds, 1);
      double watts = 0;
      for (std::size_t j = 0; j < terms.size(); ++j) watts += terms[j] * truth[j];
      for (int k = 0; k < 3; ++k)
        point.window_watts.push_back(watts * (1 + 0.01 * (2 * rng.uniform() - 1)));
      point.watts.value = median(point.window_watts);
      evidence.energies.push_back(point);
    }
    const EnergyLaw law = pooled_energy(evidence);
    for (std::size_t j = 0; j < truth.size(); ++j)
      inside += static_cast<int>(law.low[j] <= truth[j] && truth[j] <= law.high[j]);
  }
  CHECK(inside > 0.88 * trials * energy_terms);
}

TEST_CASE("the parts of a layer do the work of the whole") {
  for (const KernelCase& c : all_cases()) {
    if (c.kind != CaseKind::moe_layer) continue;
    double flop = 0;
    for (const KernelCase& part : parts_of(c)) flop += work_of(part).flop.in(unit::flop);
    CHECK(flop == doctest::Approx(work_of(c).flop.in(unit::flop)));
  }
}
