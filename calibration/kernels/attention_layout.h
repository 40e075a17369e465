#pragma once
// Where a warp's values lie in the 16 x 8 x 16 products of sm_80 and in its tiles of keys and
// values. Plain arithmetic that a CPU can walk. Source: PTX ISA, "Matrix Fragments for
// mma.m16n8k16".
#include <cstdint>

namespace jevons::calibration {

// A tile row is `chunks` pieces of 16 bytes; their number is xored with the row so that the 8 rows
// that ldmatrix reads at once lie in different banks.
constexpr int chunk_place(int row, int chunk, int chunks) {
  return row * chunks + (chunk ^ (row & 7));
}

// ldmatrix.x4: lane l names row l % 8 of matrix l / 8. For keys as the second operand the matrices
// are (keys 0-7, dims 0-7), (keys 0-7, dims 8-15), (keys 8-15, dims 0-7), (keys 8-15, dims 8-15):
// two registers for each of two products of 8 keys.
struct TilePlace {
  int row = 0, chunk = 0;
};
constexpr TilePlace key_place(int lane, int step) {  // step: 16 dimensions
  const int matrix = lane / 8;
  return {matrix / 2 * 8 + lane % 8, 2 * step + matrix % 2};
}
// For values (transposed while loading) the matrices are (keys 0-7, dims 0-7), (keys 8-15, dims
// 0-7), (keys 0-7, dims 8-15), (keys 8-15, dims 8-15): two registers for each of two products of 8
// dims.
constexpr TilePlace value_place(int lane, int pair) {  // pair: 16 dimensions
  const int matrix = lane / 8;
  return {matrix % 2 * 8 + lane % 8, 2 * pair + matrix / 2};
}

// Element e (0, 1) of register r (0..3) of the first operand, 16 rows x 16.
constexpr TilePlace operand_cell(int lane, int r, int e) {
  return {lane / 4 + r % 2 * 8, r / 2 * 8 + lane % 4 * 2 + e};
}
// Accumulator i (0..3) of a 16 x 8 product.
constexpr TilePlace result_cell(int lane, int i) {
  return {lane / 4 + i / 2 * 8, lane % 4 * 2 + i % 2};
}

}  // namespace jevons::calibration
