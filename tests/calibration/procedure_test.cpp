// The procedure on a GPU that is arithmetic: synthetic logs, in temporary folders only.
#include "calibration/meter/procedure.h"

#include <map>
#include <set>

#include <doctest/doctest.h>

#include "calibration/meter/evidence.h"
#include "calibration/meter/refusal.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/temporary_path.h"

using namespace jevons;
using namespace jevons::calibration;
using jevons::test::FakePlace;

namespace {

struct Folder {
  std::filesystem::path path;
  explicit Folder(const std::string& name) : path{temporary_path(name)} {
    std::filesystem::remove_all(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

RunOptions call(int number, double minutes = 8) {
  return {.minutes = minutes,
          .session = "s" + std::to_string(number),
          .utc = "2026-01-01",
          .revision = "r"};
}

}  // namespace

TEST_CASE(
    "a call of eight minutes measures idle and spinning and the first tier and ends in time") {
  const Folder folder{"procedure"};
  FakePlace place;
  const RunResult result = run_plan(place.at(folder.path), all_cases(), call(1));
  CHECK(result.ending == Ending::out_of_time);
  CHECK(result.seconds <= 8 * 60);
  CHECK(result.seconds > 7.5 * 60);
  const RawLog log = read_raw_log(folder.path);
  const Evidence evidence = evidence_of(log);
  CHECK(evidence.idle_without_context_w->value == doctest::Approx(60).epsilon(0.005));
  CHECK(evidence.idle_with_context_w->value == doctest::Approx(95).epsilon(0.005));
  CHECK(evidence.spinning_w->value == doctest::Approx(260).epsilon(0.01));
  CHECK(evidence.blocks.drifted == 0);
  CHECK(evidence.blocks.open == 0);
  MESSAGE(evidence.times.size() << " times " << evidence.energies.size() << " energies "
                                << result.left << " left");
}
