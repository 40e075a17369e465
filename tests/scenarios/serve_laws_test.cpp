// Each wrong serving scenario, its exact sentence.
#include <doctest/doctest.h>

#include "scenarios/serve_build.h"
#include "tests/scenarios/serve_desk.h"

namespace jevons {
namespace {

std::string about(const std::vector<Setting>& settings) {
  return test::complaint([&] { test::loaded(settings); });
}

}  // namespace

TEST_CASE("a sound serving scenario has no complaints") {
  CHECK(about({}).empty());
}

TEST_CASE("an unknown entry is one mistake and not one for each key it would have had") {
  CHECK(
      about({{"/model=qwen3-8c"}}) ==
      "--set#/model: expected an id of the catalogue models, got \"qwen3-8c\" (hint: did you mean "
      "\"qwen3-8b\"?)");
}

TEST_CASE("host time follows the engine that is named") {
  const auto host = [](const char* software) {
    return serving_config(test::scenario({{std::string{"/fleet/software="} + software}}))
        .pools.front()
        .engine.overhead_per_sequence;
  };
  CHECK(host(R"({"engine": "vllm", "year": 2025})") >
        host(R"({"engine": "trtllm", "year": 2025})"));
  CHECK(
      about({{R"(/fleet/software={"engine": "vlm"})"}}) ==
      "--set#/fleet/software/engine: expected one of vllm, sglang, trtllm, got \"vlm\" (hint: did "
      "you mean \"vllm\"?)");
}

TEST_CASE("a model that does not fit says by how much and what would fit") {
  CHECK(about({{"/model=deepseek-r1"}}) ==
        "s/a.json:5#/fleet/parallelism: expected GPUs enough for weights, workspace and KV cache "
        "within 90.0 % of 80.0 GB each, got 673 GB of weights and 3.51 GB of workspace on each of "
        "1, 604 GB too much (hint: the smallest spread that fits is tp 1, pp 1, dp 16, ep 16)");
}

TEST_CASE("what cannot be split is refused where it is written") {
  CHECK(about({{"/fleet/parallelism/tp=5"}}) ==
        "--set#/fleet/parallelism/tp: expected a divisor of the 32 attention heads, got 5");
  CHECK(about({{"/fleet/parallelism/pp=40"}}) ==
        "--set#/fleet/parallelism/pp: expected at most one stage for each of the 36 layers, got "
        "40");
  CHECK(about({{"/fleet/parallelism/dp=2"}}) ==
        "--set#/fleet/parallelism/dp: expected 1, for a model without experts, got 2 (hint: copies "
        "of a whole model are replicas)");
  CHECK(about({{"/fleet/parallelism/ep=2"}}) ==
        "--set#/fleet/parallelism/ep: expected 1, for a model without experts, got 2");
}

TEST_CASE("experts are split evenly over the GPUs that share them") {
  const Setting model{"/model=qwen3-30b-a3b"};
  CHECK(about({model, {"/fleet/parallelism/dp=6"}, {"/fleet/parallelism/ep=4"}}) ==
        "--set#/fleet/parallelism/ep: expected a divisor of tp x dp = 6, got 4");
  CHECK(about({model, {"/fleet/parallelism/dp=6"}, {"/fleet/parallelism/ep=3"}}) ==
        "--set#/fleet/parallelism/ep: expected a divisor of the 128 experts, got 3");
}

TEST_CASE("a chip whose numbers are unknown is refused until they are stated") {
  CHECK(about({{"/chip=ascend960"}})
            .find("#/chip/tdp: expected a thermal design power, got unknown (hint: state what you "
                  "assume, such as \"400 W\")") != std::string::npos);
}

TEST_CASE("a disaggregated fleet has both pools") {
  CHECK(about({{R"(/fleet={"kind": "disaggregated", "prefill": {}})"}}) ==
        "--set#/fleet/decode: expected an object, got nothing (hint: add \"decode\": replicas that "
        "generate outputs)");
}

TEST_CASE("a fleet does not keep more replicas than it has") {
  CHECK(about({{R"(/fleet/autoscaling={"min_replicas": 3})"}}) ==
        "--set#/fleet/autoscaling/min_replicas: expected at most the 2 replicas of the fleet, got "
        "3");
}

TEST_CASE("a generated workload has an end") {
  CHECK(about({{"/workload/requests=null"}}) ==
        "s/a.json:6#/workload: expected an end: requests or duration, got neither");
  CHECK(about({{"/workload/requests=null"},
               {R"(/workload/duration="1 h")"},
               {R"(/workload/arrivals={"kind": "closed_loop"})"}}) ==
        "--set#/workload/requests: expected a number, where the loop is closed: without arrival "
        "times nothing else ends it, got none");
}

TEST_CASE("rates that step go forward in time") {
  CHECK(about({{R"(/workload/arrivals={"kind": "step", "steps": [
            {"at": "1 min", "requests_per_s": 1}, {"at": "0 s", "requests_per_s": 2}]})"}}) ==
        "--set#/workload/arrivals/steps: expected times that rise, got times that do not");
  CHECK(about({{R"(/workload/arrivals={"kind": "step", "steps": []})"}}) ==
        "--set#/workload/arrivals/steps: expected at least one step, got none");
}

TEST_CASE("fixed lengths fit into the context of the model") {
  CHECK(about({{"/workload/lengths/prompt=40900"}}) ==
        "s/a.json:7#/workload/lengths: expected prompt and output within the 40,960 tokens of the "
        "model's context, got 41,000");
}

TEST_CASE("measuring begins before it ends and before the run does") {
  CHECK(about({{R"(/measure={"begin": "10 s", "end": "10 s"})"}}) ==
        "--set#/measure/end: expected a time after the begin, 10 s, got 10 s");
  CHECK(about({{R"(/measure={"begin": "10 s"})"}, {R"(/stop_at="5 s")"}}) ==
        "--set#/stop_at: expected a time after measuring begins, 10 s, got 5 s");
}

TEST_CASE("every mistake of a scenario is told at once") {
  const std::string all = about({{"/fleet/parallelism/tp=5"}, {"/workload/requests=null"}});
  CHECK(all.find("/fleet/parallelism/tp") != std::string::npos);
  CHECK(all.find("/workload:") != std::string::npos);
}

}  // namespace jevons
