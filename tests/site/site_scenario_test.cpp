#include "scenarios/site_scenario.h"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "scenarios/catalogue.h"
#include "scenarios/checkpoint_file.h"
#include "tests/support/temporary_path.h"

namespace jevons {
namespace {

const std::filesystem::path project{JEVONS_SOURCE_DIR};

Scenario loaded(const std::string& text) {
  TextFiles files = disk();
  files.read = [text](const std::string& path) {
    return path == "s/a.json" ? std::optional{text} : disk().read(path);
  };
  return load_scenario("s/a.json", {},
                       {files, catalogues_in({project / "scenarios/parts"}), kinds()});
}

std::string complaint(const std::string& text) {
  try {
    const Scenario scenario = loaded(text);
    RunContext context;
    scenario.kind.run(scenario.document, context);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

const std::string machines =
    R"("sites": [{"clusters": [{"name": "c", "chip": "h100-sxm", "nodes": 2}]}])";

std::string with(const std::string& rest) {
  return R"({"kind": "site", )" + machines + ", " + rest + "}";
}

TEST_CASE("jobs that could never start are refused with numbers") {
  CHECK(complaint(
            with(R"("jobs": [{"id": 7, "run": "1 h", "gpus": 17}, {"run": "1 h", "gpus": 8}])")) ==
        "scenario: expected jobs of at most the 16 GPUs that there are for them, got 1 larger one, "
        "the largest of 17 GPUs (job 7) (hint: such jobs could never start)");
}

TEST_CASE("demand above capacity is said with numbers") {
  const Scenario scenario =
      loaded(with(R"("jobs": [{"run": "10 h", "gpus": 16, "count": 10, "every": "1 h"}])"));
  RunContext context;
  const Answer answer = scenario.kind.run(scenario.document, context);
  CHECK(
      answer.text.find("Jobs ask for 1,600 GPU-hours while they arrive, and the 16 GPUs have 144: "
                       "the queue grows for the whole trace") != std::string::npos);
}

TEST_CASE("each wrong site gets its sentence") {
  CHECK(complaint(with(R"("jobs": [{"run": "1 h", "gpus": 1, "cluster": "d"}])")) ==
        "s/a.json:1#/jobs/0/cluster: expected the name of a cluster, got \"d\" (hint: known "
        "clusters: c)");
  CHECK(complaint(with(R"("streams": [{}])")) ==
        "s/a.json:1#/streams/0: expected stop_at where jobs are drawn at random, got none");
  CHECK(
      complaint(with(R"("training": [{"training": {"model": "llama-3.1-8b", "chip": "h100-sxm",
                           "cluster": {"gpus": 16}, "global_batch": 8,
                           "parallelism": {"kind": "stated", "tp": 3}}}])")) ==
      "s/a.json:2#/training/0/training/cluster/gpus: expected a multiple of tp x pp x cp = 3, got "
      "16 (hint: the nearest is 15)");
  const std::string file = (project / "scenarios/parts/jobs/philly.csv.gz").string();
  CHECK(complaint(
            with(R"("traces": [{"format": "swf", "from": "today", "file": ")" + file + R"("}])")) ==
        "s/a.json:1#/traces/0/from: expected a trace whose jobs have days, got swf");
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream{path, std::ios::binary}.rdbuf();
  return out.str();
}

struct Killed {};

TEST_CASE("a killed run resumed from its checkpoint writes the same bytes") {
  const Scenario scenario = loaded(
      with(R"("streams": [{"jobs_per_day": 200, "preemptible_share": 0.5}], "stop_at": "20 day")"));
  const auto folder = [](const char* name) { return temporary_path(name); };
  const auto run = [&](const char* name, const std::optional<int>& killed_at, bool resumes) {
    const OutputDir out{folder(name)};
    RunContext context{&out};
    int calls = 0;
    context.progress = [&](double) {
      if (killed_at && ++calls == *killed_at) throw Killed{};
    };
    context.checkpoint_every = std::chrono::hours{24};
    context.checkpoint = {temporary_path("rest"), "this scenario"};
    context.resumes = resumes;
    const Answer answer = scenario.kind.run(scenario.document, context);
    return answer.text + text_of(out.file("jobs.csv")) + text_of(out.file("power.csv"));
  };
  const std::string whole = run("whole", {}, false);
  for (const int killed_at : {3, 7, 12}) {
    CHECK_THROWS_AS(run("killed", killed_at, false), Killed);
    CHECK(run("resumed", {}, true) == whole);
  }
  const CheckpointPlace other{temporary_path("rest"), "another scenario"};
  CHECK_THROWS_AS(load_checkpoint(other), ScenarioError);
  std::filesystem::remove(temporary_path("rest"));
}

}  // namespace
}  // namespace jevons
