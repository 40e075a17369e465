#include "scenarios/profile_io.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "scenarios/diagnostics.h"
#include "tests/support/temporary_path.h"

namespace jevons {

namespace {

const std::filesystem::path project = JEVONS_SOURCE_DIR;

std::string refusal(const std::string& text) {
  const std::filesystem::path path = temporary_path("profile.json");
  std::ofstream{path} << text;
  try {
    load_profile(path);
  } catch (const ScenarioError& e) {
    const std::string what = e.what();
    return what.substr(what.find('#'));
  }
  return "no complaint";
}

std::string with_law(const std::string& law) {
  return R"({"chip": "c", "source": "imported", "provenance": {"source": "s", "licence": "l"}, "laws": [
{"kernel": "gemm", "precision": "bf16", "source": "imported", "launch_us": 1)" +
         law + "}]}";
}

}  // namespace

TEST_CASE("a profile read and written is the same text") {
  const std::filesystem::path path = project / "calibration/profiles/h800-sxm.json";
  std::ifstream file{path};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  CHECK(profile_text(load_profile(path)) == text);
}

TEST_CASE("a profile says what is wrong with a number of a law") {
  CHECK(refusal(with_law(R"(, "flop_rate_tflop_s": -3)")) ==
        "#/laws/0/flop_rate_tflop_s: expected a number from 0 to 1e+09, got -3");
}

TEST_CASE("a law faster than the datasheet is refused") {
  CHECK(refusal(with_law(R"(, "flop_rate_tflop_s": 2, "flop_peak_tflop_s": 1)"))
            .starts_with("#/laws/0/flop_rate_tflop_s: expected at most the datasheet rate, got 2"));
}

TEST_CASE("a table whose values do not fit its knots is refused") {
  CHECK(refusal(with_law(R"(, "corrections": [{"axes": [0, 1, 2], "knots": [[0, 1], [0], [0]],
"ln_factor_e4": [1, 2, 3]}])")) ==
        "#/laws/0/corrections/0/ln_factor_e4: expected 2 numbers, one per knot, got 3");
  CHECK(refusal(with_law(R"(, "corrections": [{"axes": [0, 1, 2], "knots": [[1, 0], [0], [0]],
"ln_factor_e4": [1, 2]}])")) ==
        "#/laws/0/corrections/0/knots/0: expected increasing numbers, got 2");
}

}  // namespace jevons
