#pragma once
// The order in which persistent blocks of a grouped GEMM walk the tiles of all experts. Group sizes
// are read where they lie, on the device, so that a captured graph follows the routing.
#include <cstdint>

namespace jevons::calibration {

struct Tile {
  int expert = 0;
  int row = 0;     // first row of x and y
  int rows = 0;    // rows of the expert from there on; beyond the tile's height: as many as it has
  int column = 0;  // number of the tile along n
};

// Tile numbers run expert by expert. Within an expert, bands of `band` row tiles are swept along n
// with rows fastest, so that blocks at work at the same time share both row tiles and weight tiles
// in L2: the 132 blocks of an H200 read about 16 row tiles and 9 weight tiles, not 132 row tiles.
class TileSchedule {
 public:
  static constexpr int band = 16;

  // offsets [experts + 1]: first row of every expert; the last is the number of rows.
  constexpr TileSchedule(const std::int32_t* offsets, int experts, int tile_rows, int column_tiles)
      : offsets_{offsets}, experts_{experts}, tile_rows_{tile_rows}, column_tiles_{column_tiles} {}

  // Finds tile number `t`, or says that there are no more. Numbers must not fall from call to call:
  // the walk over experts only goes on.
  constexpr bool find(int t, Tile& out) {
    for (; expert_ < experts_; ++expert_) {
      const int first_row = offsets_[expert_], rows = offsets_[expert_ + 1] - first_row;
      const int row_tiles = (rows + tile_rows_ - 1) / tile_rows_;
      if (t < first_tile_ + row_tiles * column_tiles_) {
        out = place(t - first_tile_, row_tiles);
        out.rows = rows - out.row;
        out.row += first_row;
        return true;
      }
      first_tile_ += row_tiles * column_tiles_;
    }
    return false;
  }

 private:
  constexpr Tile place(int within, int row_tiles) const {
    const int number = within / (band * column_tiles_);
    const int in_band = within - number * band * column_tiles_;
    const int left = row_tiles - number * band, height = left < band ? left : band;
    return {expert_, (number * band + in_band % height) * tile_rows_, 0, in_band / height};
  }

  const std::int32_t* offsets_;
  int experts_, tile_rows_, column_tiles_;
  int expert_ = 0, first_tile_ = 0;
};

}  // namespace jevons::calibration
