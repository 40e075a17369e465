// What a wrong training scenario is told, letter by letter.
#include <doctest/doctest.h>

#include "tests/scenarios/train_desk.h"

namespace jevons {
namespace {

std::string told(const std::vector<Setting>& settings) {
  return test::complaint_of([&] { test::training_answer(settings); });
}

}  // namespace

TEST_CASE("a small training scenario is sound") {
  CHECK(told({}).empty());
}

TEST_CASE("parallelism that does not divide is told with the nearest that does") {
  CHECK(told({{"/parallelism/tp=3"}}) ==
        "s/a.json:5#/cluster/gpus: expected a multiple of tp x pp x cp = 6, got 64 (hint: the "
        "nearest is 66)");
  CHECK(told({{"/parallelism/tp=64"}, {"/parallelism/pp=1"}}) ==
        "--set#/parallelism/tp: expected a divisor of the attention heads (32), got 64 (hint: the "
        "nearest is 32)");
  CHECK(told({{"/parallelism/dp=8"}}) ==
        "--set#/parallelism/dp: expected 16, so that tp x pp x cp x dp are the 64 GPUs of the "
        "cluster, got 8 (hint: leave it out)");
  CHECK(told({{"/global_batch=100"}}) ==
        "--set#/global_batch: expected a multiple of micro-batch x dp (16), got 100 (hint: the "
        "nearest is 96)");
  CHECK(told({{"/global_batch=8"}}) ==
        "--set#/global_batch: expected at least a micro-batch for each DP rank (16), got 8 (hint: "
        "the nearest is 16)");
}

TEST_CASE("experts that EP does not divide are told with the nearest that it does") {
  CHECK(told({{"/model=qwen3-30b-a3b"}, {"/parallelism/ep=3"}}) ==
        "--set#/parallelism/ep: expected a divisor of the experts (128), got 3 (hint: the nearest "
        "is 2)");
  CHECK(
      told({{"/parallelism/ep=2"}}) ==
      "--set#/parallelism/ep: expected 1 for a model without experts, got 2 (hint: the nearest is "
      "1)");
}

TEST_CASE("more stages than layers are refused") {
  CHECK(told({{"/parallelism/pp=64"}, {"/parallelism/tp=1"}}) ==
        "--set#/parallelism/pp: expected at most as many stages as layers (32), got 64 (hint: the "
        "nearest is 32)");
}

TEST_CASE("a chip without the precision is refused") {
  CHECK(told({{"/precision=nvfp4"}}) ==
        "--set#/precision: expected a number format that the chip has units for, got nvfp4 (hint: "
        "the nearest is bf16)");
}

TEST_CASE("no GPU-hours per failure and negative intervals are refused") {
  CHECK(told({{"/job/failures={\"gpu_hours_per_failure\": 0}"}}) ==
        "--set#/job/failures/gpu_hours_per_failure: expected a number from 1 to 1e+12, got 0");
  CHECK(told({{"/job/checkpoint={\"interval\": \"-5 min\"}"}}) ==
        "--set#/job/checkpoint/interval: expected a quantity from \"1 s\" to \"100 day\", got \"-5 "
        "min\"");
}

TEST_CASE("planned stops leave time between them") {
  CHECK(
      told({{R"(/job/planned_stops={"every": "10 min", "takes": "15 min"})"}}) ==
      "--set#/job/planned_stops/takes: expected less than the time between two stops, 10 min, got "
      "15 min (hint: the nearest is 5 min or less)");
  CHECK(told({{R"(/job/planned_stops={"every": "16 min", "takes": "15 min"})"}})
            .starts_with(
                "scenario#/job/planned_stops/every: expected more than a planned stop takes, "
                "saving and restart included (18."));
  CHECK(told({{R"(/job/planned_stops={"every": "-1 day"})"}})
            .starts_with("--set#/job/planned_stops/every: expected a quantity from \"1 min\" to "));
}

TEST_CASE("graphs that no software captures are refused") {
  CHECK(told({{"/graphs=all"}}) ==
        "--set#/graphs: expected one of none, attention, layers, got \"all\"");
  CHECK(told({{R"(/dispatch={"deduplicates": 1})"}}) ==
        "--set#/dispatch/deduplicates: expected true or false, got 1");
}

TEST_CASE("a layout is left to the search by the bare word") {
  CHECK(told({{"/parallelism=best"}}).empty());
  CHECK(told({{"/parallelism=best"}, {"/parallelism/goal=least_energy"}}).empty());
  CHECK(told({{"/parallelism=bset"}}) ==
        "--set#/parallelism: expected an object with \"kind\", got \"bset\" (hint: did you mean "
        "\"best\"?)");
  CHECK(told({{"/goal=tokens"}}).starts_with("--set#/goal/tokens: expected a quantity such as "));
}

TEST_CASE("a layout that does not fit is told with what is missing and the nearest that fits") {
  CHECK(
      told({{"/model=llama-3-70b"}}) ==
      "s/a.json:6#/parallelism: expected a spread with at most 76.8 GB on the fullest GPU, got 152 "
      "GB, of which weights, gradients and optimizer 119 GB and activations 30.2 GB: 75.0 GB too "
      "much (hint: the nearest that fits is tp 2, pp 2, dp 16; one_f_one_b; micro-batch 1; "
      "recompute full; sharding gradients)");
}

TEST_CASE("a loss that no number of tokens reaches is refused") {
  const std::string text = told({{"/goal={\"kind\": \"loss\", \"loss\": 1.5}"}});
  CHECK(text.starts_with("--set#/goal/loss: expected more than 1."));
  CHECK(
      text.ends_with("which no number of tokens takes this model below, got 1.50 (hint: a larger "
                     "model reaches less)"));
}

TEST_CASE("jobs without end are refused") {
  CHECK(told({{"/goal/tokens=1e18 tok"}})
            .starts_with("scenario#/goal: expected tokens that the cluster sees within 100 years, "
                         "got "));
  CHECK(told({{"/job/failures={\"gpu_hours_per_failure\": 1}"}}) ==
        "scenario#/job/failures: expected failures that let the job get on, got one each 0.94 min, "
        "where a restart takes 11.5 min (hint: more GPU-hours per failure, or \"failures\": null)");
}

TEST_CASE("a cluster that holds the model in no layout is refused") {
  CHECK(told({{"/parallelism={\"kind\": \"best\"}"}, {"/model=deepseek-v3"}, {"/cluster/gpus=8"}})
            .starts_with("scenario#/cluster/gpus: expected GPUs enough to hold DeepSeek-V3 in some "
                         "layout, got 8, on which none of "));
}

}  // namespace jevons
