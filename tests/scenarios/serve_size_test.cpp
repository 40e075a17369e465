// How many replicas a load needs, and where the time of an iteration goes.
#include "scenarios/serve_size.h"

#include <doctest/doctest.h>

#include "scenarios/serve_build.h"
#include "scenarios/serve_explain.h"
#include "tests/scenarios/serve_desk.h"

namespace jevons {
namespace {

double p95_ttft(int replicas) {
  return test::number(test::answer({{"/fleet/replicas=" + std::to_string(replicas)},
                                    {"/workload/arrivals/requests_per_s=200"},
                                    {"/workload/requests=2000"}})
                          .summary,
                      "/latency/ttft/p95_s");
}

}  // namespace

TEST_CASE("the smallest fleet keeps the objective and one replica less does not") {
  ServeScenario scenario =
      test::scenario({{"/workload/arrivals/requests_per_s=200"}, {"/workload/requests=2000"}});
  scenario.slo = slo_from("ttft=80ms,tpot=1s", {});
  RunContext context;
  const JsonValue summary = size(scenario, context).summary;
  const int replicas = static_cast<int>(test::number(summary, "/replicas/0"));
  REQUIRE(replicas > 1);
  CHECK(test::number(summary, "/gpus") == replicas);
  CHECK(p95_ttft(replicas) <= 0.08);
  CHECK(p95_ttft(replicas - 1) > 0.08);
}

TEST_CASE("an objective that no fleet keeps is said to be so") {
  ServeScenario scenario = test::scenario({{"/workload/requests=5"}});
  scenario.slo = slo_from("ttft=1us", {});
  RunContext context;
  const Answer answer = size(scenario, context);
  CHECK(*find_pointer(answer.summary, "/is_solved")->flag() == false);
  CHECK(answer.text.find("No fleet of up to 4,096 replicas keeps TTFT 1 us and TPOT 100 ms") !=
        std::string::npos);
}

TEST_CASE("prefill and decode pools are sized one after the other") {
  ServeScenario scenario = test::scenario({{R"(/fleet={"kind": "disaggregated",
      "prefill": {"replicas": 4}, "decode": {"replicas": 4}})"}});
  scenario.slo = slo_from("ttft=10s,tpot=1s", {});
  RunContext context;
  const JsonValue summary = size(scenario, context).summary;
  CHECK(test::number(summary, "/replicas/0") == 1);
  CHECK(test::number(summary, "/replicas/1") == 1);
}

TEST_CASE("an objective is read with or without a space and part by part") {
  const Slo slo = slo_from("ttft=2 s,tpot=50ms", {});
  CHECK(slo.ttft == 2 * unit::s);
  CHECK(slo.tpot.in(unit::ms) == doctest::Approx(50));
  CHECK(slo_from("tpot=1s", {.ttft = 3 * unit::s}).ttft == 3 * unit::s);
  const auto refusal = [](const std::string& text) {
    return test::complaint([&] { slo_from(text, {}); });
  };
  CHECK(refusal("tpt=1s") ==
        "--slo: expected ttft=TIME,tpot=TIME or one of them, got \"tpt=1s\" (hint: such as "
        "ttft=2s,tpot=50ms)");
  CHECK(refusal("ttft=2") ==
        "--slo: expected a time such as \"50 ms\", got \"2\" (hint: write the unit)");
  CHECK(refusal("ttft=0s") == "--slo: expected a time from 1 us to 1 day, got \"0s\"");
}

TEST_CASE("an iteration taken apart takes as long as the engine says") {
  const ServeScenario scenario = test::scenario({{"/model=qwen3-30b-a3b"},
                                                 {"/fleet/parallelism="
                                                  R"({"tp": 2, "dp": 2, "ep": 4})"}});
  const PoolConfig pool = serving_config(scenario).pools.front();
  IterationCosts costs{pool.model, pool.hardware, pool.engine};
  // A whole power of two of KV grains, where the engine's lines meet the kernel model.
  const std::int64_t grains = std::int64_t{1} << 18;
  const IterationShares shares =
      shares_of(pool, {.sequences = 16, .context = static_cast<double>(grains) / 16 / 16});
  const double expected =
      static_cast<double>(costs.dense(16).fs + costs.expert(32).fs + costs.head(16).fs +
                          costs.decode_attention(16, grains).at(grains).fs) *
      1e-15;
  CHECK(shares.seconds() - shares.host_seconds == doctest::Approx(expected).epsilon(1e-4));
}

TEST_CASE("a scenario is explained by the kernels of its prefill and its decode") {
  RunContext context;
  const Answer answer = explain(test::scenario(), context);
  CHECK(find_pointer(answer.summary, "/iterations")->list()->size() == 2);
  CHECK(answer.text.find("dense FFN") != std::string::npos);
  double sum = test::number(answer.summary, "/iterations/1/host_s");
  for (const JsonValue& k : *find_pointer(answer.summary, "/iterations/1/kernels")->list())
    sum += test::number(k, "/time_s");
  CHECK(sum == doctest::Approx(test::number(answer.summary, "/iterations/1/time_s")));
}

}  // namespace jevons
