#include "studies/fit.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "scenarios/catalogue.h"
#include "scenarios/profile_io.h"
#include "sim/rng.h"
#include "studies/fit_profile.h"

namespace jevons {

namespace {

const std::filesystem::path project = JEVONS_SOURCE_DIR;
const std::filesystem::path calibration = project / "calibration";

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string refitted(const std::string& chip) {
  const Catalogues catalogues = catalogues_in({project / "scenarios/parts"});
  return profile_text(fit_profile(read_measured_chip(calibration / "raw" / chip),
                                  read_entry<ChipSpec>(catalogues, chip)));
}

// Products timed by a roofline of known coefficients with noise of 2 %.
std::vector<KernelRow> invented_rows() {
  const Roofline truth{.launch = 5e-6, .flop_rate = 6e14, .byte_rate = 2e12, .sharpness = 2};
  Rng rng{1, "fit test"};
  std::vector<KernelRow> rows;
  for (double m = 1; m <= 8192; m *= 2)
    for (double n = 256; n <= 16384; n *= 2)
      for (double k = 256; k <= 16384; k *= 2) {
        const Kernel gemm = Gemm{Precision::bf16, m, n, k};
        const double noise = 1 + 0.04 * (rng.uniform() - 0.5);
        rows.push_back({gemm, roofline_time(truth, shape_of(gemm, 1)) * noise, describe(gemm)});
      }
  return rows;
}

}  // namespace

TEST_CASE("a fit finds the roofline that made the rows") {
  const KernelCost law = fit_law(invented_rows(), {.flop = 1e15, .byte = 3e12});
  CHECK(law.base.launch == doctest::Approx(5e-6).epsilon(0.05));
  CHECK(law.base.flop_rate == doctest::Approx(6e14).epsilon(0.05));
  CHECK(law.base.byte_rate == doctest::Approx(2e12).epsilon(0.05));
  CHECK(law.held_out.mape < 0.015);
  for (const CoefficientError& c : law.coefficients) {
    CHECK(c.low <= c.value);
    CHECK(c.value <= c.high);
    CHECK(c.relative_error > 0);
  }
}

TEST_CASE("outliers do not move a fit") {
  std::vector<KernelRow> rows = invented_rows();
  for (std::size_t i = 0; i < rows.size(); i += 20) rows[i].seconds *= 4;
  const KernelCost law = fit_law(rows, {.flop = 1e15, .byte = 3e12});
  CHECK(law.base.flop_rate == doctest::Approx(6e14).epsilon(0.1));
  CHECK(law.held_out.median < 0.03);
}

TEST_CASE("refitting the committed rows gives the committed profile to the last digit") {
  for (const std::string chip : {"h800-sxm", "h20-96"})
    CHECK(refitted(chip) == text_of_file(calibration / "profiles" / (chip + ".json")));
}

TEST_CASE("three in ten shapes are held out whatever the order of rows") {
  const std::vector<KernelRow> rows = invented_rows();
  int held_out = 0;
  for (const KernelRow& row : rows) held_out += is_held_out(row.shape) ? 1 : 0;
  CHECK(held_out > 0.2 * static_cast<double>(rows.size()));
  CHECK(held_out < 0.4 * static_cast<double>(rows.size()));
}

}  // namespace jevons
