#pragma once
// One call of `jevons-calibrate run`: idle, warm, then block after block of the plan until all is
// measured, the time is over or somebody interrupts. What is measured is on the disk at once; the
// next call goes on behind it.
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "calibration/meter/instrument.h"
#include "calibration/meter/nvml.h"
#include "calibration/meter/plan.h"
#include "calibration/meter/raw_log.h"
#include "calibration/meter/rig.h"

namespace jevons::calibration {

// What a call stands on; tests give their own.
struct Workplace {
  Rig& rig;
  Instrument instrument;
  BoardFacts board;
  std::filesystem::path folder;  // of the raw log
  std::function<bool()> is_stopped = [] { return false; };
  std::function<void(const std::string&)> say = [](const std::string&) {};
};

struct RunOptions {
  double minutes = 8;
  std::set<CaseKind> kinds{};  // empty: all
  std::string session, utc, revision;
};

enum class Ending { complete, out_of_time, interrupted };

struct RunResult {
  Ending ending = Ending::complete;
  int windows = 0;       // written
  std::size_t left = 0;  // items that remain
  double seconds = 0;    // of the call
};

// Throws Refusal: unfit GPU (nothing was measured), or one that stays throttled (what was measured
// before is kept).
RunResult run_plan(const Workplace& workplace, const std::vector<KernelCase>& cases,
                   const RunOptions& options);

struct CheckResult {
  int passed = 0, wrong = 0, unavailable = 0;
};

// Every small and odd case of `cases` against its CPU reference; rows `verify` go to the log.
CheckResult run_checks(const Workplace& workplace, const std::vector<KernelCase>& cases,
                       const RunOptions& options);

}  // namespace jevons::calibration
