// Post-training as a scenario: what it answers, and each wrong one in its exact sentence.
#include <doctest/doctest.h>

#include "models/jobs/rl/rl_laws.h"
#include "scenarios/rl_answer.h"
#include "tests/scenarios/serve_desk.h"

namespace jevons {
namespace {

const std::string small_rl = R"({
"kind": "rl",
"model": "qwen3-8b",
"chip": "h100-sxm",
"cluster": {"gpus": 8},
"parallelism": {"tp": 2, "recompute": "full"},
"fleet": {"replicas": 8},
"options": {"prompts": 8, "samples": 8},
"lengths": {"mean": 500, "mean_end": 1500, "longest": 4096},
"steps": 100, "stages": 3
})";

RlScenario rl(const std::vector<Setting>& settings = {}) {
  return filled<RlScenario>(test::loaded(settings, small_rl).document);
}

JsonValue summary(const std::vector<Setting>& settings = {}) {
  RunContext context;
  return run(rl(settings), context).summary;
}

std::string about(const std::vector<Setting>& settings) {
  return test::complaint([&] { test::loaded(settings, small_rl); });
}

const Setting apart{R"(/options/placement="separate")"};

}  // namespace

TEST_CASE("the phases of a run on policy sum to its time and its GPUs to GPU hours") {
  const JsonValue s = summary();
  double phases = 0;
  for (const JsonMember& phase : *s.find("phases")->object()) phases += phase.value.number()->value;
  const double seconds = test::number(s, "/days") * 86400;
  CHECK(phases == doctest::Approx(seconds).epsilon(1e-9));
  CHECK(test::number(s, "/gpu_hours") == doctest::Approx(8 * seconds / 3600).epsilon(1e-9));
  CHECK(test::number(s, "/mean_step_s") == doctest::Approx(seconds / 100).epsilon(1e-9));
  CHECK(test::number(s, "/samples") == 6400);
}

TEST_CASE("answers grow over a run and steps with them") {
  const JsonValue s = summary();
  CHECK(test::number(s, "/first_step/mean_answer_tokens") < 800);
  CHECK(test::number(s, "/last_step/mean_answer_tokens") > 1000);
  CHECK(test::number(s, "/last_step/step_s") > test::number(s, "/first_step/step_s"));
}

TEST_CASE("the joules of a node are those of its GPUs and its host and lie in their range") {
  const JsonValue s = summary();
  const auto joules = [&s](const char* what) {
    return test::number(s, std::string{"/energy/"} + what);
  };
  CHECK(joules("node_j") == doctest::Approx(joules("gpu_j") + joules("host_j")).epsilon(1e-12));
  CHECK(joules("gpu_low_j") < joules("gpu_j"));
  CHECK(joules("gpu_high_j") > joules("gpu_j"));
  CHECK(joules("node_j_per_update") == doctest::Approx(joules("node_j") / 100).epsilon(1e-12));
  CHECK(joules("mean_gpu_power_w") < 700);
  CHECK(joules("mean_gpu_power_w") > 70);
}

TEST_CASE("separate pools hold all their GPUs and one step off is no slower") {
  const JsonValue on = summary({apart});
  CHECK(test::number(on, "/gpus") == 16);
  const JsonValue off = summary({apart, {R"(/options/pace="one_step_off")"}});
  CHECK(test::number(off, "/mean_step_s") < test::number(on, "/mean_step_s"));
}

TEST_CASE("a critic costs PPO memory time and joules") {
  const std::vector<Setting> sharded{{R"(/sharding="parameters")"}};
  std::vector<Setting> ppo = sharded;
  ppo.push_back({R"(/options/algorithm="ppo")"});
  const JsonValue with = summary(ppo), without = summary(sharded);
  for (const char* what : {"/memory/trainer_bytes", "/mean_step_s", "/energy/node_j_per_update"})
    CHECK(test::number(with, what) > test::number(without, what));
  CHECK(test::number(without, "/phases/critic_update_s") == 0);
}

TEST_CASE("memory asked before the run is that of the run or a little more") {
  const RlScenario s = rl();
  const RlBuild built = build(s);
  const double asked = rl_memory(rl_setup_without_hardware(s)).total();
  const double held = rl_step(built.setup, 1, 1).memory.total();
  CHECK(asked >= 0.98 * held);
  CHECK(asked < 1.3 * held);
}

TEST_CASE("a sound post-training scenario has no complaints") {
  CHECK(about({}).empty());
}

TEST_CASE("engines that share the trainer's GPUs are as many") {
  CHECK(about({{"/fleet/replicas=6"}}) ==
        "--set#/fleet/replicas: expected engines on as many GPUs as the trainer has, 8, for they "
        "share them, got 6 x 1 = 6 (hint: write 8)");
  CHECK(about({{"/fleet/replicas=6"}, apart}).empty());
  CHECK(about({{R"(/options/pace="one_step_off")"}}) ==
        "--set#/options/pace: expected on_policy where engines share the trainer's GPUs, got "
        "one_step_off (hint: or \"placement\": \"separate\")");
  CHECK(about({{R"(/fleet/chip="h20-96")"}}) ==
        "--set#/fleet/chip: expected none where engines share the trainer's GPUs, got NVIDIA H20 "
        "SXM 96GB (hint: or \"placement\": \"separate\")");
}

TEST_CASE("a critic that does not fit says by how much") {
  const std::string text = about({{R"(/options/algorithm="ppo")"},
                                  {R"(/parallelism={"tp": 1, "recompute": "full"})"},
                                  {R"(/sharding="gradients")"}});
  CHECK(text.find("s/a.json") == std::string::npos);
  CHECK(
      text.find("--set#/parallelism: expected models within the 76.8 GB that a GPU of the trainer "
                "can use, got ") == 0);
  CHECK(text.find(" GB of the policy, 16.4 GB of the reference, ") != std::string::npos);
  CHECK(text.find(" GB too much (hint: more stages or GPUs, sharding parameters, or recompute "
                  "full)") != std::string::npos);
}

TEST_CASE("answers fit into the context and their means below the longest") {
  CHECK(about({{"/lengths/mean_end=5000"}}) ==
        "--set#/lengths/mean_end: expected a mean below the longest answer, 4,096 tokens, got "
        "5,000");
  CHECK(about({{"/lengths/longest=40900"}}) ==
        "--set#/lengths/longest: expected prompt and longest answer within the 40,960 tokens of "
        "the model's context, got 41,100");
}

TEST_CASE("what cannot be learnt from is refused") {
  CHECK(about({{"/options/updates=100"}}) ==
        "--set#/options/updates: expected at most the 64 samples of a step, got 100");
  CHECK(about({{"/options/samples=1"}}) ==
        "--set#/options/samples: expected at least 2, for grpo compares the samples of a prompt, "
        "got 1");
  CHECK(about({{R"(/critic="qwen3-4b")"}}) ==
        "--set#/critic: expected none, for grpo has no critic, got Qwen3-4B (hint: or "
        "\"algorithm\": \"ppo\")");
  CHECK(about({{"/parallelism/pp=100"}}) ==
        "s/a.json:6#/parallelism: expected tp x pp x cp of at most the 8 GPUs of the trainer, got "
        "200");
}

}  // namespace jevons
