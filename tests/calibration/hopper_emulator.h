#pragma once
// What TMA and wgmma do with shared memory and registers, after the PTX ISA, so that the index
// arithmetic of the kernels can be walked on a CPU. Addresses are offsets into `bytes`; the swizzle
// works on address bits, as in hardware.
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/shared_layout.h"

namespace jevons::test {

using namespace jevons::calibration;

class SharedMemory {
 public:
  explicit SharedMemory(std::size_t size) : bytes_(size, 0xff) {}

  // A box of `rows` rows of 128 bytes arrives at `address`; `source` gives single bytes, and zero
  // outside of the tensor.
  void load_box(std::uint32_t address, int rows,
                const std::function<std::uint8_t(int row, int byte)>& source) {
    for (int r = 0; r < rows; ++r)
      for (int b = 0; b < swizzle_row; ++b)
        bytes_.at(swizzled(address + static_cast<std::uint32_t>(r * swizzle_row + b))) =
            source(r, b);
  }
  // A thread's plain store of two bf16.
  void store_pair(std::uint32_t address, float low, float high) {
    const Bf16Bits pair[2] = {to_bf16(low), to_bf16(high)};
    std::memcpy(bytes_.data() + address, pair, sizeof pair);
  }
  float bf16_at(std::uint32_t address) const {
    Bf16Bits bits = 0;
    std::memcpy(&bits, &bytes_.at(address), sizeof bits);
    return from_bf16(bits);
  }
  float e4m3_at(std::uint32_t address) const { return from_e4m3(bytes_.at(address)); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// The fields of a matrix descriptor and the address of an element that wgmma computes from them.
struct Descriptor {
  std::uint32_t address, lead, stride;

  explicit Descriptor(std::uint64_t d)
      : address{field(d)}, lead{field(d >> 16)}, stride{field(d >> 32)} {}
  // Row (or column) i, byte b along k; k fastest.
  std::uint32_t k_fastest(int i, int b) const {
    const auto row = static_cast<std::uint32_t>(i);
    return swizzled(address + row / 8 * stride + row % 8 * swizzle_row +
                    static_cast<std::uint32_t>(b));
  }
  // Column n, step k of bf16; n fastest.
  std::uint32_t n_fastest(int n, int k) const {
    const auto column = static_cast<std::uint32_t>(n), step = static_cast<std::uint32_t>(k);
    return swizzled(address + column / 64 * lead + column % 64 * 2 + step / 8 * stride +
                    step % 8 * swizzle_row);
  }

 private:
  static std::uint32_t field(std::uint64_t d) {
    return static_cast<std::uint32_t>(d & 0x3fffU) << 4;
  }
};

// A warpgroup's accumulators of a 64 x n product: [thread][i].
class Accumulators {
 public:
  explicit Accumulators(int n) : n_{n}, values_(static_cast<std::size_t>(64 * n), 0.0F) {}

  float& at(int thread, int i) { return values_[static_cast<std::size_t>(thread * (n_ / 2) + i)]; }
  // d += a b for `steps` of k.
  void multiply(int steps, const std::function<float(int row, int k)>& a,
                const std::function<float(int column, int k)>& b) {
    for (int thread = 0; thread < warpgroup; ++thread)
      for (int i = 0; i < n_ / 2; ++i) {
        const Cell cell = accumulator_cell(thread, i);
        float& sum = at(thread, i);
        for (int k = 0; k < steps; ++k) sum += a(cell.row, k) * b(cell.column, k);
      }
  }

 private:
  int n_;
  std::vector<float> values_;
};

// One wgmma of bf16, k = 16, both operands k fastest.
inline void multiply_bf16(Accumulators& d, const SharedMemory& shared, std::uint64_t a,
                          std::uint64_t b) {
  const Descriptor left{a}, right{b};
  d.multiply(
      16, [&](int row, int k) { return shared.bf16_at(left.k_fastest(row, 2 * k)); },
      [&](int column, int k) { return shared.bf16_at(right.k_fastest(column, 2 * k)); });
}
// The same with n fastest in b.
inline void multiply_transposed(Accumulators& d, const SharedMemory& shared, std::uint64_t a,
                                std::uint64_t b) {
  const Descriptor left{a}, right{b};
  d.multiply(
      16, [&](int row, int k) { return shared.bf16_at(left.k_fastest(row, 2 * k)); },
      [&](int column, int k) { return shared.bf16_at(right.n_fastest(column, k)); });
}
// One wgmma of e4m3, k = 32.
inline void multiply_e4m3(Accumulators& d, const SharedMemory& shared, std::uint64_t a,
                          std::uint64_t b) {
  const Descriptor left{a}, right{b};
  d.multiply(
      32, [&](int row, int k) { return shared.e4m3_at(left.k_fastest(row, k)); },
      [&](int column, int k) { return shared.e4m3_at(right.k_fastest(column, k)); });
}

}  // namespace jevons::test
