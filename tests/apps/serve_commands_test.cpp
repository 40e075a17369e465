// The commands about serving, as their user meets them.
#include <sstream>

#include <doctest/doctest.h>

#include "apps/program.h"

namespace jevons {
namespace {

struct Outcome {
  int status;
  std::string out, err;
};

Outcome call(const std::vector<std::string>& arguments) {
  const Workbench bench{kinds(), JEVONS_SOURCE_DIR "/scenarios/parts", {"1.2.3", "abc"}};
  std::ostringstream out;
  std::ostringstream err;
  const int status = run_program(arguments, bench, out, err);
  return {status, out.str(), err.str()};
}

const std::string azure = JEVONS_SOURCE_DIR "/scenarios/azure_deepseek_r1.json";

}  // namespace

TEST_CASE("the objective of the command line replaces that of the scenario") {
  const auto size = [](const std::string& slo) {
    return call({"size", azure, "--set", "/workload/limit=200", "--slo", slo}).out;
  };
  CHECK(size("ttft=1h,tpot=1h").find("  1 replicas, 16 GPUs in 2 nodes, keep TTFT 1 h") !=
        std::string::npos);
  CHECK(size("ttft=1us").find("No fleet of up to 4,096 replicas") != std::string::npos);
}

TEST_CASE("a wrong objective is refused as bad input") {
  const Outcome outcome = call({"size", azure, "--slo", "ttft=2 kg"});
  CHECK(outcome.status == 2);
  CHECK(outcome.err.starts_with(
      "--slo: expected a time such as \"50 ms\", got \"2 kg\" (hint: known units: "));
}

TEST_CASE("explain shows where the time of an iteration goes") {
  const Outcome outcome = call({"explain", azure, "--set", "/workload/limit=200"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("one prefill chunk of ") != std::string::npos);
  CHECK(outcome.out.find("routed experts") != std::string::npos);
}

}  // namespace jevons
