#pragma once
// A case brought onto the current GPU: random operands, outputs, and how to start it. Plain C++, so
// that who times and weighs kernels needs no CUDA header.
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "calibration/kernels/kernel_case.h"

struct CUstream_st;  // what cudaStream_t points to

namespace jevons::calibration {

using Stream = CUstream_st*;

// Why a case cannot run here: too little memory, an architecture or a library that is missing, a
// shape the library refuses. Measuring goes on with the next case.
struct CaseUnavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Outcome of comparing with the CPU reference. Errors are |got - want| over the root mean square of
// the wanted values; a value that was never written counts as infinite.
struct Verdict {
  bool passed = false;
  double max_error = 0;
  double tolerance = 0;
  std::int64_t compared = 0;
  std::string worst;  // where: "row 17, column 255: got 0.25, want 0.5"
};

struct PrepareOptions {
  std::uint64_t seed = 1;
  // Operand sets are added until launches in turn touch this much, so that none finds its weights
  // in the L2 cache of the launch before. 0: one set.
  Bytes rotated;
};

// Virtual, since every kind keeps other buffers and plans, and the list is closed elsewhere.
class PreparedCase {
 public:
  PreparedCase() = default;
  PreparedCase(const PreparedCase&) = delete;
  PreparedCase& operator=(const PreparedCase&) = delete;
  virtual ~PreparedCase() = default;

  // Enqueues execution number `iteration` (operand set iteration % sets()). Allocates nothing,
  // waits for nothing: may be captured into a CUDA graph when is_capturable().
  virtual void launch(Stream stream, int iteration) = 0;
  virtual int sets() const { return 1; }
  virtual bool is_capturable() const { return true; }

  // Poisons the outputs of set 0, launches once, waits, compares with the CPU reference; checks too
  // that nothing was written beside the outputs. Leaves the case ready to be timed.
  virtual Verdict verify() = 0;
};

// Throws CaseUnavailable; a failing CUDA call throws std::runtime_error with call, error and line.
std::unique_ptr<PreparedCase> prepare(const KernelCase& c, const PrepareOptions& options = {});

}  // namespace jevons::calibration
