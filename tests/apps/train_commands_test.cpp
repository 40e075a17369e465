// The commands about training, as their user meets them.
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

const std::string llama = JEVONS_SOURCE_DIR "/scenarios/llama3_405b.json";
const std::string azure = JEVONS_SOURCE_DIR "/scenarios/azure_deepseek_r1.json";

}  // namespace

TEST_CASE("a plan is asked for with a wish that is known") {
  CHECK(call({"plan", llama, "--for", "cheapest"})
            .out.find("On a given cluster the cheapest plan is the fastest.") != std::string::npos);
  const Outcome wrong = call({"plan", llama, "--for", "quickest"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err.starts_with(
      "--for: expected one of fastest, cheapest, least-energy, got \"quickest\""));
}

TEST_CASE("a plan of a serving scenario is refused") {
  CHECK(call({"plan", azure}).err ==
        azure +
            ":2#/kind: expected \"train\", got \"serve\" (hint: jevons plan is about training)\n");
}

TEST_CASE("a twin is asked for by the id of a model") {
  CHECK(call({"twin", "deepseek-v3"}).out.find("dense, exponent 0.50") != std::string::npos);
  const Outcome wrong = call({"twin", "deepseek-v9"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err ==
        "jevons twin: expected an entry of models, got \"deepseek-v9\" (hint: did you mean "
        "\"deepseek-v3\"?)\n");
}

TEST_CASE("a training run is sized for a deadline") {
  CHECK(call({"size", llama, "--deadline", "60day"}).out.find(" are done within 60 day.") !=
        std::string::npos);
  CHECK(call({"size", llama}).err ==
        "jevons size: expected a deadline for a training run, got none (hint: write --deadline "
        "60day)\n");
  CHECK(call({"size", llama, "--deadline", "3 kg"})
            .err.starts_with("--deadline: expected a time such as \"60 day\", got \"3 kg\""));
}

TEST_CASE("explain shows the kernels of a training step") {
  CHECK(call({"explain", llama}).out.find("gemm bf16") != std::string::npos);
}

}  // namespace jevons
