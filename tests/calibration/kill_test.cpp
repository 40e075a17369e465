// Calls that are killed at random moments, on a GPU that is arithmetic.
#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calibration/meter/evidence.h"
#include "calibration/meter/procedure.h"
#include "sim/rng.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/temporary_path.h"

using namespace jevons;
using namespace jevons::calibration;
using jevons::test::FakePlace;

namespace {

RunOptions call(int number) {
  RunOptions options;
  options.minutes = 3;
  options.session = "s" + std::to_string(number);
  options.revision = "r";
  options.kinds = {CaseKind::copy, CaseKind::dense_gemm, CaseKind::combine};
  return options;
}

// In a process of its own: true if it ended by itself before the kill.
bool ends_before_kill(const std::filesystem::path& folder, int number, double seconds) {
  const pid_t child = fork();
  if (child == 0) {
    FakePlace place;
    run_plan(place.at(folder), all_cases(), call(number));
    _exit(0);
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("calls that are killed at random moments lose their last block and nothing else") {
  const std::filesystem::path folder = temporary_path("kill");
  std::filesystem::remove_all(folder);
  Rng rng{1, "kill"};
  int killed = 0;
  std::size_t rows = 0;
  for (int n = 1; n <= 12; ++n) {
    killed += static_cast<int>(!ends_before_kill(folder, n, 0.25 * rng.uniform()));
    const RawLog log = read_raw_log(folder);
    CHECK(log.windows.size() >= rows);
    rows = log.windows.size();
    CHECK(log.torn <= static_cast<std::size_t>(n));
  }
  CHECK(killed > 0);
  FakePlace place;
  const RunResult result = run_plan(place.at(folder), all_cases(), call(99));
  CHECK(result.ending == Ending::out_of_time);
  const RawLog log = read_raw_log(folder);
  std::set<std::string> seen;
  for (const WindowRow* row : accepted_rows(log)) {
    if (row->measure == Measure::reference || row->block == 0) continue;
    CHECK(seen.insert(std::string{jevons::name_of(row->measure)} + row->name + "#" +
                      std::to_string(row->repeat))
              .second);
    if (!row->is_capped)
      CHECK(row->seconds_per_launch ==
            doctest::Approx(place.rig.true_seconds(case_of(*row))).epsilon(0.003));
  }
  CHECK(evidence_of(log).energies.size() >= 7);
  std::filesystem::remove_all(folder);
}
