#pragma once
// Where values lie: in shared memory as TMA writes them with the 128-byte swizzle, in the matrix
// descriptors by which wgmma finds them there, and in the registers that wgmma fills. Plain
// arithmetic, so that a CPU can walk the same tiles.
// Source: PTX ISA, "Asynchronous Warpgroup Level Matrix Instructions", "Tensor Copy Restrictions".
#include <cstdint>

namespace jevons::calibration {

inline constexpr int swizzle_row = 128;       // bytes of a tile row: 64 bf16 or 128 fp8
inline constexpr int swizzle_atom = 8 * 128;  // the pattern repeats every 8 rows; tiles start on it
inline constexpr int warpgroup = 128;         // threads

// Byte offset in a tile of rows of 128 bytes -> where TMA puts it: the 16-byte chunk number is
// xored with the row number modulo 8. Its own inverse.
constexpr std::uint32_t swizzled(std::uint32_t offset) {
  return offset ^ (((offset >> 7) & 7U) << 4);
}

// Descriptor of a 128-byte-swizzled matrix at `address` of shared memory.
//   k fastest (both operands of most products): stride = bytes from 8 rows to the next 8, 1024;
//   lead is not used. Advancing along k within the 128 bytes adds its bytes to the address. n
//   fastest (the value operand of attention): lead = bytes from 64 columns to the next 64, stride =
//   bytes from 8 steps of k to the next 8.
constexpr std::uint64_t matrix_descriptor(std::uint32_t address, std::uint32_t lead,
                                          std::uint32_t stride) {
  constexpr std::uint64_t swizzle_128 = std::uint64_t{1} << 62;
  const auto field = [](std::uint32_t bytes) { return std::uint64_t{(bytes & 0x3ffffU) >> 4}; };
  return swizzle_128 | field(stride) << 32 | field(lead) << 16 | field(address);
}
constexpr std::uint64_t k_major(std::uint32_t address) {
  return matrix_descriptor(address, 16, swizzle_atom);
}
// What to add to a descriptor to move its address.
constexpr std::uint64_t moved(std::uint32_t bytes) {
  return bytes >> 4;
}

// Accumulator i of thread 0..127 of a warpgroup in a 64 x n product.
struct Cell {
  int row = 0, column = 0;
};
constexpr Cell accumulator_cell(int thread, int i) {
  const int warp = thread / 32, lane = thread % 32;
  return {warp * 16 + lane / 4 + (i / 2) % 2 * 8, i / 4 * 8 + lane % 4 * 2 + i % 2};
}

// Four neighbouring lanes (a quad) hold two columns each of four 8-column pieces of a row: a 4 x 4
// matrix [lane][piece] of packed pairs. Transposed, lane q holds piece q whole, 16 bytes of bf16,
// and a quad writes 64 bytes in a row. Two rounds, bit = 1 and 2: in each, a lane swaps with lane ^
// bit its entries exchanged_piece(lane, bit, 0) and (lane, bit, 1).
constexpr int lower_piece(int bit, int pair) {
  return bit == 1 ? 2 * pair : pair;
}
constexpr int exchanged_piece(int lane, int bit, int pair) {
  return lower_piece(bit, pair) + ((lane & bit) != 0 ? 0 : bit);
}

}  // namespace jevons::calibration
