#pragma once
// The part that all cases share: operand sets used in turn, poison, guards, comparison. A Set has
//   Set(const KernelCase&, const DeviceFacts&, std::uint64_t seed);
//   void launch(Stream);
//   std::vector<const DeviceBytes*> outputs() const;   // everything that a launch writes
//   Comparison compare() const;                        // what lies there now with the reference
#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "calibration/kernels/comparison.h"
#include "calibration/kernels/device.h"
#include "calibration/kernels/prepared_case.h"
#include "sim/rng.h"

namespace jevons::calibration {

// Seed of one operand, by name.
constexpr std::uint64_t stream_of(std::uint64_t seed, std::string_view operand) {
  return mix(mix(seed) ^ hash_of(operand));
}

template <class Set>
class RotatedCase final : public PreparedCase {
 public:
  RotatedCase(const KernelCase& c, const PrepareOptions& options) {
    const DeviceFacts facts = device_facts();
    const CaseWork work = work_of(c);
    const double wanted = std::ceil(options.rotated / (work.read + work.written));
    // At most half of the memory: a set may need more than what it moves.
    const double room =
        0.5 * static_cast<double>(facts.free_bytes) / (work.read + work.written).in(unit::B);
    const auto n = static_cast<std::uint64_t>(std::clamp(std::min(wanted, room), 1.0, 256.0));
    for (std::uint64_t i = 0; i < n; ++i) sets_.emplace_back(c, facts, mix(options.seed) + i);
    CUDA_TRY(cudaDeviceSynchronize());
  }

  void launch(Stream stream, int iteration) override {
    sets_[static_cast<std::size_t>(iteration) % sets_.size()].launch(stream);
  }
  int sets() const override { return static_cast<int>(sets_.size()); }

  Verdict verify() override {
    Set& set = sets_.front();
    for (const DeviceBytes* out : set.outputs()) out->fill_poison();
    CUDA_TRY(cudaDeviceSynchronize());
    set.launch(nullptr);
    CUDA_TRY(cudaDeviceSynchronize());
    Comparison comparison = set.compare();
    for (const DeviceBytes* out : set.outputs())
      if (!out->is_guard_whole()) comparison.fail("something was written behind an output's end");
    return comparison.verdict();
  }

 private:
  std::vector<Set> sets_;
};

// Compares with everything of `got` that lies in `rows` x `width` and was left as poison.
template <class T>
void expect_written(Comparison& comparison, const std::vector<T>& got, std::size_t n) {
  const T poison = static_cast<T>(-1);
  const auto end = got.begin() + static_cast<std::ptrdiff_t>(n);
  const auto left = std::find(got.begin(), end, poison);
  if (left != end)
    comparison.fail("value " + std::to_string(left - got.begin()) + " was never written");
}

}  // namespace jevons::calibration
