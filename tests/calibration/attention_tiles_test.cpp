// One step of each attention kernel walked on the CPU: where keys, values and probabilities lie and
// which products they meet.
#include <cmath>

#include <doctest/doctest.h>

#include "calibration/kernels/attention_layout.h"
#include "calibration/kernels/reference.h"
#include "tests/calibration/hopper_emulator.h"

using namespace jevons::calibration;
using namespace jevons::test;

namespace {

float value(std::uint64_t seed, int row, int i) {
  return from_bf16(random_bf16(seed, static_cast<std::uint64_t>(row * 1000 + i), 1.0F));
}

// Loads `slabs` boxes of 64 values of `rows` rows, one behind the other, as the producers do.
void load_slabs(SharedMemory& shared, std::uint32_t address, std::uint64_t seed, int rows,
                int slabs) {
  for (int s = 0; s < slabs; ++s)
    shared.load_box(address + static_cast<std::uint32_t>(s * rows * swizzle_row), rows,
                    [&](int r, int b) {
                      const Bf16Bits bits = to_bf16(value(seed, r, s * 64 + b / 2));
                      return static_cast<std::uint8_t>(b % 2 == 0 ? bits & 0xff : bits >> 8);
                    });
}

// An 8 x 8 matrix register of ldmatrix: lane l holds two neighbours of row l / 4, or of column l /
// 4 when transposed.
struct Pair {
  float low, high;
};
template <class At>
Pair matrix_register(int lane, bool is_transposed, const At& element) {
  const int major = lane / 4, minor = lane % 4 * 2;
  if (is_transposed) return {element(minor, major), element(minor + 1, major)};
  return {element(major, minor), element(major, minor + 1)};
}

}  // namespace

TEST_CASE("latent attention scores its keys and weighs its values from the same tile") {
  constexpr int keys = 64, slabs = 9;
  constexpr std::uint32_t slab = 64 * swizzle_row;
  constexpr std::uint32_t cache = slabs * slab, probabilities = 2 * slabs * slab;
  SharedMemory shared{probabilities + slab};
  load_slabs(shared, 0, 1, 64, slabs);
  load_slabs(shared, cache, 2, keys, slabs);
  for (int group = 0; group < 2; ++group) {
    Accumulators score{32};
    const std::uint32_t mine = cache + static_cast<std::uint32_t>(group * 32 * swizzle_row);
    for (std::uint32_t i = 0; i < slabs; ++i)
      for (std::uint32_t step = 0; step < 4; ++step)
        multiply_bf16(score, shared, k_major(i * slab + step * 32),
                      k_major(mine + i * slab + step * 32));
    for (int thread = 0; thread < warpgroup; ++thread)
      for (int i = 0; i < 16; ++i) {
        const Cell cell = accumulator_cell(thread, i);
        double want = 0;
        for (int d = 0; d < 576; ++d)
          want += static_cast<double>(value(1, cell.row, d)) *
                  static_cast<double>(value(2, group * 32 + cell.column, d));
        REQUIRE(static_cast<double>(score.at(thread, i)) == doctest::Approx(want).epsilon(1e-4));
      }
    // The scores stand for probabilities: store them as the kernel does.
    for (int thread = 0; thread < warpgroup; ++thread)
      for (int i = 0; i < 16; i += 2) {
        const Cell cell = accumulator_cell(thread, i);
        const auto offset =
            static_cast<std::uint32_t>(cell.row * swizzle_row + (group * 32 + cell.column) * 2);
        shared.store_pair(probabilities + swizzled(offset),
                          value(3, cell.row, group * 32 + cell.column),
                          value(3, cell.row, group * 32 + cell.column + 1));
      }
  }
  for (int group = 0; group < 2; ++group) {
    Accumulators sum{256};
    const std::uint32_t values = cache + static_cast<std::uint32_t>(group * 4) * slab;
    for (std::uint32_t step = 0; step < 4; ++step)
      multiply_transposed(sum, shared, k_major(probabilities + step * 32),
                          matrix_descriptor(values + step * 16 * swizzle_row, slab, swizzle_atom));
    for (int thread = 0; thread < warpgroup; ++thread)
      for (int i = 0; i < 128; i += 3) {
        const Cell cell = accumulator_cell(thread, i);
        double want = 0;
        for (int j = 0; j < keys; ++j)
          want += static_cast<double>(value(3, cell.row, j)) *
                  static_cast<double>(value(2, j, group * 256 + cell.column));
        REQUIRE(static_cast<double>(sum.at(thread, i)) == doctest::Approx(want).epsilon(1e-4));
      }
  }
}

TEST_CASE("prefill hands its probabilities to the values from registers") {
  constexpr int keys = 128, value_slabs = 2;
  constexpr std::uint32_t slab = keys * swizzle_row;
  SharedMemory shared{value_slabs * slab};
  load_slabs(shared, 0, 5, keys, value_slabs);
  // Accumulators of the scores, filled with probabilities of (row, key).
  Accumulators p{keys};
  for (int thread = 0; thread < warpgroup; ++thread)
    for (int i = 0; i < 64; ++i) {
      const Cell cell = accumulator_cell(thread, i);
      p.at(thread, i) = value(6, cell.row, cell.column);
    }
  Accumulators sum{128};
  for (std::uint32_t step = 0; step < keys / 16; ++step) {
    const Descriptor b{matrix_descriptor(step * 16 * swizzle_row, slab, swizzle_atom)};
    // First operand of 64 x 16: each warp has 16 rows, its registers as in a 16 x 16 product.
    std::vector<float> a(64 * 16);
    for (int thread = 0; thread < warpgroup; ++thread)
      for (int r = 0; r < 4; ++r)
        for (int e = 0; e < 2; ++e) {
          const TilePlace at = operand_cell(thread % 32, r, e);
          a[static_cast<std::size_t>((thread / 32 * 16 + at.row) * 16 + at.chunk)] =
              p.at(thread, static_cast<int>(step) * 8 + 2 * r + e);
        }
    sum.multiply(
        16, [&](int row, int k) { return a[static_cast<std::size_t>(row * 16 + k)]; },
        [&](int column, int k) { return shared.bf16_at(b.n_fastest(column, k)); });
  }
  for (int thread = 0; thread < warpgroup; ++thread)
    for (int i = 0; i < 64; ++i) {
      const Cell cell = accumulator_cell(thread, i);
      double want = 0;
      for (int j = 0; j < keys; ++j)
        want += static_cast<double>(value(6, cell.row, j)) *
                static_cast<double>(value(5, j, cell.column));
      REQUIRE(static_cast<double>(sum.at(thread, i)) == doctest::Approx(want).epsilon(1e-4));
    }
}

TEST_CASE("grouped decode reads keys and values as its products want them") {
  for (const int dim : {64, 128}) {
    const int chunks = dim / 8;
    std::vector<float> keys(static_cast<std::size_t>(16 * dim)), values(keys.size());
    for (int row = 0; row < 16; ++row)
      for (int c = 0; c < chunks; ++c)
        for (int e = 0; e < 8; ++e) {
          const auto to = static_cast<std::size_t>(chunk_place(row, c, chunks) * 8 + e);
          keys[to] = value(7, row, c * 8 + e);
          values[to] = value(8, row, c * 8 + e);
        }
    // Register r of ldmatrix.x4 whose lanes name the places that `place` gives.
    const auto loaded = [&](const std::vector<float>& tile, int lane, int r, bool is_transposed,
                            auto place) {
      return matrix_register(lane, is_transposed, [&](int row, int column) {
        const TilePlace at = place(r * 8 + row);
        return tile[static_cast<std::size_t>(chunk_place(at.row, at.chunk, chunks) * 8 + column)];
      });
    };
    for (int lane = 0; lane < 32; ++lane)
      for (int r = 0; r < 4; ++r)
        for (int step = 0; step < dim / 16; ++step) {
          // Second operand: register r % 2 holds k = 8 (r % 2) + 2 (lane % 4), column lane / 4.
          const int k = r % 2 * 8 + lane % 4 * 2, column = r / 2 * 8 + lane / 4;
          const Pair key = loaded(keys, lane, r, false, [&](int l) { return key_place(l, step); });
          REQUIRE(key.low == value(7, column, step * 16 + k));
          REQUIRE(key.high == value(7, column, step * 16 + k + 1));
          const Pair v = loaded(values, lane, r, true, [&](int l) { return value_place(l, step); });
          REQUIRE(v.low == value(8, k, step * 16 + column));
          REQUIRE(v.high == value(8, k + 1, step * 16 + column));
        }
  }
}

TEST_CASE("two results of grouped decode are the first operand of its next product") {
  for (int lane = 0; lane < 32; ++lane)
    for (int r = 0; r < 4; ++r)
      for (int e = 0; e < 2; ++e) {
        // p[r] is packed from score[r / 2][2 (r % 2) + e], whose keys start at 8 (r / 2).
        const TilePlace from = result_cell(lane, 2 * (r % 2) + e);
        const TilePlace to = operand_cell(lane, r, e);
        CHECK(from.row == to.row);
        CHECK(from.chunk + 8 * (r / 2) == to.chunk);
      }
}

TEST_CASE("the rows that one load names lie in different banks") {
  for (const int chunks : {8, 16})
    for (int chunk = 0; chunk < chunks; ++chunk) {
      std::vector<bool> bank(8, false);
      for (int row = 0; row < 8; ++row)
        bank[static_cast<std::size_t>(chunk_place(row, chunk, chunks) % 8)] = true;
      CHECK(std::count(bank.begin(), bank.end(), true) == 8);
    }
}
