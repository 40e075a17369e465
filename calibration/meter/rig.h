#pragma once
// What the procedure asks of whoever launches kernels. Virtual: on a machine with a GPU it is CUDA
// (cuda_rig.cu), without nvcc nothing, in tests arithmetic on a clock of its own.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "calibration/kernels/kernel_case.h"
#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

struct RigFacts {
  std::string toolkit;  // "CUDA 13.0"
  int gpus = 0;         // that collectives can use
  Bytes l2, memory;
};

// Launches since the last look, timed by device events around every replay of a CUDA graph.
struct Launched {
  std::int64_t launches = 0;
  double seconds = 0;  // in kernels; gaps between replays do not count
  double per_launch() const { return seconds / static_cast<double>(launches); }
};

class Rig {
 public:
  Rig() = default;
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  virtual ~Rig() = default;

  // Compute capabilities the kernels run on.
  virtual std::vector<int> capabilities() const = 0;
  // Makes the CUDA context; nothing of the rig draws power before.
  virtual RigFacts open(const std::string& bus) = 0;

  // Brings a case onto the GPU in place of the one before, operand sets rotated over `rotated`.
  // Throws CaseUnavailable.
  virtual void load(const KernelCase& c, Bytes rotated) = 0;
  // A kernel that only waits in a loop on every multiprocessor: clocks up, no work.
  virtual void load_spinning() = 0;
  virtual Verdict verify(const KernelCase& c) = 0;  // throws CaseUnavailable

  // Sees to it that replays of what is loaded are queued for the next tenth of a second; returns at
  // once. Launches nothing if nothing is loaded.
  virtual void feed() = 0;
  // Waits until the queue is empty and tells what ran since loading or the last drain.
  virtual Launched drain() = 0;
  // Frees what is loaded; the context stays.
  virtual void unload() = 0;
};

// The rig of this build. Throws Refusal where kernels were not built.
std::unique_ptr<Rig> make_rig();

}  // namespace jevons::calibration
