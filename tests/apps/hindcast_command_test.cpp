// `jevons hindcast` as its user meets it.
#include "apps/hindcast_command.h"

#include <doctest/doctest.h>

#include "scenarios/diagnostics.h"

namespace jevons {
namespace {

std::string refusal(const CommandLine& line) {
  const std::vector<Kind> known;
  try {
    hindcast_command(line, {known, JEVONS_SOURCE_DIR "/scenarios/parts", {"1.2.3", "abc"}});
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a hindcast is refused without a number of samples or without its data") {
  CommandLine line;
  line.choices["samples"] = "many";
  CHECK(refusal(line).find("--samples: expected a whole number from 20 to 100000, got \"many\"") !=
        std::string::npos);
  CommandLine elsewhere;
  elsewhere.data = "/nowhere";
  CHECK(refusal(elsewhere).find("/nowhere/nvidia_stock.csv") != std::string::npos);
}

}  // namespace jevons
