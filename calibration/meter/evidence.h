#pragma once
// What a raw log proves: blocks without drift, medians with intervals.
#include <optional>
#include <string>
#include <vector>

#include "calibration/meter/raw_log.h"
#include "calibration/meter/statistics.h"

namespace jevons::calibration {

// A block counts if the reference GEMM took the same time before and after it, within this.
inline constexpr double most_drift = 0.03;

struct BlockCount {
  int kept = 0, drifted = 0;
  int open = 0;  // interrupted: no closing reference
  double worst_drift = 0;
};

// The rows that count, in the order of the log: those outside of blocks, and those of blocks that
// closed without drift; only `ok` ones.
std::vector<const WindowRow*> accepted_rows(const RawLog& log, BlockCount* count = nullptr);
std::vector<const WindowRow*> accepted_rows(RawLog&&, BlockCount* = nullptr) = delete;

// One case, timed.
struct TimePoint {
  const WindowRow* row = nullptr;  // any of its rows, for its shape
  Estimate seconds{};              // per launch
  bool is_capped = false;
  bool is_weak = false;  // slower than the kernel should be: an instrument not to be trusted
};

// One case, weighed.
struct EnergyPoint {
  const WindowRow* row = nullptr;
  double seconds = 0;  // per launch, in these windows
  double sm_mhz = 0;
  Estimate watts{}, joules{};  // power; energy of a launch, everything included
  std::vector<double> window_watts{};
  bool is_capped = false;
};

struct Evidence {
  std::vector<TimePoint> times;  // in the order of their first rows
  std::vector<EnergyPoint> energies;
  std::optional<Estimate> idle_without_context_w, idle_with_context_w, spinning_w;
  BlockCount blocks;
  double full_sm_mhz = 0;  // the highest mean clock of any window
  double limit_w = 0;
  std::size_t refused = 0;  // windows that are not ok

  const TimePoint* time_of(const std::string& name) const;
};

// Points into `log`.
Evidence evidence_of(const RawLog& log);
Evidence evidence_of(RawLog&&) = delete;

}  // namespace jevons::calibration
