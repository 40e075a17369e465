#include "studies/validate_serving.h"

#include <cmath>

#include <doctest/doctest.h>

#include "scenarios/catalogue.h"

namespace jevons {

namespace {

const std::filesystem::path source{JEVONS_SOURCE_DIR};

}  // namespace

TEST_CASE("published rates of large deployments have a simulated figure each") {
  const auto rows =
      validate_serving(source / "calibration", catalogues_in({source / "scenarios/parts"}));
  REQUIRE(rows.size() == 4);
  for (const Comparison& c : rows) {
    CAPTURE(c.row);
    MESSAGE(c.row << ": measured " << c.measured << ", simulated " << c.predicted);
    CHECK(std::isfinite(c.predicted));
    // Nothing is fitted to them; a factor of three would be a mistake of the deployment.
    CHECK(std::abs(std::log(c.predicted / c.measured)) < std::log(3.0));
  }
}

TEST_CASE("a folder without published rates has nothing to compare") {
  CHECK(validate_serving(source / "docs", catalogues_in({source / "scenarios/parts"})).empty());
}

}  // namespace jevons
