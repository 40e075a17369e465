#pragma once
// Single windows: loads a case, times or weighs it, judges the outcome, writes the row.
#include <string>

#include "calibration/meter/raw_log.h"
#include "calibration/meter/rig.h"

namespace jevons::calibration {

// Of a reference with its loading.
inline constexpr double reference_seconds = 1.0;

class WindowMaker {
 public:
  WindowMaker(Rig& rig, Instrument instrument, RawLogWriter& writer, std::string session);

  // After the rig was opened: operand sets will be rotated over four L2 caches of this size.
  void begin(const RigFacts& facts) { rotated_ = 4 * facts.l2; }
  // The instrument whose readings go to the log of samples.
  const Instrument& instrument() const { return instrument_; }

  void load(const KernelCase& c);  // throws CaseUnavailable
  // Longest loading so far.
  double slow_load_s() const { return slow_load_s_; }

  WindowRow still(Measure measure) const;  // nothing runs
  WindowRow spinning();
  WindowRow time(int repeat);    // of what is loaded
  WindowRow energy(int repeat);  // of what is loaded
  // Compares with the CPU reference and writes the row.
  WindowRow verified(const KernelCase& c);

  void open_block();
  void close_block() {
    reference();
    block_ = 0;
  }

  void write(WindowRow row);
  void write_unavailable(Measure measure, const KernelCase& c, const std::string& why);
  int windows() const { return windows_; }
  int throttled_in_a_row() const { return throttled_in_a_row_; }

 private:
  void reference();
  WindowRow fresh(Measure measure) const;
  WindowRow timed(double least_s);

  Rig& rig_;
  Instrument instrument_;
  RawLogWriter& writer_;
  std::string session_;
  double start_;
  Bytes rotated_;
  KernelCase loaded_;
  double slow_load_s_ = 0;
  int block_ = 0, last_block_ = 0;
  int windows_ = 0, throttled_in_a_row_ = 0;
};

}  // namespace jevons::calibration
