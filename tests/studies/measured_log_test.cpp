// The way from a raw log to a profile, on a SYNTHETIC log: the laws of tests/support/fake_gpu.h are
// invented, the logs lie in temporary folders, and nothing of them reaches calibration/profiles.
#include "studies/measured_log.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "calibration/meter/layer_check.h"
#include "calibration/meter/procedure.h"
#include "calibration/meter/report.h"
#include "scenarios/catalogue.h"
#include "scenarios/diagnostics.h"
#include "scenarios/profile_io.h"
#include "studies/fit_profile.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/temporary_path.h"

using namespace jevons;
namespace cal = jevons::calibration;

namespace {

const std::filesystem::path project = JEVONS_SOURCE_DIR;

// What three long calls write, made once.
struct Synthetic {
  test::FakePlace place;
  cal::RawLog log;
  cal::Evidence evidence;

  Synthetic() {
    const std::filesystem::path folder = temporary_path("synthetic");
    std::filesystem::remove_all(folder);
    for (int n = 1; n <= 3; ++n) {
      test::FakePlace again;
      cal::RunOptions options;
      options.minutes = 12;
      options.session = "synthetic-" + std::to_string(n);
      options.utc = "2026-01-01T00:00:00Z";
      options.revision = "synthetic";
      run_plan(again.at(folder), cal::all_cases(), options);
    }
    log = cal::read_raw_log(folder);
    evidence = cal::evidence_of(log);
    std::filesystem::remove_all(folder);
  }
};

const Synthetic& synthetic() {
  static const Synthetic made;
  return made;
}

ChipSpec a_chip() {
  ChipSpec chip;
  chip.id = "synthetic";
  chip.peak.bf16 = 800 * unit::TFLOP / unit::s;
  chip.peak.fp8 = 1600 * unit::TFLOP / unit::s;
  chip.memory_bandwidth = 4 * unit::TB / unit::s;
  return chip;
}

const KernelCost& law_of(const ChipProfile& profile, KernelKind kind, Precision precision) {
  return profile.costs[static_cast<std::size_t>(kind)][static_cast<std::size_t>(precision)];
}

}  // namespace

TEST_CASE("invented energies are recovered within their intervals from a synthetic log") {
  const cal::EnergyLaw law = cal::pooled_energy(synthetic().evidence);
  const cal::EnergyRow& truth = synthetic().place.truth.coefficients;
  int inside = 0;
  for (std::size_t j = 0; j < truth.size(); ++j) {
    INFO(cal::energy_term_names[j]);
    inside += static_cast<int>(law.low[j] <= truth[j] && truth[j] <= law.high[j]);
    CHECK(std::abs(law.value[j] - truth[j]) < 3 * law.standard_error[j]);
    CHECK(law.high[j] - law.low[j] < 0.2 * truth[j]);
    CHECK(law.value[j] == doctest::Approx(truth[j]).epsilon(0.05));
  }
  // Of five intervals of 95 % one misses in a quarter of all logs.
  CHECK(inside >= 4);
  CHECK(law.mape < 0.01);
  CHECK(law.left_out_mape < 0.03);
}

TEST_CASE("invented rates are recovered within three standard errors from a synthetic log") {
  const ChipProfile profile =
      fit_measured(synthetic().log, synthetic().evidence, a_chip(), std::nullopt, "0");
  CHECK(profile.source == ProfileSource::measured);
  const KernelCost& law = law_of(profile, KernelKind::gemm, Precision::bf16);
  REQUIRE(law.source == ProfileSource::measured);
  const test::FakeTruth& truth = synthetic().place.truth;
  for (const CoefficientError& c : law.coefficients) {
    INFO(c.name << " " << c.value << " " << c.low << " " << c.high);
    const double invented = c.name == "flop_rate"   ? truth.bf16_rate
                            : c.name == "byte_rate" ? truth.byte_rate
                                                    : c.value;
    CHECK(std::abs(std::log(c.value / invented)) < 3 * c.relative_error);
    CHECK(c.relative_error < 0.05);
  }
  CHECK(law.held_out.mape < 0.02);
}

TEST_CASE("times of a synthetic log are predicted by the laws fitted to them") {
  const ChipProfile profile =
      fit_measured(synthetic().log, synthetic().evidence, a_chip(), std::nullopt, "0");
  for (const KernelKind kind : {KernelKind::gemm, KernelKind::decode_attention,
                                KernelKind::prefill_attention, KernelKind::elementwise}) {
    const KernelCost& law = law_of(profile, kind, Precision::bf16);
    INFO(name_of(kind));
    REQUIRE(law.source == ProfileSource::measured);
    CHECK(law.held_out.mape < 0.10);
  }
}

TEST_CASE("the parts of a synthetic layer add up to the whole but for what starting them costs") {
  const cal::EnergyLaw law = cal::pooled_energy(synthetic().evidence);
  const std::vector<cal::LayerCheck> checks = cal::layer_checks(synthetic().evidence, &law);
  REQUIRE(checks.size() >= 4);
  for (const cal::LayerCheck& c : checks) {
    double exact = 0;
    for (const cal::KernelCase& part : cal::parts_of(cal::case_of(*c.row)))
      exact += synthetic().place.rig.true_seconds(part);
    CHECK(c.parts_s == doctest::Approx(exact).epsilon(0.005));
    CHECK(c.layer_s > 0);
  }
}

TEST_CASE("laws that were not measured stay imported and the profile survives its text") {
  const ChipProfile imported = load_profile(project / "calibration/profiles/h200-sxm.json");
  const ChipProfile mixed =
      fit_measured(synthetic().log, synthetic().evidence, a_chip(), imported, "0");
  CHECK(law_of(mixed, KernelKind::gemm, Precision::bf16).source == ProfileSource::measured);
  CHECK(law_of(mixed, KernelKind::all_reduce, Precision::bf16).source == ProfileSource::imported);
  CHECK(mixed.provenance.source.starts_with("measured with jevons-calibrate on Synthetic GPU"));
  const std::filesystem::path path = temporary_path("synthetic.json");
  std::ofstream{path} << profile_text(mixed);
  const ChipProfile again = load_profile(path);
  CHECK(profile_text(again) == profile_text(mixed));
  std::filesystem::remove(path);
}

TEST_CASE("a kind that mostly misses its targets is marked as a weak instrument") {
  // The invented chip is slower than the targets for an H200 everywhere.
  const ChipProfile profile =
      fit_measured(synthetic().log, synthetic().evidence, a_chip(), std::nullopt, "0");
  CHECK(law_of(profile, KernelKind::gemm, Precision::bf16).is_weak_instrument);
  CHECK(profile_text(profile).find("\"instrument\": \"weak\"") != std::string::npos);
  CHECK(profile_text(load_profile(project / "calibration/profiles/h200-sxm.json"))
            .find("\"instrument\"") == std::string::npos);
}

TEST_CASE("energies of a synthetic log become a file that reads back") {
  const auto text = fit_measured_energy(synthetic().log, synthetic().evidence, a_chip(), 30);
  REQUIRE(text);
  CHECK(text->source_kind == "measured");
  CHECK(text->idle_w == doctest::Approx(synthetic().place.truth.context_w).epsilon(0.01));
  const ChipEnergy energy = energy_from(*text);
  CHECK(energy.busy_static.in(unit::W) == doctest::Approx(text->static_w));
}

TEST_CASE("imported tables of the project go through the same fit as a log") {
  const Catalogues catalogues = catalogues_in({project / "scenarios/parts"});
  const auto chip = read_entry<ChipSpec>(catalogues, "h20-96");
  const std::filesystem::path folder = project / "calibration/raw/h20-96";
  CHECK(profile_text(fit_chip(folder, chip)) ==
        profile_text(fit_profile(read_measured_chip(folder), chip)));
}

TEST_CASE("a synthetic board has no chip and so no profile in the project") {
  CHECK_THROWS_WITH_AS(
      chip_of_board("Synthetic GPU", "DIR"),
      "DIR/sessions.csv: expected a board whose chip is known, got \"Synthetic GPU\" (hint: name "
      "the chip: jevons-fit --measured DIR CHIP)",
      ScenarioError);
  CHECK(chip_of_board("NVIDIA H200", "DIR") == "h200-sxm");
}

TEST_CASE("the report of a synthetic log has every section a reader needs") {
  const std::string page = cal::report_text(synthetic().log, 7);
  for (const char* section :
       {"# Calibration of Synthetic GPU", "## Ceilings", "## Share of the roofline",
        "## Power without work", "## Energy coefficients", "## Parts against the whole layer",
        "## Energies", "## Times"})
    CHECK_MESSAGE(page.find(section) != std::string::npos, section);
}
