// The procedure on a GPU that is arithmetic: synthetic logs, in temporary folders only.
#include "calibration/meter/procedure.h"

#include <algorithm>
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
}

TEST_CASE("calls go on where the last one stopped and repeat nothing that counts") {
  const Folder folder{"resume"};
  std::set<std::string> before;
  for (int n = 1; n <= 3; ++n) {
    FakePlace place;
    run_plan(place.at(folder.path), all_cases(), call(n));
    std::set<std::string> now;
    const RawLog log = read_raw_log(folder.path);
    for (const WindowRow* row : accepted_rows(log))
      if (row->block > 0 && row->measure != Measure::reference) {
        const std::string key = std::string{jevons::name_of(row->measure)} + row->name + "#" +
                                std::to_string(row->repeat);
        CHECK_MESSAGE(now.insert(key).second, key);
      }
    CHECK(now.size() > before.size());
    CHECK(std::includes(now.begin(), now.end(), before.begin(), before.end()));
    before = now;
  }
  const RawLog log = read_raw_log(folder.path);
  const Evidence evidence = evidence_of(log);
  CHECK(evidence.energies.size() == energy_points);
  for (const EnergyPoint& point : evidence.energies)
    CHECK(point.window_watts.size() == energy_repeats);
}

TEST_CASE("what is measured is what was put in") {
  const Folder folder{"truth"};
  FakePlace place;
  run_plan(place.at(folder.path), all_cases(), call(1));
  const RawLog log = read_raw_log(folder.path);
  const Evidence evidence = evidence_of(log);
  for (const TimePoint& point : evidence.times) {
    if (point.is_capped) continue;
    const double truth = place.rig.true_seconds(case_of(*point.row));
    CHECK(point.seconds.value == doctest::Approx(truth).epsilon(place.truth.noise));
    CHECK(point.seconds.low <= point.seconds.value);
    CHECK(point.seconds.high >= point.seconds.value);
  }
  for (const EnergyPoint& point : evidence.energies) {
    if (point.is_capped) continue;
    const double truth = place.rig.true_watts(case_of(*point.row));
    CHECK(point.watts.value == doctest::Approx(truth).epsilon(place.truth.power_noise + 0.002));
  }
}

TEST_CASE("points under the power limit are labelled and no others") {
  const Folder folder{"capped"};
  FakePlace place;
  place.truth.limit_w = 450;
  run_plan(place.at(folder.path), all_cases(), call(1));
  int capped = 0;
  for (const WindowRow& row : read_raw_log(folder.path).windows) {
    if (row.measure != Measure::energy) continue;
    const bool is_over = place.rig.true_watts(case_of(row)) * (1 + place.truth.power_noise) > 450;
    CHECK(row.is_capped == is_over);
    capped += static_cast<int>(row.is_capped);
    if (row.is_capped) CHECK(row.conditions.lowest_sm_mhz < place.truth.full_mhz);
  }
  CHECK(capped > 3);
}

TEST_CASE("a block between two unequal references is discarded and measured again") {
  const Folder folder{"drift"};
  FakePlace place;
  place.rig.slowdown = [](double now) { return now > 120 ? 1.1 : 1.0; };
  run_plan(place.at(folder.path), all_cases(), call(1, 4));
  const RawLog log = read_raw_log(folder.path);
  const Evidence evidence = evidence_of(log);
  CHECK(evidence.blocks.drifted == 1);
  CHECK(evidence.blocks.worst_drift == doctest::Approx(0.1).epsilon(0.1));
  std::set<std::string> accepted;
  for (const WindowRow* row : accepted_rows(log)) accepted.insert(row->name);
  std::set<std::string> lost;
  for (const WindowRow& row : log.windows)
    if (!accepted.contains(row.name)) lost.insert(row.name);
  REQUIRE(!lost.empty());
  FakePlace later;
  run_plan(later.at(folder.path), all_cases(), call(2, 4));
  std::set<std::string> then;
  const RawLog both = read_raw_log(folder.path);
  for (const WindowRow* row : accepted_rows(both)) then.insert(row->name);
  for (const std::string& name : lost) CHECK_MESSAGE(then.contains(name), name);
}

TEST_CASE(
    "a window whose counter and power sensor disagree by more than three percent is refused") {
  const Folder folder{"disagree"};
  FakePlace place;
  place.truth.sensor_gain = 1.05;
  run_plan(place.at(folder.path), all_cases(), call(1));
  const RawLog log = read_raw_log(folder.path);
  CHECK(evidence_of(log).energies.empty());
  CHECK(evidence_of(log).refused > 10);
  // Tried twice, then left alone: a wrong sensor must not eat the time of the other points.
  std::map<std::string, int> tries;
  FakePlace second, third;
  second.truth.sensor_gain = third.truth.sensor_gain = 1.05;
  run_plan(second.at(folder.path), all_cases(), call(2));
  run_plan(third.at(folder.path), all_cases(), call(3));
  for (const WindowRow& row : read_raw_log(folder.path).windows)
    if (row.measure == Measure::energy) ++tries[row.name + "#" + std::to_string(row.repeat)];
  for (const auto& entry : tries) CHECK_MESSAGE(entry.second <= 2, entry.first);
}

TEST_CASE("an interrupted call closes its block and keeps it") {
  const Folder folder{"interrupt"};
  FakePlace place;
  Workplace here = place.at(folder.path);
  here.is_stopped = [&] { return place.gpu.now() > 100; };
  const RunResult result = run_plan(here, all_cases(), call(1));
  CHECK(result.ending == Ending::interrupted);
  CHECK(result.seconds < 110);
  const RawLog log = read_raw_log(folder.path);
  const Evidence evidence = evidence_of(log);
  CHECK(evidence.blocks.open == 0);
}

TEST_CASE("what cannot run here is said once and not tried again") {
  const Folder folder{"unavailable"};
  for (int n = 1; n <= 2; ++n) {
    FakePlace place;
    place.rig.is_unavailable = [](const KernelCase& c) { return c.kind == CaseKind::mla_decode; };
    run_plan(place.at(folder.path), all_cases(), call(n));
  }
  std::map<std::string, int> tries;
  for (const WindowRow& row : read_raw_log(folder.path).windows)
    if (row.outcome == Outcome::unavailable) {
      ++tries[row.name];
      CHECK(row.note == "too little memory");
    }
  CHECK(!tries.empty());
  for (const auto& entry : tries) CHECK_MESSAGE(entry.second == 1, entry.first);
}

TEST_CASE("a kernel that disagrees with its reference is not measured") {
  const Folder folder{"wrong"};
  FakePlace place;
  place.rig.is_wrong = [](const KernelCase& c) { return c.kind == CaseKind::swiglu; };
  run_plan(place.at(folder.path), all_cases(), call(1));
  bool is_told = false;
  for (const WindowRow& row : read_raw_log(folder.path).windows) {
    if (row.measure == Measure::time) CHECK(row.shape.kind != CaseKind::swiglu);
    if (row.outcome == Outcome::wrong) {
      is_told = true;
      CHECK(row.note == "largest error 0.500000 of 0.010000: row 3; column 7: got 2; want 1");
    }
  }
  CHECK(is_told);
}

TEST_CASE("a card that heats up while it works stops the call with its log intact") {
  const Folder folder{"throttle"};
  FakePlace place;
  Workplace here = place.at(folder.path);
  here.say = [&](const std::string& line) {
    if (line.find(" of ") != std::string::npos)
      place.truth.reasons = clock_reason::software_thermal;
  };
  CHECK_THROWS_WITH_AS(run_plan(here, all_cases(), call(1)),
                       "Synthetic GPU is held back by heat or by its supply while it works; "
                       "stopped (what was measured before is kept)",
                       Refusal);
  const RawLog log = read_raw_log(folder.path);
  CHECK(evidence_of(log).times.size() >= 9);
}

TEST_CASE("a check compares every small case with its reference") {
  const Folder folder{"check"};
  FakePlace place;
  place.rig.is_wrong = [](const KernelCase& c) { return c.kind == CaseKind::combine; };
  const CheckResult result = run_checks(place.at(folder.path), correctness_cases(), call(1));
  CHECK(result.passed > 50);
  CHECK(result.wrong > 0);
  RunOptions chosen = call(2);
  chosen.kinds = {CaseKind::copy};
  const CheckResult copies = run_checks(place.at(folder.path), correctness_cases(), chosen);
  CHECK(copies.passed == 3);
  CHECK(copies.wrong == 0);
}
