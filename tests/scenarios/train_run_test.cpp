#include <cmath>
#include <filesystem>
#include <numeric>
#include <sstream>

#include <doctest/doctest.h>

#include "models/jobs/training/fitted_software.h"
#include "scenarios/train_build.h"
#include "scenarios/train_explain.h"
#include "scenarios/train_plan.h"
#include "scenarios/train_size.h"
#include "scenarios/train_twin.h"
#include "tests/scenarios/train_desk.h"
#include "tests/support/temporary_path.h"

namespace jevons {

using test::figure_at;
using test::trained;
using test::training;
using test::training_answer;

TEST_CASE("phases of a training step sum to it") {
  const JsonValue summary = training_answer().summary;
  double sum = 0;
  for (const JsonMember& phase : *summary.find("phases")->object())
    sum += phase.value.number()->value;
  CHECK(sum == doctest::Approx(figure_at(summary, "/step_s")).epsilon(1e-9));
}

TEST_CASE("planned stops lose no work and take their time of the calendar") {
  const Setting quiet{"/job={\"failures\": null}"};
  const Setting stops{
      R"(/job={"failures": null, "planned_stops": {"every": "1 day", "takes": "1 h"}})"};
  const Answer answer = training_answer({stops});
  const double count = figure_at(answer.summary, "/job/planned_stops");
  CHECK(count >= 5);
  CHECK(figure_at(answer.summary, "/job/lost_s") == 0);
  CHECK(figure_at(answer.summary, "/job/maintained_s") >= count * 3600);
  CHECK(answer.text.find(" stops for upgrades and changes, ") != std::string::npos);
  const double plain = figure_at(training_answer({quiet}).summary, "/days");
  CHECK(figure_at(answer.summary, "/days") > plain + count / 24);
  const auto expected = [](const Setting& setting) {
    const TrainOutcome outcome = trained({setting});
    return expected_wall(outcome.job).in(unit::day);
  };
  CHECK(expected(stops) == doctest::Approx(figure_at(answer.summary, "/days")).epsilon(0.01));
}

TEST_CASE("a step takes the software that was fitted for its silicon and says so") {
  const auto slowdown = [](const char* chip) {
    return trained({{std::string{"/chip="} + chip}, {"/parallelism=best"}}).setup.stack.slowdown;
  };
  CHECK(slowdown("a100-80-sxm") == 1.126);
  CHECK(slowdown("a800-sxm") == 1.126);
  CHECK(slowdown("h20-96") == 1.433);
  CHECK(slowdown("b200") == 1.589);
  CHECK(slowdown("gb200") == 1.195);
  CHECK(slowdown("ascend910c") == 1.433);
  CHECK(trained({{"/stack/slowdown=1.2"}}).setup.stack.slowdown == 1.2);
  CHECK(trained({{"/stack/jitter=0.01"}}).setup.stack.slowdown == 1.433);
  const auto page = [](const char* chip) {
    return training_answer({{std::string{"/chip="} + chip}, {"/parallelism=best"}}).text;
  };
  CHECK(page("a800-sxm")
            .find("kernels take 1.13 times as long in a step as alone, fitted to runs "
                  "of Megatron-LM on A100 in 2021 (2.50 % off") != std::string::npos);
  CHECK(page("ascend910c").find("no runs on chips like ") != std::string::npos);
}

TEST_CASE("software is told apart by the dies that the catalogue knows") {
  const Catalogues parts = catalogues_in({test::project / "scenarios/parts"});
  for (const FittedSoftware& fit : fitted_software_table) {
    const auto chip = read_entry<ChipSpec>(parts, std::string{fit.chip});
    CHECK(chip.vendor == fit.vendor);
    CHECK(chip.facts.process_node == fit.process_node);
    CHECK(chip.facts.die_area_mm2 == fit.die_area_mm2);
    CHECK(chip.peak.bf16->in(unit::TFLOP / unit::s) == doctest::Approx(fit.bf16_tflops));
  }
}

TEST_CASE("graphs spare the host its launches") {
  const std::vector<Setting> busy{{"/stack/host_per_kernel_s=5e-4"}};
  std::vector<Setting> replayed = busy;
  replayed.push_back({"/graphs=layers"});
  CHECK(trained(replayed).step.seconds < 0.9 * trained(busy).step.seconds);
  CHECK(training_answer(replayed).text.find("CUDA graphs of layers") != std::string::npos);
  CHECK(training_answer({{"/stack/host_per_kernel_s=0"}, {"/graphs=layers"}})
            .text.find("CUDA graphs save nothing here") != std::string::npos);
}

TEST_CASE("tokens sent once for each expert or in a wider format take longer") {
  const std::vector<Setting> mixture{
      {"/model=qwen3-30b-a3b"}, {"/parallelism/ep=32"}, {"/precision=fp8"}};
  const auto exchange = [&](const char* how) {
    std::vector<Setting> settings = mixture;
    settings.push_back({std::string{"/dispatch="} + how});
    return trained(settings).step[StepPhase::expert_comm];
  };
  const double plain = exchange("{}");
  CHECK(exchange(R"({"deduplicates": false})") > plain);
  CHECK(exchange(R"({"is_narrow": false})") > plain);
}

TEST_CASE("time of a job is that of its parts and its energy that of GPU and host") {
  const JsonValue summary = training_answer().summary;
  const auto job = [&summary](const char* part) {
    return figure_at(summary, std::string{"/job/"} + part);
  };
  CHECK(job("useful_s") + job("slowed_s") + job("lost_s") + job("stalled_s") + job("detecting_s") +
            job("recovering_s") + job("waiting_s") + job("maintained_s") ==
        doctest::Approx(job("wall_s")).epsilon(1e-9));
  CHECK(figure_at(summary, "/energy_node_kwh") ==
        doctest::Approx(figure_at(summary, "/energy_gpu_kwh") +
                        figure_at(summary, "/energy_host_kwh")));
  CHECK(figure_at(summary, "/gpu_hours") ==
        doctest::Approx(64 * job("wall_s") / 3600).epsilon(1e-9));
  CHECK(figure_at(summary, "/cost_usd") ==
        doctest::Approx(2 * figure_at(summary, "/gpu_hours")).epsilon(1e-9));
}

TEST_CASE("joules of a node are all of some source") {
  const JsonValue summary = training_answer().summary;
  double sum = 0;
  for (const JsonMember& share : *summary.find("node_joules_by_source")->object())
    sum += share.value.number()->value;
  CHECK(sum == doctest::Approx(1));
}

TEST_CASE("a job without failures loses nothing") {
  const JsonValue summary = training_answer({{"/job={\"failures\": null}"}}).summary;
  CHECK(figure_at(summary, "/goodput") == doctest::Approx(1).epsilon(0.001));
  CHECK(figure_at(summary, "/failures") == 0);
}

TEST_CASE("skewed experts make a step longer") {
  const std::vector<Setting> mixture{{"/model=qwen3-30b-a3b"}, {"/parallelism/ep=8"}};
  std::vector<Setting> skewed = mixture;
  skewed.push_back({"/expert_skew=1.2"});
  CHECK(trained(skewed).step.seconds > 1.05 * trained(mixture).step.seconds);
}

TEST_CASE("the best layout is no slower than a stated one") {
  const double best = trained({{"/parallelism={\"kind\": \"best\"}"}}).step.seconds;
  CHECK(best <= trained().step.seconds);
}

TEST_CASE("a plan lists ten layouts from the best on") {
  const Answer answer = plan(training(), PlanWish::fastest);
  const JsonValue::List& best = *answer.summary.find("best")->list();
  REQUIRE(best.size() == 10);
  for (std::size_t i = 1; i < best.size(); ++i)
    CHECK(figure_at(best[i - 1], "/step_s") <= figure_at(best[i], "/step_s"));
  CHECK(answer.text.find("The first wins against the second in ") != std::string::npos);
  CHECK(answer.text.find("Fastest: ") != std::string::npos);
  CHECK(plan(training(), PlanWish::cheapest).text.find("Cheapest: ") != std::string::npos);
  CHECK(plan(training(), PlanWish::least_energy).text.find("Least energy: ") != std::string::npos);
  const JsonValue least = plan(training(), PlanWish::least_energy).summary;
  CHECK(figure_at(least, "/best/0/step_gpu_j") <= figure_at(best[0], "/step_gpu_j"));
}

TEST_CASE("kernels of a step take as long as its computation but for the software") {
  const TrainOutcome outcome = trained({{"/parallelism/pp=1"}});
  double seconds = 0;
  for (const StepKernel& k : step_kernels(outcome.setup)) seconds += k.seconds;
  const StepResult& step = outcome.step;
  seconds *= outcome.setup.stack.slowdown;  // kernels are explained as measured alone
  CHECK(seconds == doctest::Approx(step[StepPhase::forward] + step[StepPhase::backward] +
                                   step[StepPhase::weight_gradient] + step[StepPhase::recompute])
                       .epsilon(1e-6));
}

TEST_CASE("a nearer deadline needs more GPUs") {
  const auto gpus = [](Time deadline) {
    return figure_at(size(training(), deadline).summary, "/gpus");
  };
  CHECK(gpus(20 * unit::day) < gpus(5 * unit::day));
  CHECK(gpus(1 * unit::min) == 0);
}

TEST_CASE("a mixture of experts gains more over its twin where unvisited parameters count more") {
  const auto card =
      read_entry<ModelCard>(catalogues_in({test::project / "scenarios/parts"}), "deepseek-v3");
  const JsonValue models = twin(card, {}).summary;
  CHECK(figure_at(models, "/models/0/flop_gain") == 1);
  CHECK(figure_at(models, "/models/1/flop_gain") > 1.5);
  CHECK(figure_at(models, "/models/2/flop_gain") > figure_at(models, "/models/1/flop_gain"));
  CHECK(figure_at(models, "/models/3/flop_gain") > figure_at(models, "/models/2/flop_gain"));
}

TEST_CASE("power over time integrates to the energy of the node") {
  const TrainScenario scenario = training();
  const std::filesystem::path path = temporary_path("train-tables");
  const OutputDir out{path};
  RunContext context{&out};
  const JsonValue summary = run(scenario, context).summary;
  std::istringstream power{*disk().read(out.file("power.csv").string())};
  std::string cell;
  std::getline(power, cell);
  CHECK(cell == "begin_s,end_s,state,gpu_static_w,gpu_work_w,host_w,node_w,network_w");
  double joules = 0;
  for (std::string row; std::getline(power, row);) {
    std::istringstream cells{row};
    std::vector<std::string> values;
    while (std::getline(cells, cell, ',')) values.push_back(cell);
    joules += (std::stod(values[1]) - std::stod(values[0])) * std::stod(values[6]);
  }
  // Checkpoints wait within what the table calls training.
  CHECK(8 * joules / 3.6e6 ==
        doctest::Approx(figure_at(summary, "/energy_node_kwh")).epsilon(0.01));
}

}  // namespace jevons
