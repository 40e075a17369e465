// The grouped GEMM's tiles walked on the CPU: the copies, descriptors, accumulators and stores of
// grouped_gemm_bf16.cuh and grouped_gemm_fp8.cuh, product by product, against the definition.
#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "calibration/kernels/grouped_gemm.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/tile_schedule.h"
#include "tests/calibration/hopper_emulator.h"

using namespace jevons::calibration;
using namespace jevons::test;

namespace {

struct Problem {
  std::vector<std::int32_t> offsets;
  int n = 0, k = 0;
  int experts() const { return static_cast<int>(offsets.size()) - 1; }
  int rows() const { return offsets.back(); }
  std::vector<float> y() const {
    return std::vector<float>(static_cast<std::size_t>(rows() * n),
                              std::numeric_limits<float>::quiet_NaN());
  }
};

constexpr std::uint64_t x_seed = 1, w_seed = 2, x_scale_seed = 3, w_scale_seed = 4;

std::uint64_t at(const Problem& p, int row, int i) {
  return static_cast<std::uint64_t>(row) * static_cast<std::uint64_t>(p.k) +
         static_cast<std::uint64_t>(i);
}

// Byte b of row r of a box that starts at (row, first byte); zero outside of the tensor.
std::uint8_t bf16_byte(const Problem& p, std::uint64_t seed, int rows, int row, int byte) {
  if (row >= rows || byte / 2 >= p.k) return 0;
  const Bf16Bits bits = random_bf16(seed, at(p, row, byte / 2), 1.0F);
  return static_cast<std::uint8_t>(byte % 2 == 0 ? bits & 0xff : bits >> 8);
}
std::uint8_t e4m3_byte(const Problem& p, std::uint64_t seed, int rows, int row, int byte) {
  return row < rows && byte < p.k ? random_e4m3(seed, at(p, row, byte)) : std::uint8_t{0};
}

// store_rows of grouped_tile.cuh: the quads transpose packed pairs, every lane writes 16 bytes.
void store_rows(Accumulators& d, int width, const Problem& p, const Tile& tile, int first,
                int column, std::vector<float>& y) {
  for (int half = 0; half < 2; ++half)
    for (int i = 2 * half; i < width / 2; i += 16)
      for (int quad = 0; quad < warpgroup; quad += 4) {
        struct Pair {
          float low, high;
        };
        Pair held[4][4];
        for (int q = 0; q < 4; ++q)
          for (int piece = 0; piece < 4; ++piece)
            held[q][piece] = {d.at(quad + q, i + 4 * piece), d.at(quad + q, i + 4 * piece + 1)};
        for (int bit = 1; bit <= 2; ++bit)
          for (int pair = 0; pair < 2; ++pair)
            for (int q = 0; q < 4; ++q) {
              const int mine = exchanged_piece(q, bit, pair);
              const int theirs = exchanged_piece(q ^ bit, bit, pair);
              if (q < (q ^ bit)) std::swap(held[q][mine], held[q ^ bit][theirs]);
            }
        for (int q = 0; q < 4; ++q) {
          const int row = first + accumulator_cell(quad + q, 2 * half).row;
          const int c = column + (i / 16 * 4 + q) * 8;
          if (row >= tile.rows || c >= p.n) continue;
          for (int l = 0; l < 4; ++l) {
            const std::size_t to = static_cast<std::size_t>((tile.row + row) * p.n + c + 2 * l);
            REQUIRE(std::isnan(y.at(to)));
            y[to] = held[q][l].low;
            y[to + 1] = held[q][l].high;
          }
        }
      }
}

// grouped_bf16, one block of all.
std::vector<float> run_bf16(const Problem& p, int tile_rows, int columns) {
  std::vector<float> y = p.y();
  const auto w_at = static_cast<std::uint32_t>(tile_rows * swizzle_row);
  SharedMemory shared{w_at + static_cast<std::uint32_t>(columns * swizzle_row)};
  TileSchedule schedule{p.offsets.data(), p.experts(), tile_rows, (p.n + columns - 1) / columns};
  Tile tile;
  for (int t = 0; schedule.find(t, tile); ++t) {
    std::vector<Accumulators> d(static_cast<std::size_t>(tile_rows / 64), Accumulators{columns});
    for (int k = 0; k < p.k; k += 64) {
      shared.load_box(0, tile_rows, [&](int r, int b) {
        return bf16_byte(p, x_seed, p.rows(), tile.row + r, 2 * k + b);
      });
      shared.load_box(w_at, columns, [&](int r, int b) {
        return bf16_byte(p, w_seed, p.experts() * p.n,
                         tile.expert * p.n + tile.column * columns + r, 2 * k + b);
      });
      for (std::size_t g = 0; g < d.size(); ++g)
        for (std::uint32_t step = 0; step < 4; ++step)
          multiply_bf16(
              d[g], shared,
              k_major(static_cast<std::uint32_t>(64 * g) * swizzle_row) + moved(32 * step),
              k_major(w_at) + moved(32 * step));
    }
    for (std::size_t g = 0; g < d.size(); ++g)
      store_rows(d[g], columns, p, tile, static_cast<int>(64 * g), tile.column * columns, y);
  }
  return y;
}

float x_scale(const Problem& p, int row, int block) {
  return random_scale(x_scale_seed, static_cast<std::uint64_t>(block * p.rows() + row), 1.0F);
}
float w_scale(const Problem& p, int expert, int column_block, int block) {
  const int blocks = (p.k + 127) / 128, column_blocks = (p.n + 127) / 128;
  return random_scale(
      w_scale_seed,
      static_cast<std::uint64_t>((expert * column_blocks + column_block) * blocks + block), 1.0F);
}

// grouped_fp8 with its halves.
std::vector<float> run_fp8(const Problem& p, int tile_rows, int columns) {
  std::vector<float> y = p.y();
  const int halves = columns / scale_block;
  const auto w_at = static_cast<std::uint32_t>(tile_rows * swizzle_row);
  SharedMemory shared{w_at + static_cast<std::uint32_t>(columns * swizzle_row)};
  TileSchedule schedule{p.offsets.data(), p.experts(), tile_rows, (p.n + columns - 1) / columns};
  Tile tile;
  for (int t = 0; schedule.find(t, tile); ++t) {
    std::vector<Accumulators> d(static_cast<std::size_t>(tile_rows / 64 * halves),
                                Accumulators{scale_block});
    for (int block = 0; block * scale_block < p.k; ++block) {
      shared.load_box(0, tile_rows, [&](int r, int b) {
        return e4m3_byte(p, x_seed, p.rows(), tile.row + r, block * 128 + b);
      });
      shared.load_box(w_at, columns, [&](int r, int b) {
        return e4m3_byte(p, w_seed, p.experts() * p.n,
                         tile.expert * p.n + tile.column * columns + r, block * 128 + b);
      });
      for (int g = 0; g < tile_rows / 64; ++g)
        for (int h = 0; h < halves; ++h) {
          Accumulators sum{scale_block};
          const std::uint64_t w =
              k_major(w_at) + moved(static_cast<std::uint32_t>(h * scale_block * swizzle_row));
          for (std::uint32_t step = 0; step < 4; ++step)
            multiply_e4m3(
                sum, shared,
                k_major(static_cast<std::uint32_t>(64 * g * swizzle_row)) + moved(32 * step),
                w + moved(32 * step));
          const int column_block = tile.column * halves + h;
          if (column_block >= (p.n + 127) / 128) continue;
          const float ws = w_scale(p, tile.expert, column_block, block);
          for (int thread = 0; thread < warpgroup; ++thread)
            for (int i = 0; i < 64; ++i) {
              const int row = 64 * g + accumulator_cell(thread, i).row;
              const float xs = row < tile.rows ? x_scale(p, tile.row + row, block) : 0.0F;
              d[static_cast<std::size_t>(g * halves + h)].at(thread, i) +=
                  xs * ws * sum.at(thread, i);
            }
        }
    }
    for (int g = 0; g < tile_rows / 64; ++g)
      for (int h = 0; h < halves; ++h)
        store_rows(d[static_cast<std::size_t>(g * halves + h)], scale_block, p, tile, 64 * g,
                   tile.column * columns + h * scale_block, y);
  }
  return y;
}

double wanted(const Problem& p, bool is_fp8, int expert, int row, int column) {
  const int w_row = expert * p.n + column;
  return reference::dot(
      p.k,
      [&](std::int64_t i) {
        const int k = static_cast<int>(i);
        return is_fp8 ? static_cast<double>(from_e4m3(random_e4m3(x_seed, at(p, row, k))) *
                                            x_scale(p, row, k / 128))
                      : static_cast<double>(from_bf16(random_bf16(x_seed, at(p, row, k), 1.0F)));
      },
      [&](std::int64_t i) {
        const int k = static_cast<int>(i);
        return is_fp8 ? static_cast<double>(from_e4m3(random_e4m3(w_seed, at(p, w_row, k))) *
                                            w_scale(p, expert, column / 128, k / 128))
                      : static_cast<double>(from_bf16(random_bf16(w_seed, at(p, w_row, k), 1.0F)));
      });
}

// Largest error over rows and columns, as a share of what single precision may be off by.
double worst_error(const Problem& p, bool is_fp8, const std::vector<float>& y) {
  double squares = 0;
  for (const float v : y) squares += static_cast<double>(v) * static_cast<double>(v);
  const double rms = std::sqrt(squares / static_cast<double>(y.size()));
  REQUIRE(std::isfinite(rms));  // so that no element is off by more than can be compared
  double worst = 0;
  for (int e = 0; e < p.experts(); ++e)
    for (int row = p.offsets[static_cast<std::size_t>(e)];
         row < p.offsets[static_cast<std::size_t>(e) + 1]; row += 3)
      for (int column = 0; column < p.n; column += 5) {
        const double got = static_cast<double>(y[static_cast<std::size_t>(row * p.n + column)]);
        worst = std::max(worst, std::abs(got - wanted(p, is_fp8, e, row, column)));
      }
  return worst / (1e-5 * rms + 1e-5);
}

}  // namespace

TEST_CASE("the tiles of the bf16 grouped product give the definition") {
  const Problem p{.offsets = {0, 3, 3, 73, 73}, .n = 264, .k = 72};
  CHECK(worst_error(p, false, run_bf16(p, small_tile_rows, small_tile_columns)) < 1);
  const Problem q{.offsets = {0, 0, 131, 132}, .n = 264, .k = 136};
  CHECK(worst_error(q, false, run_bf16(q, large_tile_rows, large_tile_columns)) < 1);
}

TEST_CASE("the tiles of the fp8 grouped product give the definition with its scales") {
  const Problem p{.offsets = {0, 3, 3, 70}, .n = 136, .k = 144};
  CHECK(worst_error(p, true, run_fp8(p, small_tile_rows, small_tile_columns)) < 1);
  const Problem q{.offsets = {0, 130, 131}, .n = 136, .k = 208};
  CHECK(worst_error(q, true, run_fp8(q, large_tile_rows, large_tile_columns)) < 1);
}

TEST_CASE("the swizzle is its own inverse and spreads a column over all banks") {
  std::vector<bool> hit(swizzle_atom, false);
  for (std::uint32_t i = 0; i < swizzle_atom; ++i) {
    CHECK(swizzled(swizzled(i)) == i);
    hit[swizzled(i)] = true;
  }
  CHECK(std::count(hit.begin(), hit.end(), true) == swizzle_atom);
  std::vector<bool> chunk(8, false);
  for (std::uint32_t row = 0; row < 8; ++row) chunk[swizzled(row * 128) / 16 % 8] = true;
  CHECK(std::count(chunk.begin(), chunk.end(), true) == 8);
}

TEST_CASE("a descriptor says what it was given") {
  const Descriptor d{matrix_descriptor(0x1c400, 8192, 1024)};
  CHECK(d.address == 0x1c400);
  CHECK(d.lead == 8192);
  CHECK(d.stride == 1024);
  CHECK(Descriptor{matrix_descriptor(0x1c400, 8192, 1024) + moved(96)}.address == 0x1c460);
  CHECK((matrix_descriptor(0, 0, 0) >> 62) == 1);
}
