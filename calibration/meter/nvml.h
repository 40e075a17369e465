#pragma once
// The management library of NVIDIA's driver, opened at run time: it comes with the driver, so a
// machine without one must still start this program. Only what reads is declared.
#include <memory>
#include <string>
#include <vector>

#include "calibration/meter/instrument.h"

namespace jevons::calibration {

// One GPU as the driver knows it.
struct BoardFacts {
  std::string name, uuid, bus, driver;
  int capability = 0;                 // 90: compute capability 9.0; 0: unknown
  bool is_split = false;              // by MIG
  std::vector<unsigned> processes{};  // that compute on it now
};

class Nvml {
 public:
  // Empty: the library where drivers put it. Throws Refusal: no library, no driver.
  explicit Nvml(const std::string& path = "");
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  unsigned board_count() const;
  // Throws Refusal if there is none of that number.
  BoardFacts facts(unsigned board) const;
  // Valid as long as this object.
  Instrument instrument(unsigned board) const;

 private:
  struct Calls;
  std::unique_ptr<Calls> calls_;
};

}  // namespace jevons::calibration
