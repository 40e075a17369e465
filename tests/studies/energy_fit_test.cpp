#include "studies/energy_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "models/hardware/power_cap.h"
#include "scenarios/catalogue.h"
#include "studies/csv_rows.h"
#include "studies/deployment_rows.h"
#include "studies/energy_files.h"

namespace jevons {

namespace {

const std::filesystem::path project{JEVONS_SOURCE_DIR};
const std::filesystem::path energy = project / "calibration/energy";

Catalogues catalogues() {
  return catalogues_in({project / "scenarios/parts"});
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

double joules(const ChipEnergy& e, const TokenWork& w) {
  return e.busy_static.in(unit::W)*w.gpu_seconds + e.joule_per_flop.front() * w.flop +
         e.joule_per_byte.front() * w.bytes +
         e.joule_per_byte[static_cast<std::size_t>(KernelKind::decode_attention)] * w.kv_bytes +
         e.joule_per_link_byte * w.link_bytes;
}

}  // namespace

TEST_CASE("non-negative least squares finds what made the rows and never goes below zero") {
  const std::vector<std::vector<double>> a{{1, 0}, {0, 1}, {1, 1}, {2, 1}};
  const std::vector<double> exact = least_squares(a, {3, 2, 5, 8}, {0, 0}, {0, 0});
  CHECK(exact[0] == doctest::Approx(3).epsilon(1e-6));
  CHECK(exact[1] == doctest::Approx(2).epsilon(1e-6));
  const std::vector<double> bounded = least_squares(a, {3, -2, 1, 4}, {0, 0}, {0, 0});
  CHECK(bounded[1] == 0);
}

TEST_CASE("fitting the committed energies again gives the committed files") {
  const auto fitted = fit_energies(energy / "raw", project / "calibration/profiles", catalogues());
  REQUIRE(fitted.size() == 2);
  for (const EnergyText& text : fitted)
    CHECK(energy_text(text) == content(energy / (text.chip + ".json")));
}

TEST_CASE("the energies of one chip predict another within the interval nine times in ten") {
  ReplayParts parts{catalogues(), project / "calibration/profiles"};
  const auto rows = read_mlenergy((energy / "raw/mlenergy_v3.csv.gz").string(), catalogues());
  const std::array<std::array<std::string, 2>, 2> pairs{
      {{"h100-sxm", "b200"}, {"b200", "h100-sxm"}}};
  for (const auto& pair : pairs) {
    const std::string &from = pair[0], &to = pair[1];
    const ChipEnergy known = load_energy(energy / (from + ".json"));
    const ChipEnergy e = transferred_energy(known, parts.chip(from), parts.chip(to));
    const FormatShares shares{known.joule_per_flop[static_cast<std::size_t>(Precision::fp8)] /
                                  known.joule_per_flop[static_cast<std::size_t>(Precision::bf16)],
                              1};
    const std::vector<TokenWork> work = token_work(rows, to, shares, parts);
    double error = 0;
    const auto inside = std::count_if(work.begin(), work.end(), [&](const TokenWork& w) {
      const double ratio = w.joules / joules(e, w);
      error += std::abs(1 / ratio - 1) / static_cast<double>(work.size());
      return ratio >= e.low && ratio <= e.high;
    });
    CAPTURE(from);
    CHECK(work.size() > 90);
    CHECK(static_cast<double>(inside) >= 0.9 * static_cast<double>(work.size()));
    CHECK(error < 0.2);
  }
}

// Training under power caps, Zeus (NSDI 2023): medians over networks and batch sizes of throughput
// and energy relative to the largest cap. One set of parameters for all chips: three quarters of
// the power beyond a fifth of the limit are arithmetic and a third of the time follows the clock.
// Chosen on these same jobs: this shows that the law can follow them, not that it predicts others.
TEST_CASE("the clock that a cap allows reproduces measured training under power caps") {
  CsvRows rows{(energy / "raw/training_powercap_curve.csv").string()};
  const int cap = rows.column("cap_w"), top = rows.column("max_cap_w"),
            rate = rows.column("rel_throughput_median"), spent = rows.column("rel_energy_median");
  std::vector<double> time_errors;
  std::vector<double> energy_errors;
  while (rows.next()) {
    const double limit = rows.number(cap), most = rows.number(top);
    if (limit == most || limit < 0.5 * most) continue;  // below half, chips fall out of the law
    const double draw = 0.97 * most;                    // uncapped draw of a busy training job
    ClockedWork work{.seconds = 1, .clock_seconds = 0.35, .static_watts = 0.2 * most};
    work.arithmetic_joules = 0.75 * (draw - work.static_watts);
    work.other_joules = draw - work.static_watts - work.arithmetic_joules;
    const double f = clock_under(limit, work, {.voltage_floor = 0.7});
    time_errors.push_back(std::abs(seconds_at(work, f) * rows.number(rate) - 1));
    const double relative = joules_at(work, f, {.voltage_floor = 0.7}) / draw;
    energy_errors.push_back(std::abs(relative / rows.number(spent) - 1));
  }
  REQUIRE(time_errors.size() >= 12);
  const auto worst = [](const std::vector<double>& v) {
    return *std::max_element(v.begin(), v.end());
  };
  const auto median = [](std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
  };
  MESSAGE("time: median ", median(time_errors), ", worst ", worst(time_errors), ". energy: median ",
          median(energy_errors), ", worst ", worst(energy_errors));
  CHECK(median(time_errors) < 0.05);
  CHECK(median(energy_errors) < 0.08);
}

}  // namespace jevons
