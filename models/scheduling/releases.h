#pragma once
// When running jobs are expected to give back their GPUs, sorted by time: blocks of a few hundred,
// each with its sum, so that the question of EASY backfilling, when will there be room for n GPUs,
// costs a walk over the sums.
#include <cstdint>
#include <vector>

#include "models/scheduling/gang_job.h"

namespace jevons {

class Releases {
 public:
  struct Release {
    Instant when{};
    JobIndex job = 0;
    std::int32_t gpus = 0;
    auto operator<=>(const Release& o) const = default;
  };

  void insert(const Release& release);
  void erase(const Release& release);

  struct Reservation {
    Instant when{};         // the first time at which there is room
    std::int32_t free = 0;  // GPUs free from then on
  };
  // With `free` GPUs free now; a job that overran its request ends at once as far as anybody knows.
  [[nodiscard]] Reservation room_for(std::int32_t gpus, std::int32_t free, Instant now) const;
  template <class Visit>
  void visit(Visit&& each) const {
    for (const Block& b : blocks_)
      for (const Release& r : b.items) each(r);
  }

  template <class Archive>
  void archive(Archive& a) {
    a(blocks_);
  }

 private:
  static constexpr std::size_t most = 256;
  struct Block {
    std::vector<Release> items;
    std::int64_t gpus = 0;

    template <class Archive>
    void archive(Archive& a) {
      a(items, gpus);
    }
  };
  std::vector<Block>::iterator block_of(const Release& release);

  std::vector<Block> blocks_;
};

}  // namespace jevons
