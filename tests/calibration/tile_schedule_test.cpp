#include "calibration/kernels/tile_schedule.h"

#include <map>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace jevons::calibration;

namespace {

using Offsets = std::vector<std::int32_t>;

Offsets offsets_of(const std::vector<std::int32_t>& rows) {
  Offsets out{0};
  for (const std::int32_t n : rows) out.push_back(out.back() + n);
  return out;
}

// How often each (row, column tile) is computed when `blocks` persistent blocks share the tiles.
std::map<std::pair<int, int>, int> coverage(const Offsets& offsets, int tile_rows, int columns,
                                            int blocks) {
  std::map<std::pair<int, int>, int> seen;
  const int experts = static_cast<int>(offsets.size()) - 1;
  for (int block = 0; block < blocks; ++block) {
    TileSchedule schedule{offsets.data(), experts, tile_rows, columns};
    Tile tile;
    for (int t = block; schedule.find(t, tile); t += blocks) {
      CHECK(tile.row >= offsets[static_cast<std::size_t>(tile.expert)]);
      CHECK(tile.row + tile.rows == offsets[static_cast<std::size_t>(tile.expert) + 1]);
      CHECK(tile.rows > 0);
      const int end = tile.row + std::min(tile.rows, tile_rows);
      for (int row = tile.row; row < end; ++row) ++seen[{row, tile.column}];
    }
  }
  return seen;
}

}  // namespace

TEST_CASE("persistent blocks compute every row and column exactly once") {
  const std::vector<std::vector<std::int32_t>> loads{
      {1}, {0, 0, 5}, {64, 0, 65, 1, 0}, {4000, 3, 0, 129}, {0, 0, 0}, {2048, 2048}};
  for (const auto& rows : loads)
    for (const int tile_rows : {64, 128})
      for (const int columns : {1, 3, 16})
        for (const int blocks : {1, 7, 132}) {
          const Offsets offsets = offsets_of(rows);
          const auto seen = coverage(offsets, tile_rows, columns, blocks);
          REQUIRE(seen.size() == static_cast<std::size_t>(offsets.back() * columns));
          for (const auto& [place, times] : seen) REQUIRE(times == 1);
        }
}

TEST_CASE("no tile is found where no expert has rows") {
  const Offsets offsets{0, 0, 0};
  TileSchedule schedule{offsets.data(), 2, 128, 4};
  Tile tile;
  CHECK(!schedule.find(0, tile));
}

TEST_CASE("tiles at work together share a band of rows") {
  const Offsets offsets = offsets_of({128 * 64});
  TileSchedule schedule{offsets.data(), 1, 128, 32};
  Tile tile;
  int lowest = 1 << 30, highest = 0, widest = 0;
  for (int t = 0; t < 132; ++t) {
    REQUIRE(schedule.find(t, tile));
    lowest = std::min(lowest, tile.row);
    highest = std::max(highest, tile.row);
    widest = std::max(widest, tile.column);
  }
  CHECK((highest - lowest) / 128 + 1 == TileSchedule::band);
  CHECK(widest == 132 / TileSchedule::band);
}
