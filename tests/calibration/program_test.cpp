// jevons-calibrate as a whole, on the stand-in library and a rig that is arithmetic.
#include <fstream>
#include <sstream>
#include <vector>

#include <dlfcn.h>
#include <doctest/doctest.h>

#include "calibration/meter/procedure.h"
#include "calibration/meter/refusal.h"
#include "calibration/programs/calibrate.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/temporary_path.h"

using namespace jevons;
using namespace jevons::calibration;

namespace {

struct Answer {
  int status = 0;
  std::string out, err;
};

struct Program {
  test::FakePlace place;
  CalibrateBench bench{.rig =
                           [this] {
                             // Owned by the program, so a copy on the same board.
                             return std::make_unique<test::FakeRig>(place.gpu, place.truth);
                           },
                       .nvml = JEVONS_FAKE_NVML,
                       .revision = "r"};

  Answer operator()(const std::vector<std::string>& words) {
    std::ostringstream out, err;
    const int status = run_calibrate(words, bench, out, err);
    return {status, out.str(), err.str()};
  }
};

void set_board(const char* what, double value) {
  void* library = dlopen(JEVONS_FAKE_NVML, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  reinterpret_cast<void (*)(const char*, double)>(dlsym(library, "fake_nvml_set"))(what, value);
}

}  // namespace

TEST_CASE("a plan is printed without a GPU and writes nothing") {
  const std::filesystem::path folder = temporary_path("plan");
  Program program;
  program.bench.nvml = "/nowhere";
  const Answer answer = program({"plan", "--out", folder.string(), "--kernels", "copy,combine"});
  CHECK(answer.status == 0);
  CHECK(answer.err.empty());
  CHECK(answer.out.find("| copy bf16    |             7 |") != std::string::npos);
  CHECK(answer.out.find("dense_gemm") == std::string::npos);
  CHECK(answer.out.find("windows in the log: 0") != std::string::npos);
  CHECK(!std::filesystem::exists(folder));
}

TEST_CASE("wrong words are answered in one sentence and with exit status 2") {
  Program program;
  const auto complaint = [&](const std::vector<std::string>& words) {
    const Answer answer = program(words);
    CHECK(answer.status == 2);
    CHECK(answer.out.empty());
    return answer.err;
  };
  CHECK(complaint({"measure"}) ==
        "jevons-calibrate: expected one of plan, check, run, report, got \"measure\"\n");
  CHECK(complaint({"run", "twice"}) ==
        "jevons-calibrate: expected nothing after \"run\", got \"twice\"\n");
  CHECK(complaint({"run", "--minutes", "0"}) ==
        "jevons-calibrate: --minutes: expected minutes between 0 and 1440, got \"0\"\n");
  CHECK(complaint({"run", "--minutes"}) ==
        "jevons-calibrate: --minutes: expected a value, got nothing\n");
  CHECK(complaint({"run", "--fast", "1"}) ==
        "jevons-calibrate: expected an option, got \"--fast\" (hint: known options: --minutes, "
        "--kernels, --out)\n");
  CHECK(complaint({"plan", "--kernels", "copy,gem"})
            .starts_with("jevons-calibrate: --kernels: expected kinds of kernels, got \"gem\" "
                         "(hint: known kinds: copy, dense_gemm,"));
  CHECK(complaint({"report", "--out", "/nowhere"}) ==
        "jevons-calibrate: /nowhere/sessions.csv: no log yet (hint: jevons-calibrate run)\n");
}

TEST_CASE("run and check refuse where nothing can be measured and leave no log behind") {
  const std::filesystem::path folder = temporary_path("refused");
  Program program;
  const auto refusal = [&](const char* what, double value) {
    set_board("reset", 0);
    set_board(what, value);
    for (const char* command : {"run", "check"}) {
      const Answer answer = program({command, "--out", folder.string()});
      CHECK(answer.status == 2);
      CHECK(answer.err.starts_with("jevons-calibrate: "));
      CHECK(std::count(answer.err.begin(), answer.err.end(), '\n') == 1);
      CHECK(!std::filesystem::exists(folder));
    }
  };
  refusal("boards", 0);
  refusal("init", 9);
  refusal("mig", 1);
  refusal("major", 7);
  refusal("processes", 1);
  refusal("counter", 0);
  refusal("reasons", 0x40);
  set_board("reset", 0);
  program.bench.rig = []() -> std::unique_ptr<Rig> { throw Refusal{"no kernels here"}; };
  CHECK(program({"run", "--out", folder.string()}).err == "jevons-calibrate: no kernels here\n");
  program.bench.nvml = "/nowhere";
}

TEST_CASE("a report of a log is printed and written beside it") {
  const std::filesystem::path folder = temporary_path("report");
  std::filesystem::remove_all(folder);
  Program program;
  RunOptions options;
  options.minutes = 3;
  options.session = "s1";
  run_plan(program.place.at(folder), all_cases(), options);
  const Answer answer = program({"report", "--out", folder.string()});
  CHECK(answer.status == 0);
  CHECK(answer.out.starts_with("# Calibration of Synthetic GPU\n"));
  std::ostringstream page;
  page << std::ifstream{folder / "report.md"}.rdbuf();
  CHECK(page.str() == answer.out);
  std::filesystem::remove_all(folder);
}

TEST_CASE("check fails with status 1 when a kernel is wrong") {
  const std::filesystem::path folder = temporary_path("wrong-kernel");
  std::filesystem::remove_all(folder);
  set_board("reset", 0);
  Program program;
  const Answer fine = program({"check", "--kernels", "copy", "--out", folder.string()});
  CHECK(fine.status == 0);
  CHECK(fine.out == "3 passed, 0 wrong, 0 cannot run here\n");
  program.bench.rig = [&] {
    auto rig = std::make_unique<test::FakeRig>(program.place.gpu, program.place.truth);
    rig->is_wrong = [](const KernelCase& c) { return c.tokens == 4096; };
    return rig;
  };
  const Answer wrong = program({"check", "--kernels", "copy", "--out", folder.string()});
  CHECK(wrong.status == 1);
  CHECK(wrong.out == "2 passed, 1 wrong, 0 cannot run here\n");
  CHECK(wrong.err.find("wrong  copy/bf16/bytes=4096  largest error 0.500000 of 0.010000: row 3") !=
        std::string::npos);
  std::filesystem::remove_all(folder);
}
